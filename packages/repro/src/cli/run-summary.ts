/** What a whole run found: claims by verdict, whether the gate is open, and what changed since the last report. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClaimResult } from '../claims/claim.ts';
import { judgeGate } from '../claims/gate.ts';
import { verdictWords } from '../claims/words.ts';
import type { Publication } from '../pipeline.ts';
import { parseJsonText } from '../store/records.ts';
import { plural } from '../plural.ts';
import type { Colours } from './reporters/colours.ts';

/** The claims in a published report; undefined where there are none. */
export function publishedClaims({ files, claims }: Publication, directory: string): readonly ClaimResult[] | undefined {
  if (!claims) return undefined;
  const { node, output } = claims.results;
  const [path] = Object.entries(files).find(([, file]) => file.node === node && file.output === output) ?? [];
  const file = path === undefined ? undefined : join(directory, path);
  const value = file !== undefined && existsSync(file) ? parseJsonText(readFileSync(file, 'utf8')) : undefined;
  return Array.isArray(value) ? (value as readonly ClaimResult[]) : undefined;
}

/** Lines for the end of a run. `before`: the claims of the report that was there when it began. */
export function claimLines(
  { claims }: Publication,
  before: readonly ClaimResult[] | undefined,
  results: readonly ClaimResult[],
  { bold, green, red, yellow }: Colours,
): string[] {
  if (!claims) return [];
  const { open, findings } = judgeGate(results, claims.decides, claims.acknowledged, false);
  const paint = { reproduced: green, 'not-reproduced': red, inconclusive: yellow, 'not-run': (text: string) => text };
  const counts = (Object.keys(verdictWords) as ClaimResult['verdict'][]).flatMap((verdict) => {
    const count = results.filter((result) => result.verdict === verdict).length;
    return count ? [paint[verdict](`${count} ${verdictWords[verdict]}`)] : [];
  });
  const refused = [...new Set(findings.filter(({ status }) => status === 'refused').map(({ id }) => id))];
  const gate = open
    ? green('the gate is open')
    : red(
        `the gate is shut by ${refused.slice(0, 3).join(', ') || 'nothing decided'}${refused.length > 3 ? `, ${refused.length - 3} more` : ''}`,
      );
  return [`${bold('claims')}: ${counts.join(', ')}; ${gate}`, ...changes(before, results)];
}

/** More changes than this are told as a number. */
const fewChanges = 6;

function changes(before: readonly ClaimResult[] | undefined, results: readonly ClaimResult[]): string[] {
  if (!before) return [];
  const earlier = new Map(before.map(({ id, verdict }) => [id, verdict]));
  const changed = results.flatMap(({ id, verdict }) => {
    const was = earlier.get(id);
    if (was === verdict) return [];
    return [`  ${id}: ${was ? `${verdictWords[was]} -> ` : 'new, '}${verdictWords[verdict]}`];
  });
  if (changed.length === 0) return [];
  const shown = changed.slice(0, fewChanges);
  if (changed.length > fewChanges) shown.push(`  and ${changed.length - fewChanges} more`);
  return [`${plural(changed.length, 'verdict')} changed since the last report:`, ...shown];
}
