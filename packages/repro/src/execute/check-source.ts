import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { ArtifactType } from '../graph/artifact.ts';
import { differenceOf } from '../plan/declared-outputs.ts';

/** A larger file is not read whole before a node reads it. */
export const mostBytes = 2 ** 26;

/** What was found of copies of sources, each of which is named by its content. */
const found = new WeakMap<ArtifactType, Map<string, string | undefined>>();

/**
 * Throws an Error of one line unless a source is what its type declares, JSON and tables in CSV up to 64 MiB; the process
 * of a job looks at those in Parquet. `copy`: a path that is that of one content only. `name`: of the source, for the
 * message.
 */
export function checkSource(type: ArtifactType, copy: string, name: string): void {
  if (!(type.schema || (type.columns && type.extension === '.csv'))) return;
  let known = found.get(type);
  if (!known) found.set(type, (known = new Map<string, string | undefined>()));
  if (!known.has(copy)) known.set(copy, problemOf(type, copy));
  const problem = known.get(copy);
  if (problem !== undefined) throw new Error(`${sourceFault(name)}: ${problem}`);
}

export function sourceFault(name: string): string {
  return `the source ${name} is not what its type declares`;
}

function problemOf(type: ArtifactType, copy: string): string | undefined {
  if (statSync(copy).size > mostBytes) return undefined;
  const bytes = readFileSync(copy);
  return isUtf8(bytes) ? differenceOf(type, bytes.toString('utf8')) : 'it is not UTF-8: expected UTF-8';
}
