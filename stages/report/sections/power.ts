/** Which claims a set can decide at its scale, and why not the others. */
import { formatNumber, isLeftOpen, markdownTable } from 'repro/claims';
import type { ClaimResult } from 'repro/claims';
import type { ReportContent } from '../report-content.ts';
import { leastTrue, mostFalse } from '../power.ts';
import type { ClaimPower } from '../power.ts';

export function powerSection({ claims, power, results, decides }: ReportContent): string[] {
  if (!power)
    return [
      '## What this set can decide',
      'The rules have not been simulated at the scale of this set: what it decides follows from its cells and seeds alone.',
    ];
  const rows = claims.flatMap(({ id, parts }) => {
    const found = power.claims[id];
    if (!found || results.find((result) => result.id === id)?.verdict === 'not-run') return [];
    const effects = parts.map(({ effect }) =>
      effect ? `${formatNumber(effect.holds)} / ${formatNumber(effect.fails)}` : '–',
    );
    const of = (side: 'holds' | 'fails' | 'repeats'): string =>
      found.parts.map((part) => (part[side] === null ? '–' : part[side].toFixed(2))).join('<br>');
    return [
      [`\`${id}\``, effects.join('<br>'), of('holds'), of('fails'), of('repeats'), answer(found, decides.includes(id))],
    ];
  });
  const unsimulated = results.filter((result) => isJudgedByRuleAlone(result, decides, power.claims));
  return [
    '## What this set can decide',
    `A set decides a claim if its rules pass a true claim with probability ${leastTrue} or more, and the smallest false one that would matter with ${mostFalse} or less. Both were simulated (\`bench/power\`) with the cells and seeds of this set and the noise between ${power.seeds} master seeds of the set \`ci\`. Each line of a cell is a part of the claim; *true / false* are the value, or the share of cells, that is put in. *Another seed agrees*: how often the verdict comes again where the truth is what this set measured, less the noise. Where that is near a bound, another seed may say otherwise, however precise the rule.`,
    ...(unsimulated.length ? [unsimulatedText(unsimulated.map(({ id }) => id))] : []),
    falseVerdicts(power.claims),
    markdownTable(
      ['Claim', 'True / false', 'A true one passes', 'A false one passes', 'Another seed agrees', 'Decided'],
      rows,
    ),
  ];
}

function unsimulatedText(ids: readonly string[]): string {
  const [claims, their] = ids.length === 1 ? ['1 claim', 'Its verdict'] : [`${ids.length} claims`, 'Each verdict'];
  return `${claims} that this set judges could not be simulated, since nothing is known of the noise between seeds of such models: ${ids.map((id) => `\`${id}\``).join(', ')}. ${their} is that of the rule alone; how often another seed would give it again is not known.`;
}

const isSimulated = ({ parts }: ClaimPower): boolean => parts.every(({ holds }) => holds !== null);

/** Whether a claim has a verdict that counts in this set, though its rules could not be simulated in all parts. */
export function isJudgedByRuleAlone(
  result: ClaimResult,
  decides: readonly string[],
  powers: Readonly<Record<string, ClaimPower>>,
): boolean {
  const { id, verdict } = result;
  const power = powers[id];
  const hasVerdict = verdict === 'reproduced' || (verdict !== 'not-run' && !isLeftOpen(result));
  return hasVerdict && decides.includes(id) && power !== undefined && !isSimulated(power);
}

/**
 * Of a claim: whether the set decides it; what could not be simulated is judged by its rule alone where the set says
 * so.
 */
function answer(power: ClaimPower, isJudged: boolean): string {
  if (power.decides) return 'yes';
  return isJudged && !isSimulated(power) ? `by its rule alone: ${power.reason}` : `no: ${power.reason}`;
}

/** What luck alone makes of all decided claims together. */
function falseVerdicts(power: Readonly<Record<string, ClaimPower>>): string {
  const decided = Object.values(power).filter(({ decides }) => decides);
  const sum = (value: (claim: ClaimPower) => number): string =>
    formatNumber(decided.reduce((total, claim) => total + value(claim), 0));
  const parts = decided.reduce((total, claim) => total + claim.parts.length, 0);
  return (
    `Over all ${decided.length} claims that are decided, with ${parts} parts: were all of them true, ${sum(({ holds }) => 1 - holds)} would be expected not to be reproduced by luck; ` +
    `were all of them false by the smallest effect that matters, ${sum(({ fails }) => fails)} would be expected to be reproduced. ` +
    `Another master seed is expected to give ${sum(({ repeats }) => repeats ?? 0)} of the verdicts again.`
  );
}
