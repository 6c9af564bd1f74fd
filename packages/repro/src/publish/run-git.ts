import { execFile } from 'node:child_process';

/** What `git ...args` prints in a folder; undefined where git says no, or is not there. */
export function runGit(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: Infinity, encoding: 'utf8' } as const;
    execFile('git', args, options, (error, stdout) => resolve(error ? undefined : stdout));
  });
}
