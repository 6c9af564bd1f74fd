import type { Acknowledgement } from '../pipeline.ts';
import type { ClaimResult, Verdict } from './claim.ts';

/** How one claim stands before the gate. */
export interface GateFinding {
  readonly id: string;
  readonly verdict: Verdict | 'absent';
  /** `passed`: reproduced, or as acknowledged. */
  readonly status: 'passed' | 'acknowledged' | 'refused' | 'not required';
  /** Why it is refused, or the acknowledged reason. */
  readonly message: string;
}

export interface GateResult {
  readonly open: boolean;
  readonly findings: readonly GateFinding[];
}

/**
 * The claims gate: open only if each claim that the set must decide is reproduced or has exactly the verdict that is
 * acknowledged for it. A contradiction can so be published, and can neither slip in nor go away unseen.
 * `strict` requires all claims.
 */
export function judge(
  results: readonly ClaimResult[],
  decides: readonly string[],
  acknowledged: Readonly<Record<string, Acknowledgement>>,
  strict: boolean,
): GateResult {
  const byId = new Map(results.map((result) => [result.id, result]));
  const required = new Set(strict ? [...byId.keys(), ...decides] : decides);
  const ids = [...new Set([...byId.keys(), ...decides])];
  const findings = ids.map((id): GateFinding => {
    const verdict = byId.get(id)?.verdict ?? 'absent';
    const known = acknowledged[id];
    if (!required.has(id)) return { id, verdict, status: 'not required', message: '' };
    if (known) {
      return verdict === known.verdict
        ? { id, verdict, status: 'acknowledged', message: known.reason }
        : {
            id,
            verdict,
            status: 'refused',
            message: `acknowledged as ${known.verdict}, found ${verdict}: the finding changed`,
          };
    }
    if (verdict === 'reproduced') return { id, verdict, status: 'passed', message: '' };
    return {
      id,
      verdict,
      status: 'refused',
      message: verdict === 'absent' ? 'the report has no such claim' : `${verdict}, and not acknowledged`,
    };
  });
  return { open: findings.every(({ status }) => status !== 'refused'), findings };
}
