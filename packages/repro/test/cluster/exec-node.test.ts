import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Type } from '@sinclair/typebox';
import { execNode } from '../../src/cluster/exec-node.ts';
import { describeNode } from '../../src/cluster/node-file.ts';
import { StoreSpool } from '../../src/cluster/spool.ts';
import type { KeyEnd, TaskFile } from '../../src/cluster/spool.ts';
import { untilVisible } from '../../src/cluster/visible.ts';
import { InputError } from '../../src/errors.ts';
import type { Executor, NodeEnd, NodeToBuild } from '../../src/execute/executor.ts';
import type { JobMessage } from '../../src/execute/protocol.ts';
import type { JobOutcome, Runner } from '../../src/execute/worker-pool.ts';
import { directory } from '../../src/graph/artifact.ts';
import { defineCommand } from '../../src/graph/command.ts';
import { source } from '../../src/graph/graph.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { defineStage } from '../../src/graph/stage.ts';
import { Leases } from '../../src/store/lease.ts';
import type { Outcome } from '../../src/plan/outcome.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { PuppetProject, SourceText, Text, puppetStage, puppetText } from '../puppets.ts';

const make = puppetStage('make');
const mix = puppetStage('mix');
let place: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
let shared: string;
beforeEach(() => {
  place = temporaryDirectory();
  project = new PuppetProject(place.path);
  project.write('data/a.txt', 'some text');
  project.build(() => {
    const read = [source('data/a.txt', SourceText)];
    const made = [0, 1].map((i) => make({ i }, { from: [], maybe: undefined, read }).out);
    mix({}, { from: made, maybe: undefined, read: [] });
  });
  shared = join(project.root, 'shared');
});
afterEach(() => place[Symbol.dispose]());

/** A runner that builds what puppets are made of, or what `act` makes of it. */
class MachineRunner implements Runner {
  readonly seen: JobMessage['nodes'][number][] = [];
  readonly act: (job: JobMessage['nodes'][number]) => JobOutcome | undefined;

  constructor(act: MachineRunner['act'] = () => undefined) {
    this.act = act;
  }

  run({ nodes }: JobMessage): Promise<JobOutcome> {
    for (const job of nodes) {
      this.seen.push(job);
      const outcome = this.act(job);
      if (outcome) return Promise.resolve(outcome);
      writeFileSync(job.outputs['out']!.path, puppetText(job));
    }
    return Promise.resolve({ type: 'done' });
  }

  abort(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Machine {
  readonly runner: MachineRunner;
  readonly isStopped?: () => boolean;
  readonly options?: Partial<TaskFile>;
  readonly environment?: NodeJS.ProcessEnv;
}

let jobs = 0;

/** Builds each unit as a job of its own would, from its files. */
async function buildAsJob(
  nodes: readonly NodeToBuild[],
  outcomeOf: (node: GraphNode) => Outcome,
  machine: Machine,
): Promise<(KeyEnd | undefined)[]> {
  const store = project.openStore('shared');
  const { code } = project.context(store);
  const spool = new StoreSpool(store.directory, project.root, () => '');
  const name = `repro-${jobs++}`;
  const context = {
    root: project.root,
    code: ({ stage }: GraphNode) => code.get(stage)!,
    numericClass: () => undefined,
    pinOf: () => undefined,
    outcomeOf,
  };
  const task = {
    root: project.root,
    visibilitySeconds: 0,
    units: [{ batch: false, nodes: nodes.map((node) => describeNode(node, context)) }],
    ...machine.options,
  };
  const attempts = { lost: 0, memory: 0, time: 0 };
  spool.create({ name, head: 'run', arguments: [], tasks: [[{ keys: nodes.map(({ key }) => key), attempts }]] }, () => [
    JSON.parse(JSON.stringify(task)) as TaskFile,
  ]);
  const { runner, isStopped = () => false, environment = {} } = machine;
  await execNode(join(spool.directory, name), 0, { runner, isStopped, environment });
  return nodes.map(({ key }) => spool.end(name, key));
}

function executorOn(machine: Machine): (outcomeOf: (node: GraphNode) => Outcome) => Executor {
  return (outcomeOf) => ({
    name: 'jobs',
    build: async ({ nodes }) => {
      const ends = await buildAsJob(nodes, outcomeOf, machine);
      const store = project.openStore('shared');
      return ends.map((end, i): NodeEnd =>
        end?.type === 'recorded' ? { ...end, result: store.readResult(nodes[i]!.key)! } : (end ?? { type: 'open' }),
      );
    },
    flush: () => undefined,
    stop: () => undefined,
    interrupt: () => undefined,
    close: () => Promise.resolve(),
  });
}

/** A node of the project whose inputs are there and that has no result. */
function ready(name = 'make[i=0]'): NodeToBuild {
  const { key, inputs } = project.states(project.openStore('shared'))[name] as unknown as Pick<
    NodeToBuild,
    'key' | 'inputs'
  >;
  return { node: project.node(name), key, inputs, force: false };
}
const none = (): Outcome => ({ state: 'absent' });

test('a run whose executor leaves a node open, and was not interrupted, does not end well', async () => {
  const executor: Executor = {
    ...executorOn({ runner: new MachineRunner() })(none),
    build: ({ nodes }) => Promise.resolve(nodes.map(() => ({ type: 'open' }))),
  };
  const run = project.start({ executor: () => executor }, 'left-open');
  await assert.rejects(run.finished, /3 of 3 nodes came to no end, and nothing says why: run again/);
});

test('nodes that jobs built from their files have the same lock and traces as those built here', async () => {
  const here = project.start();
  await here.finishAll();
  const machine = new MachineRunner();
  const there = project.start({ executor: executorOn({ runner: machine }) }, 'shared');
  const summary = await there.finished;
  assert.deepEqual([summary.executed, summary.failed], [3, 0]);
  assert.equal(there.lock(), here.lock());
  const traces = (name: string): unknown[] => {
    const store = project.openStore(name);
    return store.keys().map((key) => {
      const {
        machine: _,
        seconds: __,
        finishedAt: ___,
        ...trace
      } = JSON.parse(Buffer.from(store.read(store.readResult(key)!.trace)!).toString('utf8')) as Record<
        string,
        unknown
      >;
      return trace;
    });
  };
  assert.deepEqual(traces('shared'), traces('artifacts'));
  assert.deepEqual(readdirSync(join(shared, 'leases')), [], 'no lease is left');
  assert.deepEqual(readdirSync(join(shared, 'scratch')), [], 'nothing of the nodes is left');
});

test('a node of a unit whose source is not what it should be fails alone', async () => {
  const Declared = { ...SourceText, schema: Type.Object({ a: Type.Number() }) };
  project.build(() => {
    for (const [i, text] of ['{"a": 1}', '{"b": 1}'].entries()) {
      project.write(`data/${i}.json`, text);
      make({ i }, { from: [], maybe: undefined, read: [source(`data/${i}.json`, Declared)] });
    }
  });
  const both = [ready('make[i=0]'), ready('make[i=1]')];
  const [well, wrong] = await buildAsJob(both, none, { runner: new MachineRunner() });
  assert.equal(well?.type, 'recorded');
  assert.match(JSON.stringify(wrong), /the source data\/1\.json is not what its type declares: a: missing/);
});

test('a job builds what was planned, although the project was edited since', async () => {
  const node = ready();
  const runner = new MachineRunner((job) => {
    assert.equal(readFileSync((job.inputs['read'] as { path: string }[])[0]!.path, 'utf8'), 'some text');
    return undefined;
  });
  const store = project.openStore('shared');
  const spool = new StoreSpool(store.directory, project.root, () => '');
  // Copied when the job is written down, read when it runs.
  const { code } = project.context(store);
  const described = describeNode(node, {
    root: project.root,
    code: ({ stage }) => code.get(stage)!,
    numericClass: () => undefined,
    pinOf: () => undefined,
    outcomeOf: none,
  });
  spool.create({ name: 'repro-early', head: '', arguments: [], tasks: [[]] }, () => [
    { root: project.root, visibilitySeconds: 0, units: [{ batch: false, nodes: [described] }] },
  ]);
  project.write('data/a.txt', 'edited');
  await execNode(join(spool.directory, 'repro-early'), 0, { runner, isStopped: () => false, environment: {} });
  assert.equal(spool.end('repro-early', node.key)?.type, 'recorded');
});

test('a node that has a result by now is left alone; one that another builds is waited for', async () => {
  const runner = new MachineRunner();
  const [first, second] = [ready(), ready('make[i=1]')];
  await buildAsJob([first], none, { runner });
  assert.deepEqual(await buildAsJob([first], none, { runner }), [{ type: 'recorded', seconds: 0 }]);
  assert.equal(runner.seen.length, 1);
  const leases = new Leases(shared);
  leases.acquire(second.key);
  const waiting = buildAsJob([second], none, { runner });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(runner.seen.length, 1);
  leases.releaseAll();
  await waiting;
  assert.equal(runner.seen.length, 2);
});

test('on the own disk of a machine: inputs are copies there, outputs come home, checkpoints stay in the store', async () => {
  const local = join(project.root, 'disk');
  const paths: string[] = [];
  const runner = new MachineRunner((job) => {
    paths.push(job.outputs['out']!.path, ...((job.inputs['from'] as { path: string }[]) ?? []).map(({ path }) => path));
    writeFileSync(join(job.scratch, 'checkpoint'), '1');
    assert.ok(
      readdirSync(join(shared, 'scratch')).some((name) => existsSync(join(shared, 'scratch', name, 'work/checkpoint'))),
    );
    return undefined;
  });
  const options = { scratch: '$DISK/jobs' };
  const node = ready();
  const there = project.start({ executor: executorOn({ runner, options, environment: { DISK: local } }) }, 'shared');
  assert.equal((await there.finished).executed, 3);
  assert.ok(
    paths.every((path) => path.startsWith(`${local}/jobs/`)),
    paths.join(' '),
  );
  assert.deepEqual(readdirSync(join(local, 'jobs')), [], 'the disk is left as it was');
  await assert.rejects(
    buildAsJob([{ ...node, force: true }], none, { runner, options }),
    (error) => error instanceof InputError && /scratch \$DISK\/jobs: \$DISK is not set/.test(error.message),
  );
});

test('a sandbox shows a command the copies of its sources, and where its checkpoints are', async () => {
  const count = defineCommand({
    name: 'count',
    summary: 'words of a text',
    files: [],
    params: Type.Object({}),
    inputs: { text: SourceText },
    outputs: { out: Text },
    run: ({ inputs, outputs }) => ['wc', inputs.text, outputs.out],
  });
  project.build(() => void count({}, { text: source('data/a.txt', SourceText) }));
  const node = { ...ready('count'), force: true };
  const runner = new MachineRunner(({ command, inputs, scratch, outputs }) => {
    const { own, inputs: read, kept } = command!.folders;
    const isBelow = (path: string, folders: readonly string[]): boolean =>
      folders.some((folder) => realpathSync(path).startsWith(`${folder}/`));
    assert.ok(isBelow((inputs['text'] as { path: string }).path, [own, ...read]));
    assert.ok(isBelow(join(scratch, '.'), [own]) || realpathSync(scratch) === kept);
    writeFileSync(outputs['out']!.path, '1');
    return { type: 'done' };
  });
  for (const options of [{}, { scratch: join(project.root, 'disk') }])
    assert.equal((await buildAsJob([node], none, { runner, options }))[0]?.type, 'recorded');
  assert.equal(runner.seen.length, 2);
});

test('on the own disk of a machine: an output that is a folder comes home too', async () => {
  const spread = defineStage({
    name: 'spread',
    summary: 'many files',
    params: Type.Object({}),
    inputs: {},
    outputs: { out: directory('texts') },
  });
  project.build(() => void spread({}, {}));
  const runner = new MachineRunner((job) => {
    writeFileSync(join(job.outputs['out']!.path, 'a.txt'), 'one of many');
    return { type: 'done' };
  });
  const node = { ...ready('spread'), force: true };
  const digests: string[] = [];
  for (const options of [{}, { scratch: join(project.root, 'disk') }]) {
    const [end] = await buildAsJob([node], none, { runner, options });
    assert.equal(end?.type, 'recorded', JSON.stringify(end));
    const store = project.openStore('shared');
    digests.push(store.readResult(node.key)!.outputs['out']!.digest);
    store.forgetResult(node.key);
  }
  assert.equal(digests[0], digests[1]);
});

test('a failure is written down, with what was printed; a stop is not a failure', async () => {
  const falls = new MachineRunner(() => ({ type: 'failed', message: 'it fell', log: 'last words' }));
  assert.deepEqual(await buildAsJob([ready()], none, { runner: falls }), [
    { type: 'failed', message: 'it fell', log: 'last words' },
  ]);
  let stopped = false;
  const stops = new MachineRunner(() => ((stopped = true), { type: 'failed', message: 'aborted', log: '' }));
  assert.deepEqual(await buildAsJob([ready()], none, { runner: stops, isStopped: () => stopped }), [undefined]);
  const last = join(shared, 'cluster', `repro-${jobs - 1}`, 'ends');
  assert.deepEqual(readdirSync(last).sort(), ['begun-0', 'stopped-0']);
  assert.deepEqual(readdirSync(join(shared, 'leases')), []);
});

test('a blob that is recorded and not yet seen is waited for, with a limit', async () => {
  const { executor } = { executor: executorOn({ runner: new MachineRunner() }) };
  await project.start({ executor, wanted: ['make[i=0]'] }, 'shared').finished;
  const store = project.openStore('shared');
  const { outputs } = store.readResult(store.keys()[0]!)!;
  const hidden = `${store.blobPath(outputs['out']!.digest)}.hidden`;
  renameSync(store.blobPath(outputs['out']!.digest), hidden);
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (milliseconds: number): Promise<void> => {
      now += milliseconds;
      if (now === 5_000) renameSync(hidden, store.blobPath(outputs['out']!.digest));
      return Promise.resolve();
    },
  };
  assert.deepEqual(await untilVisible(store, Object.values(outputs), 3, clock), Object.values(outputs));
  assert.deepEqual(await untilVisible(store, Object.values(outputs), 60, clock), []);
  assert.equal(now, 5_000);
});

test('what is no job is refused in a line', async () => {
  mkdirSync(join(shared, 'cluster/repro-x'), { recursive: true });
  const options = { runner: new MachineRunner(), isStopped: () => false, environment: {} };
  await assert.rejects(
    execNode(join(shared, 'cluster/repro-x'), 3, options),
    (error) => error instanceof InputError && /exec-node .*repro-x 3: /.test(error.message),
  );
});

test('in the path of a store, what Slurm would replace in the name of a log stands for itself', () => {
  const spool = new StoreSpool(project.openStore('100%a').directory, project.root, () => '');
  const { path, log } = spool.script('repro-a');
  assert.equal(path, join(project.root, '100%a/cluster/repro-a/script.sh'));
  assert.equal(log, join(project.root.replaceAll('%', '%%'), '100%%a/cluster/repro-a/log/%a'));
});

test('the number of a job that another run has removed is not kept, and is no error', () => {
  const spool = new StoreSpool(project.openStore('removed').directory, project.root, () => '');
  spool.create({ name: 'repro-a', head: 'run', arguments: [], tasks: [] }, () => []);
  spool.submitted('repro-a', '7');
  assert.equal(spool.id('repro-a'), '7');
  spool.remove('repro-a');
  spool.submitted('repro-a', '7');
  assert.equal(spool.id('repro-a'), undefined);
});

test('a stage that is ended by a signal a moment before its job hears of it has no end: another job goes on', async () => {
  const ended = { type: 'failed', message: 'ended by the signal SIGTERM', log: '', cannotRun: true } as const;
  const runner = new MachineRunner(() => ended);
  const heard = Date.now() + 100;
  assert.deepEqual(await buildAsJob([ready()], none, { runner, isStopped: () => Date.now() > heard }), [undefined]);
});

test('a folder of a job is removed while another process writes into it', async () => {
  const spool = new StoreSpool(project.openStore('busy').directory, project.root, () => '');
  const jobs = Array.from({ length: 30 }, (_, i) => `repro-${i}`);
  for (const name of jobs) {
    spool.create({ name, head: 'run', arguments: [], tasks: [] }, () => []);
    for (let k = 0; k < 50; k++) writeFileSync(join(spool.directory, name, 'ends', `e${k}`), '');
  }
  // Both wait for each other before each folder.
  const arrived = new Int32Array(new SharedArrayBuffer(4));
  const writer = new Worker(
    `const { workerData: { directory, jobs, arrived } } = require('node:worker_threads');
    const { writeFileSync } = require('node:fs');
    for (let i = 0; i < jobs.length; i++) {
      Atomics.add(arrived, 0, 1);
      while (Atomics.load(arrived, 0) < 2 * (i + 1));
      for (let k = 0; k < 40; k++) try { writeFileSync(directory + '/' + jobs[i] + '/ends/' + k, ''); } catch {}
    }`,
    { eval: true, workerData: { directory: spool.directory, jobs, arrived } },
  );
  const ended = new Promise((resolve) => writer.once('exit', resolve));
  for (const [i, name] of jobs.entries()) {
    Atomics.add(arrived, 0, 1);
    while (Atomics.load(arrived, 0) < 2 * (i + 1));
    spool.remove(name);
  }
  await ended;
  for (const name of jobs) spool.remove(name);
  assert.deepEqual(spool.jobs(), []);
});
