import { InputError } from '../errors.ts';
import { WorkerPool } from '../execute/worker-pool.ts';
import { terminalLine } from '../escape.ts';
import { execNode } from './exec-node.ts';
import { cleanEnvironment } from './slurm/commands.ts';

/** Slurm gives a job 30 s, unless configured otherwise, from the request to stop until it is killed. */
const graceMilliseconds = 25_000;
/** EX_TEMPFAIL: another job goes on. */
const stoppedCode = 75;

/**
 * Builds the nodes of a task in this process and its children; returns its exit code. A signal lets the running node save
 * a checkpoint. Stages do not see the variables of the job.
 */
export async function runExecNode(directory: string, task: number): Promise<number> {
  const environment = { ...process.env };
  const clean = cleanEnvironment(environment);
  for (const name of Object.keys(process.env))
    if (clean[name] === undefined || name.startsWith('SLURM_')) delete process.env[name];
  const runner = new WorkerPool(new URL('./worker.mjs', import.meta.url), { grace: graceMilliseconds });
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    runner.abort();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGXCPU'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return (await execNode(directory, task, { runner, isStopped: () => stopped, environment })) ? 0 : stoppedCode;
  } catch (error) {
    const message = error instanceof InputError ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`repro: ${terminalLine(message)}\n`);
    return error instanceof InputError ? 2 : 1;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
