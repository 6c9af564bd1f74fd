import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { PuppetProject, SourceText, puppetStage, settled } from '../puppets.ts';
import { source } from '../../src/graph/graph.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const make = puppetStage('make');
const mix = puppetStage('mix');
const last = puppetStage('last');

let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
beforeEach(() => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
});
afterEach(() => directory[Symbol.dispose]());

/** make[i=0..count-1] -> mix -> last */
function buildFan(count: number): void {
  project.build(() => {
    const made = Array.from({ length: count }, (_, i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
    const mixed = mix({}, { from: made, maybe: undefined, read: [] }).out;
    last({}, { from: [mixed], maybe: undefined, read: [] });
  });
}

describe('order and limits', () => {
  test('as many nodes run at once as there are jobs, each as soon as what it needs is complete', async () => {
    buildFan(3);
    const run = project.start({ jobs: 2 });
    await settled();
    assert.deepEqual(run.runner.names, ['make[i=0]', 'make[i=1]']);
    await run.runner.puppet('make[i=1]').finish();
    assert.deepEqual(run.runner.names, ['make[i=0]', 'make[i=2]']);
    await run.runner.puppet('make[i=2]').finish();
    assert.deepEqual(run.runner.names, ['make[i=0]']);
    await run.runner.puppet('make[i=0]').finish();
    assert.deepEqual(run.runner.names, ['mix']);
    await run.runner.puppet('mix').finish();
    assert.deepEqual(run.runner.names, ['last']);
    await run.runner.puppet('last').finish();
    assert.deepEqual(pick(await run.finished), { executed: 5, cached: 0, failed: 0, notRun: 0, interrupted: false });
    assert.equal(run.runner.mostAtOnce, 2);

    const again = project.start();
    assert.deepEqual(pick(await again.finished), { executed: 0, cached: 5, failed: 0, notRun: 0, interrupted: false });
    assert.deepEqual(again.runner.started, []);
  });

  test('the node with the longest work behind it starts first', async () => {
    const costly = puppetStage('costly', {}, { cost: (params) => (params as { work: number }).work });
    project.build(() => {
      const out = [1, 5, 3].map((work) => costly({ work }, { from: [], maybe: undefined, read: [] }).out);
      costly({ work: 100 }, { from: [out[0]!], maybe: undefined, read: [] });
    });
    const run = project.start({ jobs: 1 });
    await run.finishAll();
    assert.deepEqual(run.runner.started.flat(), [
      'costly[work=1]',
      'costly[work=100]',
      'costly[work=5]',
      'costly[work=3]',
    ]);
  });

  test('a node that takes two workers waits until both are free, and others use what is left', async () => {
    const wide = puppetStage('wide', { resources: { cpu: 2 } }, { cost: () => 10 });
    project.build(() => {
      for (const i of [0, 1]) make({ i }, { from: [], maybe: undefined, read: [] });
      wide({}, { from: [], maybe: undefined, read: [] });
      wide({ other: true }, { from: [], maybe: undefined, read: [] });
    });
    const run = project.start({ jobs: 3 });
    await settled();
    assert.equal(run.runner.running.length, 2);
    assert.equal(run.runner.names.filter((name) => name.startsWith('wide')).length, 1);
    await run.runner.running.find(({ node }) => node.startsWith('wide'))!.finish();
    assert.equal(run.runner.running.length, 2, 'the second wide one and a narrow one');
    await run.finishAll();
    assert.equal(run.runner.mostAtOnce, 2);
  });

  test('a node that asks for more workers than there are runs alone', async () => {
    const wide = puppetStage('wide', { resources: { cpu: 64 } });
    project.build(() => {
      wide({}, { from: [], maybe: undefined, read: [] });
      make({}, { from: [], maybe: undefined, read: [] });
    });
    const run = project.start({ jobs: 2 });
    await run.finishAll();
    assert.equal(run.runner.mostAtOnce, 1);
  });

  test('nodes that wait for the accelerator leave the processor to others, however many they are', async () => {
    const graphics = puppetStage('graphics', { resources: { cpu: 0, accelerator: 1 } }, { cost: () => 10 });
    project.build(() => {
      for (let i = 0; i < 100; i++) graphics({ i }, { from: [], maybe: undefined, read: [] });
      make({}, { from: [], maybe: undefined, read: [] });
    });
    const run = project.start({ jobs: 1 });
    await settled();
    assert.equal(run.runner.running.length, 2);
    assert.ok(run.runner.names.includes('make'));
    run.scheduler.interrupt();
    for (const puppet of [...run.runner.running]) await puppet.finish();
    await run.finished;
  });
});

describe('failure', () => {
  test('without --keep-going running nodes end and are kept, and no other starts', async () => {
    buildFan(4);
    const run = project.start({ jobs: 2 });
    await settled();
    await run.runner.puppet('make[i=0]').fail('it broke');
    assert.deepEqual(run.runner.names, ['make[i=1]']);
    await run.runner.puppet('make[i=1]').finish();
    // Neither the other two nor what reads all four were started.
    assert.deepEqual(pick(await run.finished), { executed: 1, cached: 0, failed: 1, notRun: 4, interrupted: false });
    const failure = run.events.find(({ type }) => type === 'node-failed');
    assert.ok(failure?.type === 'node-failed');
    assert.deepEqual(
      [failure.node.name, failure.message, failure.log, failure.rerun],
      ['make[i=0]', 'it broke', 'the log', 'rerun make[i=0]'],
    );
    assert.match(failure.key, /^[0-9a-f]{64}$/);

    const states = project.states();
    assert.equal(states['make[i=0]']!.state, 'failed');
    assert.deepEqual(states['make[i=0]']!.reasons, [{ kind: 'failed before', details: ['it broke'] }]);
    assert.equal(states['make[i=1]']!.state, 'fresh');
    assert.equal(states['make[i=2]']!.state, 'missing');
    assert.equal(states['mix']!.state, 'pending');

    const next = project.start();
    assert.equal((await next.finishAll()).executed, 5);
  });

  test('with --keep-going all that does not depend on it runs, and what does is blocked by name', async () => {
    project.build(() => {
      const [a, b] = [0, 1].map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
      const first = mix({ of: 'a' }, { from: [a!], maybe: undefined, read: [] }).out;
      mix({ of: 'b' }, { from: [b!], maybe: undefined, read: [] });
      last({}, { from: [first], maybe: b, read: [] });
    });
    const run = project.start({ jobs: 1, keepGoing: true });
    await settled();
    await run.runner.puppet('make[i=0]').fail();
    await run.runner.puppet('make[i=1]').finish();
    await run.runner.puppet('mix[of=b]').finish();
    assert.deepEqual(pick(await run.finished), { executed: 2, cached: 0, failed: 1, notRun: 2, interrupted: false });
    const blocked = run.events.flatMap((event) => (event.type === 'node-blocked' ? [[event.node.name, event.by]] : []));
    assert.deepEqual(
      blocked,
      [
        ['mix[of=a]', 'make[i=0]'],
        ['last', 'make[i=0]'],
      ],
      'the culprit is what failed, not what was blocked by it',
    );
  });

  test('a stage that leaves out an output fails by name, and one that leaves a directory there too', async () => {
    buildFan(1);
    const missing = project.start();
    await settled();
    await missing.runner.puppet('make').end({ type: 'done' });
    await missing.finished;
    assert.match(messages(missing), /^the stage returned without writing its output "out"$/);

    const folder = project.start();
    await settled();
    const puppet = folder.runner.puppet('make');
    mkdirSync(puppet.jobs[0]!.outputs['out']!.path);
    await puppet.end({ type: 'done' });
    await folder.finished;
    assert.match(messages(folder), /^the stage left its output "out" as something other than a file$/);
  });

  test('a source file that is missing fails the node that reads it, not the others', async () => {
    project.build(() => {
      make({ i: 0 }, { from: [], maybe: undefined, read: [source('gone.txt', SourceText)] });
      make({ i: 1 }, { from: [], maybe: undefined, read: [] });
    });
    const run = project.start({ keepGoing: true });
    const summary = await run.finishAll();
    assert.equal(summary.executed, 1);
    assert.match(messages(run), /^gone\.txt: no such file: a stage reads it$/);
  });

  test('a source file that changes while a node reads it: the node reads what its key says', async () => {
    const reader = (i: number): void =>
      void make({ i }, { from: [], maybe: undefined, read: [source('data.txt', SourceText)] });
    project.write('data.txt', 'before');
    project.build(() => reader(0));
    const run = project.start();
    await settled();
    project.write('data.txt', 'after');
    const { path } = (run.runner.puppet('make').jobs[0]!.inputs['read'] as { path: string }[])[0]!;
    assert.equal(readFileSync(path, 'utf8'), 'before');
    assert.equal(statSync(path).mode & 0o222, 0, 'it is read-only');
    assert.match(path, /\.txt$/);
    await run.runner.puppet('make').finish(() => 'made of before');
    assert.equal((await run.finished).executed, 1);

    assert.equal((await project.start().finishAll()).executed, 1);
    project.write('data.txt', 'before');
    assert.equal((await project.start().finishAll()).executed, 0, 'the first key has the result of the first content');
  });

  test('a source file that changed after its key was made, and before a node read it, fails the node', async () => {
    for (const name of ['a', 'b']) project.write(`${name}.txt`, `before ${name}`);
    project.build(() => {
      for (const name of ['a', 'b'])
        make({ name }, { from: [], maybe: undefined, read: [source(`${name}.txt`, SourceText)] });
    });
    const run = project.start({ jobs: 1, keepGoing: true });
    await settled();
    const [first, other] = run.runner.names[0]!.includes('a') ? ['a', 'b'] : ['b', 'a'];
    project.write(`${other}.txt`, 'after');
    await run.runner.puppet(`make[name=${first}]`).finish();
    assert.deepEqual([(await run.finished).executed, (await run.finished).failed], [1, 1]);
    assert.equal(messages(run), `${other}.txt changed since this run looked at it: run again`);
  });

  test('a stage that writes into its inputs fails, and what read them at the same time is not recorded', async () => {
    project.write('data.txt', 'before');
    project.build(() => {
      const { out } = make({ i: 0 }, { from: [], maybe: undefined, read: [] });
      for (const i of [1, 2]) make({ i }, { from: [out], maybe: undefined, read: [] });
      for (const i of [3, 4]) make({ i }, { from: [], maybe: undefined, read: [source('data.txt', SourceText)] });
    });
    const run = project.start({ jobs: 5, keepGoing: true });
    await settled();
    await run.runner.puppet('make[i=0]').finish();
    for (const [name, input] of [
      ['make[i=1]', 'from'],
      ['make[i=3]', 'read'],
    ] as const) {
      const [file] = run.runner.puppet(name).jobs[0]!.inputs[input] as { path: string }[];
      chmodSync(realpathSync(file!.path), 0o644);
      appendFileSync(file!.path, 'more');
    }
    for (const { node } of [...run.runner.running]) await run.runner.puppet(node).finish(() => 'made');
    assert.deepEqual([(await run.finished).executed, (await run.finished).failed], [1, 4]);
    for (const input of ['make[i=0].out', 'data.txt'])
      assert.equal(messages(run).split(`its input ${input} changed while it ran`).length, 3, input);
    assert.equal((await project.start({ keepGoing: true }).finishAll()).executed, 5);
  });

  test('an error of the system outside of any stage ends the run with that error', async () => {
    buildFan(2);
    const run = project.start({ jobs: 2, keepGoing: true });
    await settled();
    const records = join(directory.path, 'artifacts', 'roots');
    rmSync(records, { recursive: true });
    writeFileSync(records, 'no longer a directory');
    await run.runner.puppet('make[i=0]').end({ type: 'not-run', message: 'no network' });
    await run.runner.puppet('make[i=1]').end({ type: 'not-run', message: 'no network' });
    await assert.rejects(run.finished, /ENOTDIR|EEXIST/);
  });
});

describe('nodes that cannot run here', () => {
  test('are told apart from failures; what needs them is not run, what may do without runs without', async () => {
    project.build(() => {
      const net = make({}, { from: [], maybe: undefined, read: [] }).out;
      mix({}, { from: [net], maybe: undefined, read: [] });
      last({}, { from: [], maybe: net, read: [] });
    });
    const run = project.start();
    await settled();
    const [job] = run.runner.puppet('make').jobs;
    const download = join(job!.scratch, 'download.incomplete');
    writeFileSync(download, 'most of it');
    await run.runner.puppet('make').end({ type: 'not-run', message: 'no network' });
    assert.ok(existsSync(download), 'what it has so far is kept');
    assert.deepEqual(run.runner.names, ['last']);
    assert.equal(run.runner.puppet('last').jobs[0]!.inputs['maybe'], undefined);
    await run.runner.puppet('last').finish();
    assert.deepEqual(pick(await run.finished), { executed: 1, cached: 0, failed: 0, notRun: 2, interrupted: false });
    assert.deepEqual(
      run.events.flatMap((event) => (event.type === 'node-not-run' ? [event.message] : [])),
      ['no network', 'make was not run'],
    );
    assert.equal(project.states()['make']!.state, 'not-run');

    const later = project.start();
    await settled();
    await later.runner.puppet('make').finish();
    assert.deepEqual(
      later.runner.names,
      ['last', 'mix'],
      'an input that is there now changes the key of what may use it',
    );
    await later.finishAll();
  });
});

describe('nodes that are left out', () => {
  test('are not built, unless they are finished; what may do without them runs without', async () => {
    project.build(() => {
      const [done, long] = ['done', 'long'].map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
      mix({ i: 0 }, { from: [done!], maybe: undefined, read: [] });
      mix({ i: 1 }, { from: [long!], maybe: undefined, read: [] });
      last({}, { from: [], maybe: long, read: [] });
    });
    await project.start({ wanted: ['make[i=done]'] }).finishAll();
    const run = project.start({ leftOut: ['make[i=done]', 'make[i=long]'] });
    await settled();
    assert.deepEqual(run.runner.names, ['last', 'mix[i=0]']);
    assert.deepEqual(pick(await run.finishAll()), { executed: 2, cached: 1, failed: 0, notRun: 2, interrupted: false });
    const told = run.events.flatMap((event) =>
      event.type === 'node-not-run' ? [[event.node.name, event.message, event.leftOut]] : [],
    );
    assert.deepEqual(told, [
      ['make[i=long]', 'left out', true],
      ['mix[i=1]', 'make[i=long] was not run', true],
    ]);
    assert.equal(project.states()['make[i=long]']!.state, 'missing', 'it was not tried: nothing is remembered of it');
  });

  test('are not built for their bytes either, where these did not come with the result, however far up they are', async () => {
    project.build(() => {
      const { out } = make({ i: 0 }, { from: [], maybe: undefined, read: [] });
      const mixed = mix({ i: 0 }, { from: [out], maybe: undefined, read: [] }).out;
      last({}, { from: [mixed], maybe: undefined, read: [] });
    });
    await project.start({ wanted: ['mix'] }).finishAll();
    const store = project.openStore();
    for (const key of store.keys()) {
      const { out } = store.readResult(key)!.outputs;
      store.elsewhere.add([out!.digest]);
      rmSync(store.blobPath(out!.digest));
    }
    store.close();
    const run = project.start({ leftOut: ['make'] });
    assert.deepEqual(pick(await run.finishAll()), { executed: 0, cached: 2, failed: 0, notRun: 1, interrupted: false });
    const told = run.events.flatMap((event) => (event.type === 'node-not-run' ? [event.message] : []));
    assert.deepEqual(told, ['the bytes of make are not here, and it is left out: import them, or drop --leave-out']);
    assert.equal((await project.start().finishAll()).executed, 3);
  });
});

test('whose bytes are missing is looked for once in each node, however many ways lead there', async () => {
  const layers = 40;
  project.build(() => {
    let pair = [0, 1].map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
    for (let layer = 1; layer < layers; layer++)
      pair = [0, 1].map((i) => mix({ layer, i }, { from: pair, maybe: undefined, read: [] }).out);
    last({}, { from: pair, maybe: undefined, read: [] });
  });
  project.code.set('last', 'before');
  await project.start().finishAll();
  const store = project.openStore();
  for (const name of project.graph.nodes.filter(({ stage }) => stage.name !== 'last').map(({ name }) => name)) {
    const decision = project.states(store)[name]!;
    assert.ok(decision.state === 'fresh');
    store.elsewhere.add([decision.result.outputs['out']!.digest]);
    rmSync(store.blobPath(decision.result.outputs['out']!.digest));
  }
  store.close();
  project.code.set('last', 'after');
  const { executed } = await project.start().finishAll();
  assert.equal(executed, 2 * layers + 1);
});

test('what a node leaves where nobody may write neither fails it nor stops it from being built again', async () => {
  await asOrdinaryUser(async (folder) => {
    const own = new PuppetProject(folder);
    own.build(() => void make({}, { from: [], maybe: undefined, read: [] }));
    for (const forced of [[], ['make']]) {
      const run = own.start({ forced });
      await settled();
      const [job] = run.runner.puppet('make').jobs;
      // As the cache of modules of Go is.
      const cache = join(job!.scratch, 'cache');
      mkdirSync(cache);
      writeFileSync(join(cache, 'module'), '');
      chmodSync(cache, 0o555);
      await run.runner.puppet('make').finish();
      assert.equal((await run.finished).executed, 1, run.log.join('\n'));
      assert.ok(!existsSync(job!.scratch));
    }
  });
});

describe('interruption', () => {
  test('tells running nodes, starts no other, keeps what they finish and the scratch of what they do not', async () => {
    buildFan(3);
    const run = project.start({ jobs: 2 });
    await settled();
    const [first, second] = run.runner.running;
    writeFileSync(join(second!.jobs[0]!.scratch, 'checkpoint'), 'half way');
    run.scheduler.interrupt();
    assert.ok(run.runner.aborted);
    await first!.finish();
    await second!.fail('aborted');
    assert.deepEqual(pick(await run.finished), { executed: 1, cached: 0, failed: 0, notRun: 0, interrupted: true });
    assert.ok(!run.log.some((line) => line.startsWith('node-failed')));
    assert.deepEqual(readdirSync(join(directory.path, 'artifacts', 'leases')), []);

    const next = project.start({ jobs: 2 });
    await settled();
    const resumed = next.runner.puppet(second!.node);
    assert.equal(readFileSync(join(resumed.jobs[0]!.scratch, 'checkpoint'), 'utf8'), 'half way');
    assert.equal((await next.finishAll()).executed, 4);
    assert.ok(!existsSync(join(resumed.jobs[0]!.scratch)), 'scratch is gone once the node succeeded');
  });

  test('what earlier attempts left besides checkpoints goes after a day', async () => {
    buildFan(1);
    const attempt = async (): Promise<string> => {
      const run = project.start();
      await settled();
      const [job] = run.runner.puppet('make').jobs;
      writeFileSync(job!.outputs['out']!.path, 'half of it');
      writeFileSync(join(job!.scratch, 'checkpoint'), 'half way');
      run.scheduler.interrupt();
      await run.runner.puppet('make').fail('aborted');
      await run.finished;
      return dirname(job!.outputs['out']!.path);
    };
    const [old, recent] = [await attempt(), await attempt()];
    const before = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(old, before, before);
    const last = await attempt();
    assert.deepEqual(
      [old, recent, last].map((path) => existsSync(path)),
      [false, true, true],
    );
    assert.equal(readFileSync(join(dirname(old), 'work', 'checkpoint'), 'utf8'), 'half way');
  });

  test('before the run begins, nothing starts', async () => {
    buildFan(1);
    const run = project.start();
    run.scheduler.interrupt();
    assert.deepEqual(run.runner.started.length <= 1, true);
    for (const puppet of [...run.runner.running]) await puppet.fail('aborted');
    assert.equal((await run.finished).interrupted, true);
  });
});

describe('selection and force', () => {
  test('only the wanted nodes and what they need run', async () => {
    buildFan(3);
    const run = project.start({ wanted: ['make[i=1]'] });
    await run.finishAll();
    assert.deepEqual(run.runner.started, [['make[i=1]']]);
    const rest = project.start({ wanted: ['mix'] });
    await rest.finishAll();
    assert.deepEqual(rest.runner.started.flat().sort(), ['make[i=0]', 'make[i=2]', 'mix']);
  });

  test('a forced node runs though it is fresh, and what comes after it stays as it is', async () => {
    buildFan(2);
    await project.start().finishAll();
    const run = project.start({ forced: ['make[i=0]'] });
    await run.finishAll();
    assert.deepEqual(run.runner.started, [['make[i=0]']]);
    const started = run.events.find(({ type }) => type === 'node-started');
    assert.deepEqual(started?.type === 'node-started' && started.reasons.map(({ kind }) => kind), ['forced']);
  });
});

describe('equal keys', () => {
  test('two nodes with inputs of the same bytes run once, though both are ready at the same time', async () => {
    project.build(() => {
      const made = [0, 1].map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
      for (const one of made) mix({}, { from: [one], maybe: undefined, read: [] });
    });
    const run = project.start({ jobs: 4 });
    await settled();
    for (const name of ['make[i=0]', 'make[i=1]']) await run.runner.puppet(name).finish(() => 'the same');
    assert.equal(run.runner.running.length, 1);
    await run.finishAll();
    assert.deepEqual(pick(await run.finished), { executed: 3, cached: 1, failed: 0, notRun: 0, interrupted: false });
  });
});

describe('a budget of time', () => {
  const none = { from: [], maybe: undefined, read: [] };

  test('what is worth most goes first and is finished first; what does not fit stays open, with all that needs it', async () => {
    const measure = puppetStage('measure');
    project.build(() => {
      const made = [0, 1, 2, 3].map((i) => make({ i }, none).out);
      const measured = made.map((out, i) => measure({ i }, { ...none, from: [out] }).out);
      mix({}, { ...none, from: measured });
    });
    let left = 100;
    // Node 1 is worth most, node 3 takes too long.
    const value = [2, 0, 1, 0];
    const budget = {
      rank: ({ params }: { params: object }) => value[(params as { i?: number }).i ?? -1] ?? 9,
      secondsOf: ({ params }: { params: object }) => ((params as { i?: number }).i === 3 ? 101 : 10),
      left: () => left,
    };
    const run = project.start({ jobs: 1, budget });
    await settled();
    for (const name of ['make[i=1]', 'measure[i=1]', 'make[i=2]']) {
      assert.deepEqual(run.runner.names, [name]);
      if (name === 'make[i=2]') left = 9;
      await run.runner.puppet(name).finish();
    }
    const summary = await run.finished;
    assert.deepEqual(pick(summary), { executed: 3, cached: 0, failed: 0, notRun: 6, interrupted: false });
    assert.equal(summary.withoutTime, 6);
    // Nothing is recorded of what did not run: the next run goes on.
    assert.equal(project.states()['make[i=3]']!.state, 'missing');
    assert.equal((await project.start({}).finishAll()).executed, 6);
  });

  test('what has no time holds up no batch, and a node that does not fit into a batch runs in a job of its own', async () => {
    const measure = puppetStage('measure', { batchBy: ['shape'] });
    project.build(() => {
      const made = [0, 1, 2].map((i) => make({ i }, none).out);
      made.forEach((out, i) => void measure({ i, shape: 1 }, { ...none, from: [out] }));
    });
    const budget = {
      rank: () => 0,
      secondsOf: ({ stage, params }: { stage: { name: string }; params: object }) =>
        stage.name === 'measure' ? 6 : (params as { i: number }).i === 2 ? 101 : 1,
      left: () => 10,
    };
    const run = project.start({ jobs: 2, budget });
    await settled();
    for (const name of ['make[i=0]', 'make[i=1]']) await run.runner.puppet(name).finish();
    assert.deepEqual(run.runner.running.map(({ nodes }) => nodes).sort(), [['measure[i=0]'], ['measure[i=1]']]);
    for (const name of ['measure[i=0]', 'measure[i=1]']) await run.runner.puppet(name).finish();
    assert.equal((await run.finished).withoutTime, 2);
  });

  test('when the time is over, what runs is stopped and the run is not called interrupted', async () => {
    buildFan(2);
    const budget = { rank: () => 0, secondsOf: () => 0, left: () => 1 };
    const run = project.start({ jobs: 1, budget });
    await settled();
    run.scheduler.timeIsUp();
    assert.ok(run.runner.aborted);
    await run.runner.puppet('make[i=0]').fail('aborted');
    const summary = await run.finished;
    assert.deepEqual(pick(summary), { executed: 0, cached: 0, failed: 0, notRun: 4, interrupted: false });
    assert.equal(project.states()['make[i=0]']!.state, 'missing');
  });
});

function pick({
  executed,
  cached,
  failed,
  notRun,
  interrupted,
}: {
  executed: number;
  cached: number;
  failed: number;
  notRun: number;
  interrupted: boolean;
}): object {
  return { executed, cached, failed, notRun, interrupted };
}

function messages({ events }: { events: readonly { type: string }[] }): string {
  return events
    .flatMap((event) => (event.type === 'node-failed' ? [(event as unknown as { message: string }).message] : []))
    .join('\n');
}
