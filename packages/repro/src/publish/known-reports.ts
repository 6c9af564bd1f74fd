import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the reports in a directory of reports, sorted; none where it does not exist. */
export function knownReports(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'lock.json')))
    .sort();
}
