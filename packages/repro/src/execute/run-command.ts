import { spawn } from 'node:child_process';
import { startOf } from '../environments/start.ts';
import { missingProgram } from '../environments/tools.ts';
import { after } from '../long-timer.ts';
import { watchMemory } from './memory-limit.ts';
import { membersOf, stopGroup } from './process-group.ts';
import { isFromOutside } from './outside-signals.ts';
import type { CommandJob } from './protocol.ts';

/**
 * Runs the command of a node and waits for it. Lines `@progress 0.4` of what it prints say how far it is; all else goes
 * to the log. Not by zx, which keeps all that a command prints in memory. Throws if it ends with another code than 0.
 */
export async function runCommand(
  job: CommandJob,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<void> {
  const { line, directory, timeLimit, memoryLimit } = job;
  const name = line[0]!;
  const { line: command, variables, container } = await startOf(job);
  signal.throwIfAborted();
  const [program, ...args] = command as [string, ...string[]];
  const { REPRO_RUN, REPRO_JOB } = process.env;
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...variables, REPRO_RUN, REPRO_JOB },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = (): void => {
    // Also what it started: a shell ends, and does not pass it on. Only the process of a job leads a group of its own.
    if (REPRO_JOB === undefined || !stopGroup()) child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  let late = false;
  const inTime =
    timeLimit === undefined
      ? undefined
      : after(timeLimit * 1000, () => {
          late = true;
          child.kill('SIGKILL');
        });
  let used = 0;
  const unwatch =
    memoryLimit === undefined || container !== undefined
      ? undefined
      : watchMemory(process.pid, memoryLimit, (bytes) => {
          used = bytes;
          child.kill('SIGKILL');
        });
  const filter = progressFilter(progress);
  child.stdout.on('data', (chunk: Buffer) => process.stdout.write(filter(chunk.toString('latin1')), 'latin1'));
  try {
    const [code, ended] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
      child.on('exit', (...how) => {
        // A process that it leaves behind may hold its output open for ever; what it printed itself is read by then.
        const leave = setTimeout(() => child.stdout.destroy(), signal.aborted ? longestSaving : outputWait);
        child.on('close', () => {
          clearTimeout(leave);
          resolve(how);
        });
      });
    });
    if (signal.aborted) await othersHaveEnded();
    signal.throwIfAborted();
    if (used > 0)
      throw new Error(
        `${name} took ${size(used)} of memory, more than ${size(memoryLimit!)}, the limit of the stage, and was ended`,
      );
    if (late) throw new Error(`${name} took longer than ${timeLimit} s, the limit of the stage, and was ended`);
    if (container !== undefined && code === noContainer)
      throw Object.assign(new Error(`${container} could not start the container (code ${code})`), { cannotRun: true });
    if (container !== undefined && code === killedInside && memoryLimit !== undefined)
      throw new Error(`${name} was killed in its container: ${size(memoryLimit)} of memory is the limit of the stage`);
    if (code !== 0) {
      const error = new Error(
        `${shown(line)} ended ${ended === null ? `with code ${code}` : `by the signal ${ended}`}`,
      );
      throw code === shellFoundNoProgram || isFromOutside(ended) ? Object.assign(error, { cannotRun: true }) : error;
    }
  } catch (error) {
    // Where it was thrown here says nothing about the command.
    if (error instanceof Error) error.stack = '';
    throw error;
  } finally {
    inTime?.();
    unwatch?.();
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves when what the command started has ended, which may be saving what it has; who asked it to stop has its own patience. */
async function othersHaveEnded(): Promise<void> {
  const began = performance.now();
  while (membersOf(process.pid).length > 0 && performance.now() - began < longestSaving)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Why no process could be started: that says nothing about the command. */
function notStarted(program: string, { code }: NodeJS.ErrnoException): Error {
  const why =
    code === 'EACCES'
      ? 'it cannot be executed: expected a program with the permission to execute it: chmod +x'
      : `no process could be started for it (${code})`;
  const message = code === 'ENOENT' ? missingProgram(program) : `${program}: ${why}`;
  return Object.assign(new Error(message), { cannotRun: true });
}

/** The exit code of podman and docker that come to no container: no daemon, no image. */
const noContainer = 125;
/** Theirs where the program in it was ended by SIGKILL, which is what the system does where memory is short. */
const killedInside = 128 + 9;

/** The exit code of a shell that did not find a program. */
const shellFoundNoProgram = 127;

/** Longer than anybody waits for a job that was asked to stop, in milliseconds. */
const longestSaving = 60_000;

/** How long the rest of a command's output is waited for once it has ended, in milliseconds. */
const outputWait = 1000;

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
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
