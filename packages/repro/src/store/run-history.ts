import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../graph/digest.ts';
import { writeAtomically } from './files.ts';

/** The keys that a successful run of a parameter set used: what `gc` keeps. */
export interface RunRecord {
  readonly set: string;
  readonly finishedAt: string;
  /** The run was about all nodes of the set, not only about some that the user named. */
  readonly complete: boolean;
  readonly keys: readonly string[];
  readonly file: string;
}

/** Records a run, unless the last recorded one of its set used the same keys. */
export function recordRun(
  storeDirectory: string,
  set: string,
  keys: readonly (string | undefined)[],
  complete: boolean,
): void {
  const used = keys.filter((key) => key !== undefined);
  const finishedAt = new Date().toISOString();
  const directory = join(storeDirectory, 'runs');
  const [name, digest] = [encodeURIComponent(set), sha256(used.join('\n')).slice(0, 16)];
  const last = readdirSync(directory)
    .sort()
    .reverse()
    .map((file) => fileName.exec(file))
    .find((match) => match?.[1] === name);
  if (last?.[2] === digest) return;
  const file = `${finishedAt.replaceAll(':', '')}_${name}_${digest}.json`;
  writeAtomically(join(directory, file), JSON.stringify({ set, finishedAt, complete, keys: used }));
}

/** Time, set and digest of the keys: what the last run used is told without opening it. */
const fileName = /^[^_]+_(.+)_([0-9a-f]{16})\.json$/;

/** All recorded runs, the latest first. An unreadable record is left out. */
export function readRuns(storeDirectory: string): RunRecord[] {
  const directory = join(storeDirectory, 'runs');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .flatMap((name) => {
      try {
        return [
          {
            ...(JSON.parse(readFileSync(join(directory, name), 'utf8')) as Omit<RunRecord, 'file'>),
            file: join(directory, name),
          },
        ];
      } catch {
        return [];
      }
    });
}
