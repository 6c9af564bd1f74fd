/** From claims and the results of a run to verdicts. */
import { combineVerdicts } from './claim.ts';
import type { Alternative, ClaimResult, PartResult } from './claim.ts';
import { partId } from './definition.ts';
import type { Claim, Part } from './definition.ts';
import { describePart } from './expected.ts';
import type { Quantity } from './quantity.ts';
import { judge } from './rules.ts';
import type { JudgeOptions } from './rules.ts';
import type { Coordinates } from './selection.ts';
import { measuredText } from './words.ts';

/** What a pipeline registers for its claims. */
export interface Registered<Sources> {
  readonly quantities: readonly Quantity<Sources>[];
  readonly coordinates: Coordinates<never>;
}

/** Other evidence that the same rules are applied to: `enough` asks as many cells and seeds of it as of a run. */
export interface OtherEvidence<Sources> extends JudgeOptions {
  readonly sources: Sources;
}

/** Judges every claim by the results of a run. `alternatives`: the same rules applied to other evidence, by its name. */
export function judgeClaims<Sources>(
  claims: readonly Claim[],
  registered: Registered<Sources>,
  sources: Sources,
  alternatives: Readonly<Record<string, OtherEvidence<Sources>>> = {},
): ClaimResult[] {
  return claims.map((claim) => {
    const { id, sentence, source, by, theme } = claim;
    const parts = claim.parts.map((part, i) => judgePart(part, partId(i), registered, sources));
    const others = Object.entries(alternatives).flatMap(([name, other]): [string, Alternative][] => {
      const found = judgeAlternative(claim, registered, other);
      return found ? [[name, found]] : [];
    });
    const verdict = combineVerdicts(parts.map((part) => part.verdict));
    return { id, sentence, source, by, theme, verdict, parts, alternatives: Object.fromEntries(others) };
  });
}

function judgePart<Sources>(
  part: Part,
  id: string,
  { quantities, coordinates }: Registered<Sources>,
  sources: Sources,
  options?: JudgeOptions,
): PartResult {
  const quantity = quantities.find((known) => known.id === part.quantity);
  if (!quantity) throw new Error(`no quantity is called "${part.quantity}"`);
  const { note, ...judgement } = judge(part, quantity.measure(part, sources), options);
  return {
    ...{ id, quantity: part.quantity, rule: part.rule },
    expected: describePart(part, quantity.label, coordinates),
    measuredText: measuredText(part.rule, judgement.measured, judgement.standardError),
    ...judgement,
    detail: note,
  };
}

/** The rules of a claim applied to other evidence; undefined where it has none for any part. */
function judgeAlternative<Sources>(
  claim: Claim,
  registered: Registered<Sources>,
  { sources, ...options }: OtherEvidence<Sources>,
): Alternative | undefined {
  const parts = claim.parts.map((part, i) => judgePart(part, partId(i), registered, sources, options));
  if (parts.every((part) => part.verdict === 'not-run')) return undefined;
  return {
    verdict: combineVerdicts(parts.map((part) => part.verdict)),
    parts: parts.map(({ id, verdict, measured, measuredText: text, cells, detail }) => ({
      ...{ id, verdict, measured, measuredText: text, cells, detail },
    })),
  };
}
