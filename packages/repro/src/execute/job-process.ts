import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passedOn } from './job-environment.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** How the processes of jobs are started. */
export interface ProcessOptions {
  /** Options of Node. */
  readonly execArgv?: readonly string[];
  /** In place of those that jobs have from here. */
  readonly variables?: Readonly<Record<string, string>>;
}

let made = 0;

/**
 * A process that runs jobs: the leader of a process group of its own, which ends with it, so that whatever a stage
 * started ends too. What it and its children print goes into a file without a name.
 */
export class JobProcess {
  readonly #child: ChildProcess;
  /** Descriptor of the file with what was printed. */
  readonly log: number;
  /** Resolves when the leader has ended: its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** What every process that descends from this one has as REPRO_JOB in its environment, unless it cleared it. */
  readonly #mark: string;
  onMessage: (message: FromWorker) => void = () => undefined;

  constructor(script: string, run: string, { execArgv = [], variables = {} }: ProcessOptions = {}) {
    const name = join(tmpdir(), `repro-log-${process.pid}-${made++}-${run}`);
    this.log = openSync(name, 'ax+', 0o600);
    rmSync(name, { force: true });
    this.#mark = `${run}-${made}`;
    this.#child = fork(script, [], {
      detached: true,
      execArgv: [...execArgv],
      stdio: ['ignore', this.log, this.log, 'ipc'],
      env: {
        ...passedOn(process.env),
        REPRO_RUN: run,
        REPRO_JOB: this.#mark,
        // What a stage prints of dates and numbers is the same wherever it runs.
        TZ: 'UTC',
        LANG: 'C.UTF-8',
        LC_ALL: 'C.UTF-8',
        ...variables,
      },
    });
    this.#child.on('message', (message) => this.onMessage(message as FromWorker));
    this.exited = new Promise((resolve) => {
      this.#child.on('error', () => resolve(-1));
      this.#child.on('exit', (code, signal) => resolve(signal ?? code ?? -1));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** So that an idle process does not keep this one alive. */
  rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  wake(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  /** Ends the whole group, and with `strays` also what left the group. Resolves when all have ended. */
  async end(strays: boolean): Promise<void> {
    this.wake();
    const { pid } = this;
    if (pid === undefined) return;
    this.#signal(pid);
    await this.exited;
    if (!strays) return;
    // Those that were just being started by others are found in the next round.
    for (let round = 0; round < 50; round++) {
      this.#signal(pid);
      const found = marked(this.#mark);
      for (const stray of found) killOne(stray);
      if (found.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** At once, without waiting. */
  kill(): void {
    if (this.pid !== undefined) this.#signal(this.pid);
  }

  #signal(pid: number): void {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

/** Processes with this mark in their environment. Empty where the system does not tell. */
function marked(mark: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').includes(`REPRO_JOB=${mark}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
