/**
 * The process of a job: loads the bundle of a stage, which is the code its key names, and runs one job, or one after
 * another where each left nothing behind.
 */
import { pathToFileURL } from 'node:url';
import type { BatchFailure, StageContext } from '../graph/context.ts';
import type { Denied, FromWorker, JobMessage, Remains as Left, ToWorker } from './protocol.ts';
import { JobEnvironment } from './job-environment.ts';
import { Remains, mayPass, stillWrites } from './remains.ts';

/** How long what a stage left running may take to end by itself; writing may take longer. */
const passingMilliseconds = 1_000;
const writingMilliseconds = 20_000;

// Kept here: a stage may change them.
const { setTimeout, setImmediate } = globalThis;
const send = process.send!.bind(process);
const say = (message: FromWorker): void => void send(message);

let controller = new AbortController();
let jobs = 0;
let current: JobMessage | undefined;
const variables = new JobEnvironment();

process.on('message', (message: ToWorker) => {
  if (message.type === 'abort') controller.abort();
  else void execute(message);
});
// The run has ended, or was killed.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => crash(error));
process.on('unhandledRejection', (error) => crash(error));
process.on('beforeExit', () => {
  if (current)
    crash(new Error('the promise of the stage never settles: nothing is left that could settle it: no timer, no file'));
});
/** Made when the first job comes: while its own code is loaded, Node has handlers of its own. */
let remains: Remains | undefined;

/** Characters of a message or a stack that are told of a failure. */
const longestText = 8192;

function crash(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  send(
    {
      type: 'failed',
      message: shortened(message),
      stack: shortened(stack ?? ''),
      clean: false,
      spawned: remains?.spawned ?? true,
      asked: variables.asked,
    } satisfies FromWorker,
    () => process.exit(1),
  );
}

async function execute(job: JobMessage): Promise<void> {
  controller = new AbortController();
  current = job;
  variables.begin(job.variables);
  remains ??= new Remains();
  remains.begin();
  // While the job runs, the channel to the run does not count as something that could settle its promise.
  process.channel!.unref();
  let outcome: Exclude<FromWorker, { type: 'progress' | 'finished' }> | undefined;
  let failed = true;
  const began = process.cpuUsage();
  try {
    const failures = await run(job);
    // What was rejected and nobody awaits is told only after this turn.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    const tables = job.nodes.flatMap((node) => node.tables ?? []);
    if (tables.length > 0) await (await import('./check-parquet.ts')).checkParquet(tables);
    failed = false;
    const { user, system } = process.cpuUsage(began);
    outcome = {
      type: 'done',
      ...(failures && { failures }),
      cpuSeconds: (user + system) / 1e6,
      clean: false,
      spawned: false,
    };
  } catch (error) {
    outcome = described(error);
  }
  process.channel!.ref();
  current = undefined;
  const activity = failed ? [] : await quiet(remains, job.writingLimit ?? writingMilliseconds);
  if (outcome.type === 'done' && stillWrites(activity))
    outcome = described(
      new Error(
        'the stage returned while it still writes a file: expected all writing to have ended: await every write and close every stream',
      ),
    );
  const left: Left = {
    clean: !failed && job.selfContained === true && remains.clean && isSmall(),
    spawned: remains.spawned,
    asked: variables.asked,
  };
  say({ ...outcome, ...left });
}

async function run(job: JobMessage): Promise<readonly BatchFailure[] | void> {
  const { command, given } = job.nodes[0]!;
  if (!job.batch && given) await (await import('./check-parquet.ts')).checkGiven(given);
  // Loaded only where it is needed: each job of the others starts without it.
  if (command) return (await import('./run-command.ts')).runCommand(command, controller.signal, throttled(0));
  jobs++;
  const code = await load(job.bundle);
  const contexts = job.nodes.map(
    (node, index) =>
      ({
        ...node,
        signal: controller.signal,
        progress: throttled(index),
        // Tables in Parquet are checked when the whole job is done.
        ...(job.batch && !node.tables?.length && { finished: () => say({ type: 'finished', index }) }),
      }) as unknown as StageContext,
  );
  // A stage that only listens would never hear of an interrupt that came while its code was loaded.
  controller.signal.throwIfAborted();
  if (!job.batch) {
    await runOf(code)(contexts[0]!);
    return;
  }
  const refused = await badSources(job.nodes);
  const left = [...contexts.keys()].filter((index) => !refused.some((one) => one.index === index));
  const [leftContexts, own] = [left.map((index) => contexts[index]!), left.map((index) => job.nodes[index]!.bundle)];
  let failures: readonly BatchFailure[] = [];
  if (!code.runBatch || own.some((bundle) => bundle !== undefined))
    failures = await runEach(
      leftContexts,
      own.map((bundle) => bundle ?? job.bundle),
    );
  else if (left.length > 0) failures = toldFailures(await code.runBatch(leftContexts), left.length);
  const all = [...refused, ...failures.map((failure) => ({ ...failure, index: left[failure.index]! }))];
  return all.length > 0 ? all : undefined;
}

/** The nodes of a batch that would read a table in Parquet that is not what its type declares. */
async function badSources(nodes: JobMessage['nodes']): Promise<BatchFailure[]> {
  const failures: BatchFailure[] = [];
  for (const [index, { given }] of nodes.entries()) {
    if (!given) continue;
    const { checkGiven } = await import('./check-parquet.ts');
    await checkGiven(given).catch(({ message }: Error) => void failures.push({ index, message }));
  }
  return failures;
}

interface Code {
  readonly run?: (context: StageContext) => Promise<void>;
  readonly runBatch?: (contexts: readonly StageContext[]) => Promise<readonly BatchFailure[] | void>;
}

/** Under an address of its own, so that the module starts anew for every job. */
async function load(bundle: string): Promise<Code> {
  return (await import(`${pathToFileURL(bundle).href}${jobs > 1 ? `?job=${jobs}` : ''}`)) as Code;
}

function runOf({ run }: Code): NonNullable<Code['run']> {
  if (!run) throw new Error('the code of the stage exports no run');
  return run;
}

/**
 * One after another in one module each stage, or variant of it: packages and code that they share are warm from the
 * second node on. An interrupt leaves the rest for the next run.
 */
async function runEach(
  contexts: readonly StageContext[],
  bundles: readonly string[],
): Promise<readonly BatchFailure[]> {
  const failures: BatchFailure[] = [];
  for (const [index, context] of contexts.entries()) {
    try {
      controller.signal.throwIfAborted();
      await runOf(await load(bundles[index]!))(context);
    } catch (error) {
      const outcome = described(error);
      failures.push({ index, message: outcome.message, ...(outcome.type === 'not-run' && { notRun: true }) });
    }
  }
  return failures;
}

/** What a stage says of the nodes of a batch. Throws an Error where it is no list of failures. */
function toldFailures(given: readonly BatchFailure[] | void, count: number): readonly BatchFailure[] {
  if (!given) return [];
  const isFailure = (each: Partial<BatchFailure> | null | undefined): boolean =>
    Number.isInteger(each?.index) && each!.index! >= 0 && each!.index! < count && typeof each?.message === 'string';
  if (!Array.isArray(given) || !given.every(isFailure))
    throw new Error('runBatch returned something else than failures: expected [{ index, message }, ...], or nothing');
  return given.map((failure: BatchFailure) => ({ ...failure, message: shortened(failure.message) }));
}

/** What was not permitted, if that is why it failed. */
function deniedBy(error: unknown): Denied | undefined {
  const { code, permission, resource, cause } = (error ?? {}) as Record<string, unknown>;
  if (code === 'ERR_ACCESS_DENIED')
    return { permission: String(permission), resource: typeof resource === 'string' ? resource : '' };
  return cause === undefined ? undefined : deniedBy(cause);
}

/** Of a text that nobody reads whole, its start and its end. */
function shortened(text: string): string {
  const left = text.length - longestText;
  if (left <= 0) return text;
  const half = longestText / 2;
  return `${text.slice(0, half)}\n... ${left} characters more ...\n${text.slice(-half)}`;
}

function described(thrown: unknown): Exclude<FromWorker, { type: 'progress' | 'finished' | 'done' }> {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const nothing: Left = { clean: false, spawned: false };
  if (error.name === 'NotRun') return { type: 'not-run', message: shortened(error.message), ...nothing };
  return {
    type: 'failed',
    message: shortened(error.message),
    stack: shortened(error.stack ?? ''),
    code: (error as NodeJS.ErrnoException).code,
    denied: deniedBy(error),
    ...((error as { cannotRun?: boolean }).cannotRun && { cannotRun: true }),
    ...nothing,
  };
}

/** Waits a moment for what the stage left running; returns what is still active then. */
async function quiet(remains: Remains, writingLimit: number): Promise<string[]> {
  const began = performance.now();
  for (;;) {
    const activity = remains.activity();
    const waited = performance.now() - began;
    const limit = stillWrites(activity) ? writingLimit : passingMilliseconds;
    if (!mayPass(activity) || waited > limit) return activity;
    await new Promise<void>((resolve) => void (waited < 5 ? setImmediate(resolve) : setTimeout(resolve, 10)));
  }
}

const mostBytes = 400e6;

/** Modules that were loaded are never unloaded: a process that has grown is better replaced. */
function isSmall(): boolean {
  return jobs < 200 && process.memoryUsage.rss() < mostBytes;
}

/** At most ten reports a second leave the process, however often the stage reports. */
function throttled(index: number): (fraction: number) => void {
  let last = -Infinity;
  return (fraction) => {
    const now = performance.now();
    if (now - last < 100) return;
    last = now;
    say({ type: 'progress', index, fraction });
  };
}
