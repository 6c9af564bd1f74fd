import { spawn } from 'node:child_process';
import type { CommandJob } from './protocol.ts';

/**
 * Runs the command of a node and waits for it. Lines `@progress 0.4` of what it prints say how far it is; all else goes
 * to the log. Not by zx, which keeps all that a command prints in memory. Throws if it ends with another code than 0.
 */
export async function runCommand(
  { line, directory, environment, timeLimit }: CommandJob,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<void> {
  const [program, ...args] = line as [string, ...string[]];
  const { REPRO_RUN, REPRO_JOB, PATH } = process.env;
  const child = spawn(program, args, {
    cwd: directory,
    env: { PATH, ...environment, REPRO_RUN, REPRO_JOB },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let late = false;
  const timer =
    timeLimit === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          child.kill('SIGKILL');
        }, timeLimit * 1000);
  const filter = progressFilter(progress);
  child.stdout.on('data', (chunk: Buffer) => process.stdout.write(filter(chunk.toString('latin1')), 'latin1'));
  try {
    const [code, ended] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ENOENT' ? new Error(`${program}: no such command: install it, or put it on the PATH`) : error,
        ),
      );
      child.on('close', (...how) => resolve(how));
    });
    signal.throwIfAborted();
    if (late) throw new Error(`${program} took longer than ${timeLimit} s, the limit of the stage, and was ended`);
    if (code !== 0)
      throw new Error(`${shown(line)} ended ${ended === null ? `with code ${code}` : `by the signal ${ended}`}`);
  } catch (error) {
    // Where it was thrown here says nothing about the command.
    if (error instanceof Error) error.stack = '';
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function shown(line: readonly string[]): string {
  const text = line.join(' ');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Longest start of a line that may still turn out to be a report of progress. */
const longestReport = 40;

/** Takes reports of progress out of a stream of text; what it holds back of it is bounded. */
export function progressFilter(progress: (fraction: number) => void): (text: string) => string {
  let pending = '';
  let inLine = false;
  return (text) => {
    let kept = '';
    pending += text;
    while (pending !== '') {
      const end = pending.indexOf('\n');
      const mayReport = !inLine && '@progress '.startsWith(pending.slice(0, 10));
      if (end < 0) {
        if (mayReport && pending.length < longestReport) return kept;
        kept += pending;
        inLine = true;
        pending = '';
        return kept;
      }
      const line = pending.slice(0, end);
      const report = inLine ? undefined : /^@progress (\d*\.?\d+)\r?$/.exec(line);
      if (report) progress(Math.min(1, Number(report[1])));
      else kept += `${line}\n`;
      pending = pending.slice(end + 1);
      inLine = false;
    }
    return kept;
  };
}
