import { spawn } from 'node:child_process';

/**
 * What `git ...args` prints in a folder; undefined where git says no, or is not there. In a process group of its own: a run
 * goes on publishing after a Ctrl-C in a terminal, which is sent to the whole group of the run.
 */
export function runGit(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('git', args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(pieces).toString('utf8') : undefined));
  });
}
