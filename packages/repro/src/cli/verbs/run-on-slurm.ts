import { createInterface } from 'node:readline';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { slurmOptions } from '../../cluster/slurm/options.ts';
import { configuredSlurm, slurmExecutors } from '../../cluster/slurm/session.ts';
import { InputError } from '../../errors.ts';
import type { OnInterrupt } from '../../cluster/slurm/executor.ts';
import type { EventListener } from '../../events.ts';
import type { ExecutorFactory } from '../../run.ts';
import type { Session } from '../../session-parts.ts';
import { positiveInteger } from '../options.ts';

export interface ExecutorOptions {
  readonly executor: 'local' | 'slurm';
  readonly slurm: readonly string[];
  readonly arraySize: number | undefined;
  readonly poll: number | undefined;
  readonly onInterrupt: OnInterrupt | 'ask';
}

export function withExecutorOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--executor <name>', 'where nodes are built: in processes here, or as jobs of Slurm')
        .choices(['local', 'slurm'])
        .default('local'),
    )
    .option(
      '--slurm <name=value>',
      'setting of jobs, or of those of one stage, e.g. partition=gpu or train.time=2:00:00; repeatable',
      (value: string, previous: string[]) => [...previous, value],
      [],
    )
    .option('--array-size <n>', 'tasks in one array of jobs, at most (default: what Slurm allows)', positiveInteger)
    .option(
      '--poll <seconds>',
      'time between two looks at the queue (default: 15, more while nothing changes)',
      pollSeconds,
    )
    .addOption(
      new Option('--on-interrupt <what>', 'what becomes of jobs in the queue; ask, without a terminal, means detach')
        .choices(['ask', 'detach', 'cancel'])
        .default('ask'),
    );
}

/** Throws an InputError for settings of jobs where nodes are built here: they would change nothing. */
export function refuseIdle({ executor, slurm, arraySize, poll, onInterrupt }: ExecutorOptions): void {
  if (executor === 'slurm') return;
  const [given] = [
    ...slurm.map((text) => `--slurm ${text}`),
    ...(arraySize === undefined ? [] : [`--array-size ${arraySize}`]),
    ...(poll === undefined ? [] : [`--poll ${poll}`]),
    ...(onInterrupt === 'ask' ? [] : [`--on-interrupt ${onInterrupt}`]),
  ];
  if (given !== undefined) throw new InputError(`${given}: expected --executor slurm as well`);
}

/** Of the run's verb: what builds nodes, and what is to happen before a run is interrupted. */
export function executorOf(
  { executor, slurm, arraySize, poll, onInterrupt }: ExecutorOptions,
  session: Session,
):
  | { readonly factory: ExecutorFactory; readonly ask: (signal: string, emit: EventListener) => Promise<void> }
  | undefined {
  if (executor === 'local') return undefined;
  const stages = new Set(session.graph.nodes.map(({ stage }) => stage.name));
  const options = slurmOptions(configuredSlurm(session.root), slurm, stages, { arraySize, poll });
  let decided: OnInterrupt = onInterrupt === 'cancel' ? 'cancel' : 'detach';
  return {
    factory: slurmExecutors(options, () => decided),
    ask: async (signal, emit) => {
      decided = await onSignal(onInterrupt, signal, process.stdin, emit);
    },
  };
}

/**
 * What becomes of the jobs when a signal ends a run: asked of whoever sits at the terminal `input`, if it is one. Whoever
 * sends another signal than Ctrl-C does not sit there.
 */
export async function onSignal(
  wanted: OnInterrupt | 'ask',
  signal: string,
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  emit: EventListener,
): Promise<OnInterrupt> {
  if (wanted !== 'ask') return wanted;
  if (signal !== 'SIGINT' || !input.isTTY) return 'detach';
  emit({
    type: 'warning',
    message:
      'interrupted: type c and Enter to cancel the jobs, or Enter to detach: they go on, and the next run adopts them',
  });
  const lines = createInterface({ input });
  // A terminal that is closed, or Ctrl-D, is no answer.
  const answer = new Promise<string>((resolve) => lines.once('line', resolve).once('close', () => resolve('')));
  try {
    return /^c/i.test(await answer) ? 'cancel' : 'detach';
  } finally {
    lines.close();
  }
}

function pollSeconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.05 && value <= 3600))
    throw new InvalidArgumentError('expected a number of seconds from 0.05 to 3600');
  return value;
}
