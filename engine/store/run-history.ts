import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './files.ts';

/** The keys that a run of a parameter set used: what `gc` keeps. */
export interface RunRecord {
  readonly set: string;
  readonly finishedAt: string;
  readonly keys: readonly string[];
  readonly file: string;
}

export function recordRun(storeDirectory: string, set: string, keys: readonly (string | undefined)[]): void {
  const finishedAt = new Date().toISOString();
  const file = join(storeDirectory, 'runs', `${finishedAt.replaceAll(':', '')}-${process.pid}.json`);
  writeAtomically(file, JSON.stringify({ set, finishedAt, keys: keys.filter((key) => key !== undefined) }));
}

/** All recorded runs, the latest first. An unreadable record is left out. */
export function readRuns(storeDirectory: string): RunRecord[] {
  const directory = join(storeDirectory, 'runs');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .flatMap((name) => {
      try {
        return [{ ...(JSON.parse(readFileSync(join(directory, name), 'utf8')) as Omit<RunRecord, 'file'>), file: join(directory, name) }];
      } catch {
        return [];
      }
    });
}
