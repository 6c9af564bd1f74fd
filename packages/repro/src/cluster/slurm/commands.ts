import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { reason } from '../../system-error.mjs';

/** A task of a job in the queue, or that has left it a moment ago. */
export interface QueuedTask {
  readonly id: string;
  readonly task: number;
  readonly name: string;
  /** In Slurm's words: PENDING, RUNNING, COMPLETED, ... */
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
}

export interface ClusterLimits {
  /** Tasks in one array, at most. */
  readonly arraySize: number;
}

export type Submission =
  | { readonly type: 'accepted'; readonly id: string }
  /** There are too many jobs for now. */
  | { readonly type: 'full'; readonly message: string }
  /** It was not asked, or did not answer: whether the job is in the queue is to be seen there. */
  | { readonly type: 'unreachable'; readonly message: string }
  | { readonly type: 'refused'; readonly message: string };

/** What is asked of Slurm; tests and simulations answer themselves. */
export interface Slurm {
  readonly submit: (options: readonly string[], script: string) => Promise<Submission>;
  /** All tasks of this user that are in the queue or left it a short while ago. Throws if Slurm does not answer. */
  readonly queue: () => Promise<readonly QueuedTask[]>;
  /** The states of the tasks of some jobs, by `id_task`; empty where there is no accounting. */
  readonly accounting: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly cancel: (ids: readonly string[]) => Promise<void>;
  readonly limits: () => Promise<ClusterLimits>;
  /** Ends what asks for the queue, for states and for limits, now and from now on: it counts as not answered. */
  readonly stopAsking: () => void;
}

/** Arrays have at most this many tasks where Slurm does not say. */
const usualArraySize = 1000;
const answerMilliseconds = 60_000;
const mostBytes = 256 << 20;

interface Answer {
  /** -1 if it did not come to an end of its own. */
  readonly code: number;
  /** Whether it could not be started here, and can be by nobody: it is not installed. */
  readonly isMissing?: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The environment of what is asked of Slurm. Inside a job, SLURM_* variables describe that job, and sbatch would take
 * them for wishes: what is submitted would ask for the head's memory or run on the head's nodes. Only where Slurm's
 * configuration is stays.
 */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['SLURM_CONF', 'SLURM_CONF_SERVER', 'SLURM_CLUSTERS', 'SLURM_TIME_FORMAT'];
  const isOfAJob = (name: string): boolean =>
    (/^(SLURM|SRUN|PMI|PMIX|OMPI)_/.test(name) && !kept.includes(name)) || name === 'SLURMD_NODENAME';
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isOfAJob(name)));
}

/** Slurm by its programs on PATH. */
export function slurmByCommands(environment: NodeJS.ProcessEnv = process.env): Slurm {
  const env = { ...cleanEnvironment(environment), SLURM_BITSTR_LEN: '0', LC_ALL: 'C' };
  const stop = new AbortController();
  /** Whether sbatch and scancel did what they were told has to be known. */
  const tell = (program: string, words: readonly string[]): Promise<Answer> => answerOf(program, words, env);
  const ask = (program: string, words: readonly string[]): Promise<Answer> =>
    answerOf(program, words, env, stop.signal);
  return {
    submit: async (options, script) => {
      const { code, stdout, stderr, isMissing } = await tell('sbatch', ['--parsable', ...options, script]);
      // It may have submitted the job before it was ended; where the machine starts no more programs, it may later.
      if (code === -1 && !isMissing) return { type: 'unreachable', message: stderr.replace(/^sbatch:? /, '') };
      const [, id] = /^(\d+)(?:;\S*)?\s*$/.exec(stdout.trim().split('\n').at(-1) ?? '') ?? [];
      return code === 0 && id !== undefined ? { type: 'accepted', id } : refusal(stderr || stdout);
    },
    queue: async () => {
      const { code, stdout, stderr } = await ask('squeue', [
        '--me',
        '--states=all',
        '--noheader',
        '--format=%i|%j|%T|%r',
      ]);
      if (code !== 0) throw new Error(`squeue: ${firstLine(stderr)}`);
      return parseQueue(stdout);
    },
    accounting: async (ids) => {
      const words = ['--allocations', '--parsable2', '--noheader', '--format=JobID,State', `--jobs=${ids.join(',')}`];
      const { code, stdout } = await ask('sacct', words);
      return code === 0 ? parseAccounting(stdout) : new Map<string, string>();
    },
    cancel: async (ids) => {
      if (ids.length === 0) return;
      const { code, stderr } = await tell('scancel', ids);
      if (code !== 0 && !/Invalid job id|already completing or completed/i.test(stderr))
        throw new Error(`scancel: ${firstLine(stderr)}`);
    },
    limits: async () => {
      const { stdout } = await ask('scontrol', ['show', 'config']);
      const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) ?? [];
      // The index of a task must be below it.
      return { arraySize: size === undefined ? usualArraySize : Math.max(1, Number(size) - 1) };
    },
    stopAsking: () => stop.abort(),
  };
}

/**
 * Runs a program and collects what it prints. It has a process group of its own: Ctrl-C in a terminal is sent to the
 * whole group of the run, and an sbatch that it ends may or may not have submitted its job.
 */
function answerOf(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve({ code: -1, stdout: '', stderr: `${program} was not asked` });
    const child = spawn(program, words, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let failure: string | undefined;
    const end = (why: string): void => {
      failure ??= why;
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended.
      }
      // A process that left the group may hold the output open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    // Where no more files can be opened there are no streams.
    const collect = (stream: Readable | undefined): Buffer[] => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream?.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > mostBytes) end(`${program} printed more than ${mostBytes} bytes`);
      });
      return chunks;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const timer = setTimeout(
      () => end(`${program} did not answer within ${answerMilliseconds / 1000} s`),
      answerMilliseconds,
    );
    const stop = (): void => end(`${program} was not waited for`);
    signal?.addEventListener('abort', stop);
    const settle = (code: number, message?: string, isMissing = false): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      const said = Buffer.concat(stderr).toString();
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: message ?? said, isMissing });
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT'
        ? settle(-1, `${program}: not found on PATH`, true)
        : settle(-1, `${program}: ${reason(error)}`, error.code === 'EACCES'),
    );
    child.once('close', (code, signal) => {
      if (failure !== undefined) settle(-1, failure);
      else if (code === null) settle(-1, `${program} was ended by the signal ${signal}`);
      else settle(code);
    });
  });
}

/** What sbatch means by what it says when it does not take a job. */
export function refusal(said: string): Exclude<Submission, { type: 'accepted' }> {
  const message = sbatchWords(said);
  if (
    /submit limit|MaxSubmit|too many (jobs|tasks)|Resource temporarily unavailable|Job(s)? (count )?limit/i.test(said)
  )
    return { type: 'full', message };
  if (
    /contact slurm controller|timed out|Connection refused|Communication|Socket|not answer|temporarily unable|Unable to (contact|establish)|Zero Bytes/i.test(
      said,
    )
  )
    return { type: 'unreachable', message };
  return { type: 'refused', message };
}

/** The lines of sbatch without their prefix, in one. */
function sbatchWords(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^sbatch: (error: )?/, '').trim())
    .filter((line) => line !== '');
  return [...new Set(lines)].join('; ') || 'it said nothing';
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** Lines `12_3|name|RUNNING|None`, and `12_[4-9,11%2]|name|PENDING|Priority` for tasks that wait. */
export function parseQueue(text: string): QueuedTask[] {
  const tasks: QueuedTask[] = [];
  for (const line of text.split('\n')) {
    const [, id, list, single, name, state, reason] =
      /^(\d+)(?:_(?:\[([^\]]*)\]|(\d+)))?\|([^|]*)\|(\w+)\|(.*)$/.exec(line.trim()) ?? [];
    if (id === undefined) continue;
    for (const task of list === undefined ? [Number(single ?? 0)] : expandRange(list))
      tasks.push({ id, task, name: name!, state: state!, reason: reason! });
  }
  return tasks;
}

/** `0-3,7,10-20:5%2`: the numbers it means. */
export function expandRange(text: string): number[] {
  return text
    .replace(/%.*$/, '')
    .split(',')
    .flatMap((part) => {
      const [, from, to, step] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part.trim()) ?? [];
      if (from === undefined) return [];
      const numbers: number[] = [];
      for (let i = Number(from); i <= Number(to ?? from); i += Number(step ?? 1)) numbers.push(i);
      return numbers;
    });
}

/** Lines `12_3|CANCELLED by 1000`. */
export function parseAccounting(text: string): Map<string, string> {
  const states = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [job, state] = line.trim().split('|');
    const [, id, list, single] = /^(\d+)(?:_(?:\[([^\]]*)\]|(\d+)))?$/.exec(job ?? '') ?? [];
    if (id === undefined || !state) continue;
    for (const task of list === undefined ? [Number(single ?? 0)] : expandRange(list))
      states.set(`${id}_${task}`, state.split(' ')[0]!);
  }
  return states;
}
