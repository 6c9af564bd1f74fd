import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folders in the root of a project that runs make: stores, and reports. What a pattern finds there would be other
 * after each run, so that a node that reads it is never fresh: `**` does not mean them, and `reports/quick/*.csv` does.
 */
export function foldersOfRuns(root: string): string[] {
  return (
    readdirSync(root, { withFileTypes: true })
      // A store may be on another disk, behind a link.
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .filter((name) => {
        if (['node_modules', '.git'].includes(name)) return false;
        const folder = join(root, name);
        return existsSync(join(folder, 'repro-store.json')) || hasReport(folder);
      })
  );
}

/** Whether one of its folders is a published report. */
function hasReport(folder: string): boolean {
  try {
    return readdirSync(folder, { withFileTypes: true }).some(
      (entry) =>
        entry.isDirectory() &&
        ['lock.json', 'provenance.json'].every((name) => existsSync(join(folder, entry.name, name))),
    );
  } catch {
    // One that may not be read is told when it is walked.
    return false;
  }
}
