import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { parseShard } from '../../cluster/shard.ts';
import { InputError } from '../../errors.ts';
import { WorkerPool } from '../../execute/worker-pool.ts';
import type { EventListener } from '../../events.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { earlierPaces } from '../../run.ts';
import { requireBackends } from '../../backends/require.ts';
import { selection, startRun } from '../../run.ts';
import type { RunOptions } from '../../run.ts';
import { executorOf, refuseIdle, withExecutorOptions } from './run-on-slurm.ts';
import type { ExecutorOptions } from './run-on-slurm.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { shownPath } from '../print.ts';
import {
  collect,
  defaultJobs,
  duration,
  jobCount,
  openFrom,
  ownDirectory,
  withCommonOptions,
  withExample,
} from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { RepeatableRun } from '../repeat.ts';
import { remoteLimitsOf, remotesOf } from '../../travel/project-remotes.ts';
import { reporterFor } from '../reporters/index.ts';
import type { LogFormat } from '../reporters/index.ts';
import type { ReporterOptions } from '../reporters/reporter.ts';
import { claimLines, publishedClaims } from '../run-summary.ts';
import { printDryRun } from '../dry-run.ts';

/** Ctrl-C, a batch system that takes the machine back, and a terminal that is closed. */
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Options extends CommonOptions, Omit<RunOptions, 'patterns' | 'remotes' | 'remoteLimits'>, ExecutorOptions {
  readonly remote: readonly string[] | false;
  readonly leaveOut: readonly string[];
  readonly log: LogFormat | undefined;
  readonly dryRun: boolean;
  readonly part: readonly string[];
}

export function runVerb(program: Command, invocation: Invocation): void {
  const words = exampleWords(invocation);
  const command = program
    .command('run')
    .description('build what is out of date and publish the report')
    .argument(
      '[nodes...]',
      `nodes by name or pattern, e.g. ${words.stage}, '${words.node}' or 'fit[x=1*]' (default: all)`,
    );
  const withAll = withCommonOptions(command, invocation)
    .option('--jobs <n>', 'jobs at once, each in a process of its own', jobCount, defaultJobs)
    .option('--keep-going', 'continue after a failure with everything that does not depend on it', false)
    .option(
      '--remote <place>',
      'URL or directory to take results from; repeatable (default: those in package.json)',
      collect,
      [],
    )
    .option('--no-remote', 'use no remote')
    .option('--push', 'send new results to the remotes', false)
    .option(
      '--shard <i/n>',
      'part of the work: run number i of n that share a remote, the last of which publishes',
      parseShard,
    );
  withExecutorOptions(withAll)
    .option('--part <name>', 'part of the pipeline to build, by name; repeatable', collect, [])
    .option('--budget <time>', 'time limit of the run, e.g. 90m or 8h: the most valuable nodes run first', duration)
    .option('--dry-run', 'print what would run and the estimated time, without running it', false)
    .option('--force', 'run the named nodes (default: all) even if they are fresh', false)
    .option('--until <stage>', 'last stage to run')
    .option(
      '--leave-out <nodes>',
      'nodes, by name or pattern, to skip unless they are finished: the report is made without them; repeatable',
      collect,
      [],
    )
    .addOption(
      new Option('--log <format>', 'format of progress (default: tty on a terminal, else plain)').choices([
        'tty',
        'plain',
        'json',
      ]),
    )
    .action((patterns: string[], options: Options) => run(invocation, patterns, options));
  withExample(
    command,
    invocation,
    `repro run --params ${words.set}`,
    `repro run '${words.node}' --set ${words.override} --jobs 4`,
    `repro run --until ${words.stage} --dry-run`,
  );
}

async function run(invocation: Invocation, patterns: readonly string[], options: Options): Promise<void> {
  const began = performance.now();
  const remotes = options.remote === false ? [] : remotesOf(invocation.root, options.remote);
  if (options.force && options.leaveOut.length > 0)
    throw new InputError('--leave-out with --force: use only one of them');
  if (options.push && remotes.length === 0)
    throw new InputError('--push: expected --remote, or remotes in package.json');
  if (options.shard && options.executor !== 'local')
    throw new InputError(
      `--shard ${options.shard.index}/${options.shard.count}: expected --executor local: runs on one cluster share its store, and need no shards`,
    );
  if (options.shard && remotes.length === 0)
    throw new InputError(
      `--shard ${options.shard.index}/${options.shard.count}: shards share results through a remote: expected --remote as well`,
    );
  if (options.budget !== undefined && (options.shard || options.executor !== 'local'))
    throw new InputError('--budget works for a run on this machine alone: remove --shard and --executor');
  refuseIdle(options);
  if (options.dryRun && options.log === 'json')
    throw new InputError('--log json with --dry-run: a dry run prints a table, and no progress: use only one of them');
  const session = await openFrom(invocation, options, options.dryRun ? 'look' : 'create');
  if (options.dryRun) {
    await printDryRun(session, { ...options, patterns, parts: options.part, remotes });
    session.close();
    return;
  }
  const elsewhere = executorOf(options, session);
  // What another machine computes on is seen there.
  if (!elsewhere) await requireBackends(session, selection(session, { ...options, patterns, parts: options.part }));
  // A run of some nodes publishes only what they are published as.
  const { publication } = session;
  const whole = patterns.length + options.part.length === 0 && options.until === undefined;
  const report = whole ? (publication.page ?? publication.report) : undefined;
  const before = publishedClaims(publication, session.reportDirectory);
  const words: Pick<ReporterOptions, 'report' | 'reportPath' | 'summary'> = {
    report: report === undefined ? undefined : shownPath(join(session.reportDirectory, report)),
    reportPath: report,
    summary: ({ failed, interrupted }, directory = session.reportDirectory, colour) => {
      const claims = !whole || failed > 0 || interrupted ? undefined : publishedClaims(publication, directory);
      return claims ? claimLines(publication, before, claims, colour) : [];
    },
  };
  const { emit, close } = reporterFor(options.log, { ...words, earlierPaces: () => earlierPaces(session) });
  const rerun = (node: GraphNode): string => rerunCommand(invocation, node, options);
  const { footprint } = invocation;
  const repeatable = footprint && isRepeatable(options) ? new RepeatableRun(footprint, options.log) : undefined;
  const tell: EventListener = (event) => {
    emit(event);
    repeatable?.note(event);
  };
  // Planning has taken some of it.
  const budget = options.budget === undefined ? undefined : options.budget - (performance.now() - began) / 1000;
  const remoteLimits = remoteLimitsOf(invocation.root);
  const handle = startRun(
    session,
    { ...options, patterns, parts: options.part, budget, remotes, remoteLimits },
    new WorkerPool(new URL('./worker.mjs', import.meta.url)),
    tell,
    rerun,
    elsewhere?.factory,
  );

  let interrupts = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (++interrupts > 1) process.exit(130);
    if (elsewhere) return void elsewhere.ask(signal, emit).then(handle.interrupt);
    emit({
      type: 'warning',
      message: 'interrupted: running nodes save what they have; interrupt once more to stop at once',
    });
    handle.interrupt();
  };
  for (const signal of interruptions) process.on(signal, onSignal);
  try {
    const summary = await handle.finished;
    process.exitCode = summary.interrupted ? 130 : summary.failed > 0 ? 1 : 0;
    repeatable?.keep(session.store.directory, words);
  } finally {
    close();
    for (const signal of interruptions) process.off(signal, onSignal);
  }
}

/** A forced run always has something to do, and what is elsewhere can be known only by asking. */
function isRepeatable({ force, remote, push, dryRun, executor, shard, budget }: Options): boolean {
  return (
    budget === undefined &&
    !force &&
    !push &&
    !dryRun &&
    (remote || []).length === 0 &&
    executor === 'local' &&
    shard === undefined
  );
}

/** As it must be typed again: options that change what runs are repeated. */
function rerunCommand(
  invocation: Invocation,
  node: GraphNode,
  { params, set, store, reports, backend, acceptBackend, leaveOut }: Options,
): string {
  const quoted = (text: string): string => (/^[\w./=,:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return [
    `${invocation.command} run`,
    quoted(node.name),
    `--params ${quoted(params)}`,
    ...set.map((override) => `--set ${quoted(override)}`),
    ...leaveOut.map((nodes) => `--leave-out ${quoted(nodes)}`),
    ...(store === ownDirectory(invocation, 'artifacts') ? [] : [`--store ${quoted(store)}`]),
    ...(reports === ownDirectory(invocation, 'reports') ? [] : [`--reports ${quoted(reports)}`]),
    ...(backend === 'auto' ? [] : [`--backend ${backend}`]),
    ...(acceptBackend === undefined ? [] : [`--accept-backend ${acceptBackend}`]),
  ].join(' ');
}
