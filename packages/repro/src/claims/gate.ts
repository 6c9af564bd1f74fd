/** The claims gate: whether what a run found may be taken for what its set says of the claims. */
import { combineVerdicts } from './claim.ts';
import type { ClaimResult, PartResult, Verdict } from './claim.ts';
import type { Acknowledgement, Claim } from './definition.ts';
import { partId } from './definition.ts';
import { formatNumber } from './numbers.ts';
import { verdictWords } from './words.ts';

/** How one part of a claim stands before the gate. */
export interface GateFinding {
  /** Of the claim. */
  readonly id: string;
  /** `a`, `b`, ...; null where the finding is about the claim as a whole. */
  readonly part: string | null;
  readonly verdict: Verdict | 'absent';
  /** `95%`, `1.013 ± 0.021`; empty where nothing was measured. */
  readonly measured: string;
  /** `passed`: reproduced. `acknowledged`: as the finding says that is known of it. */
  readonly status: 'passed' | 'acknowledged' | 'refused' | 'not required';
  /** Why it is refused, or the acknowledged reason. */
  readonly message: string;
}

export interface GateResult {
  readonly open: boolean;
  readonly findings: readonly GateFinding[];
}

/** Claim -> part -> what is known of it in a set. */
export type Acknowledgements = Readonly<Record<string, Readonly<Record<string, Acknowledgement>>>>;

/** The findings of a set, as its claims acknowledge them. */
export function acknowledgementsOf(claims: readonly Claim[], set: string): Acknowledgements {
  return Object.fromEntries(
    claims.flatMap(({ id, parts }) => {
      const known = parts.flatMap(({ acknowledged }, i) =>
        acknowledged?.[set] ? [[partId(i), acknowledged[set]] as const] : [],
      );
      return known.length ? [[id, Object.fromEntries(known)] as const] : [];
    }),
  );
}

/** Claim -> part -> the reason that its acknowledgement gives, for a page. */
export function reasonsOf(acknowledged: Acknowledgements): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(acknowledged).map(([id, parts]) => [
      id,
      Object.fromEntries(Object.entries(parts).map(([part, { reason }]) => [part, reason])),
    ]),
  );
}

/**
 * Open only if the set decides a claim at all, and each part of each claim that it decides is reproduced, or has the
 * verdict, and a measured value in the range, that is acknowledged for it. A contradiction can so be published, and can
 * neither slip in, nor change, nor go away unseen; also where the set does not decide the claim. `strict` requires all
 * claims.
 */
export function judgeGate(
  results: readonly ClaimResult[],
  decides: readonly string[],
  acknowledged: Acknowledgements,
  strict: boolean,
): GateResult {
  const byId = new Map(results.map((result) => [result.id, result]));
  const required = new Set(strict ? [...byId.keys(), ...decides] : decides);
  const ids = [...new Set([...byId.keys(), ...decides])];
  const findings = ids.flatMap((id): GateFinding[] => {
    const result = byId.get(id);
    if (!result) return [refused(id, null, 'absent', '', 'the report has no such claim')];
    if (!required.has(id)) {
      const notRequired = { status: 'not required', message: '' } as const;
      const known = acknowledged[id];
      if (!known) return [{ ...about(result), ...notRequired }];
      return result.parts.map((part) =>
        known[part.id]
          ? onePart(result, part, known[part.id])
          : { id, part: part.id, verdict: part.verdict, measured: part.measuredText, ...notRequired },
      );
    }
    return [
      ...wholeClaim(result, acknowledged[id] ?? {}),
      ...result.parts.map((part) => onePart(result, part, acknowledged[id]?.[part.id])),
    ];
  });
  if (!decides.length)
    findings.push(
      refused('decides', null, 'absent', '', 'this set decides no claim: expected at least one id in `decides`'),
    );
  if (byId.size < results.length) findings.push(refused('results', null, 'absent', '', 'a claim is there twice'));
  return { open: findings.every(({ status }) => status !== 'refused'), findings };
}

/** What is wrong with a claim as a whole: a verdict that its parts do not have, a finding of a part that is not there. */
function wholeClaim(result: ClaimResult, acknowledged: Readonly<Record<string, Acknowledgement>>): GateFinding[] {
  const { id, verdict, parts } = result;
  const combined = combineVerdicts(parts.map((part) => part.verdict));
  const findings: GateFinding[] = [];
  if (verdict !== combined) {
    const message = `the claim is said to be ${verdictWords[verdict]}, its parts say ${verdictWords[combined]}`;
    findings.push(refused(id, null, verdict, '', message));
  }
  for (const part of Object.keys(acknowledged))
    if (!parts.some((known) => known.id === part))
      findings.push(refused(id, part, 'absent', '', 'a finding is acknowledged for this part, which is not there'));
  return findings;
}

function onePart({ id }: ClaimResult, part: PartResult, known: Acknowledgement | undefined): GateFinding {
  const { verdict, measured, measuredText } = part;
  const refuse = (message: string): GateFinding => refused(id, part.id, verdict, measuredText, message);
  const passed = { id, part: part.id, verdict, measured: measuredText };
  if (!known) {
    if (verdict === 'reproduced') return { ...passed, status: 'passed', message: '' };
    // Of what neither holds nor fails a reader asks why.
    const why = verdict !== 'not-reproduced' && part.detail ? `: ${part.detail}` : '';
    return refuse(`${verdictWords[verdict]}, and not acknowledged${why}`);
  }
  if (verdict !== known.verdict)
    return refuse(
      `acknowledged as ${verdictWords[known.verdict]}, found ${verdictWords[verdict]}: the finding changed`,
    );
  const { low, high } = known;
  if (low === undefined && high === undefined && measured !== null)
    return refuse(`acknowledged without a measured value, measured ${formatNumber(measured)}: the finding changed`);
  const outside =
    (low !== undefined && !(measured !== null && measured >= low)) ||
    (high !== undefined && !(measured !== null && measured <= high));
  if (outside) {
    const value = measured === null ? 'nothing' : toldApart(measured, [low, high]);
    return refuse(`acknowledged ${rangeText(low, high)}, measured ${value}: the finding changed`);
  }
  return { ...passed, status: 'acknowledged', message: known.reason };
}

function rangeText(low: number | undefined, high: number | undefined): string {
  if (low !== undefined && high !== undefined) return `between ${formatNumber(low)} and ${formatNumber(high)}`;
  return low !== undefined ? `from ${formatNumber(low)} up` : `up to ${formatNumber(high!)}`;
}

/** A number with all its digits where with fewer it would read as one of the limits that it is beyond. */
function toldApart(value: number, limits: readonly (number | undefined)[]): string {
  const text = formatNumber(value);
  return limits.some((limit) => limit !== undefined && formatNumber(limit) === text)
    ? String(value).replace('-', '−')
    : text;
}

function about({ id, verdict, parts }: ClaimResult): Pick<GateFinding, 'id' | 'part' | 'verdict' | 'measured'> {
  return { id, part: null, verdict, measured: parts.map(({ measuredText }) => measuredText || '–').join('; ') };
}

function refused(
  id: string,
  part: string | null,
  verdict: GateFinding['verdict'],
  measured: string,
  message: string,
): GateFinding {
  return { id, part, verdict, measured, status: 'refused', message };
}
