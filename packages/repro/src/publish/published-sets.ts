import { relative } from 'node:path';
import { knownReports } from './known-reports.ts';
import { runGit } from './run-git.ts';

/**
 * Reports that others are to rely on: the directories of reports that git tracks something in. Outside of git, those
 * with a lock, without the ones of single runs (`quick+base=2`).
 */
export async function publishedSets(root: string, reports: string): Promise<string[]> {
  const tracked = (await runGit(root, 'ls-files', '-z', '--', reports)) ?? '';
  if (tracked !== '') {
    const prefix = `${relative(root, reports).replaceAll('\\', '/')}/`;
    const sets = tracked.split('\0').map((path) => path.slice(prefix.length).split('/'));
    return [...new Set(sets.flatMap(([set, ...rest]) => (set && rest.length > 0 ? [set] : [])))].sort();
  }
  return knownReports(reports).filter((set) => !set.includes('+'));
}
