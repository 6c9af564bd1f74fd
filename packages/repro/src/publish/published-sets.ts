import { relative } from 'node:path';
import { knownReports } from './known-reports.ts';

/**
 * Reports that others are to rely on: the directories of reports that git tracks something in. Outside of git, those
 * with a lock, without the ones of single runs (`quick+base=2`).
 */
export async function publishedSets(root: string, reports: string): Promise<string[]> {
  const { $ } = await import('zx');
  const { exitCode, stdout } = await $({ cwd: root, quiet: true, nothrow: true })`git ls-files -z -- ${reports}`;
  if (exitCode === 0 && stdout !== '') {
    const prefix = `${relative(root, reports).replaceAll('\\', '/')}/`;
    const sets = stdout.split('\0').map((path) => path.slice(prefix.length).split('/'));
    return [...new Set(sets.flatMap(([set, ...rest]) => (set && rest.length > 0 ? [set] : [])))].sort();
  }
  return knownReports(reports).filter((set) => !set.includes('+'));
}
