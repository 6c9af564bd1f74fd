/** Claims from run to run: what `watch` shows. */
import type { GateFinding } from '../claims/gate.ts';
import { terminalLine } from '../escape.ts';
import { table } from './print.ts';

/** A claim, or a part of one, as `verify --json` has it. */
export type WatchedClaim = Pick<GateFinding, 'id' | 'part' | 'verdict' | 'measured'>;

/** The claims in what `verify --json` printed; undefined where it printed none. */
export function parseClaims(text: string): WatchedClaim[] | undefined {
  try {
    const { findings } = JSON.parse(text) as { findings?: WatchedClaim[] };
    return findings;
  } catch {
    return undefined;
  }
}

/** A line a claim, with what it was before where that differs. */
export function changeText(claims: readonly WatchedClaim[], before: readonly WatchedClaim[] | undefined): string {
  const known = new Map(before?.map((claim) => [`${claim.id}/${claim.part}`, claim]));
  const rows = claims.map((claim) => {
    const was = known.get(`${claim.id}/${claim.part}`);
    const differs = was && (was.verdict !== claim.verdict || was.measured !== claim.measured);
    const change = differs ? `was ${words(was.verdict)} ${was.measured}` : was || !before ? '' : 'new';
    return [claim.id, claim.part ?? '', words(claim.verdict), claim.measured, change].map(terminalLine);
  });
  return table([['claim', 'part', 'verdict', 'measured', ''], ...rows]);
}

const words = (verdict: string): string => verdict.replaceAll('-', ' ');
