import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { asNumericClass, codeDigestOfText } from '../../src/graph/digest.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import type { AcceptedBackend, Decision } from '../../src/plan/scan.ts';
import type { Store } from '../../src/store/store.ts';
import { selectResults, writeArchive } from '../../src/travel/export.ts';
import { importArchive } from '../../src/travel/import.ts';
import { PuppetProject, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const [sample, train, measure, fit] = ['sample', 'train', 'measure', 'fit'].map((name) => puppetStage(name)) as [
  Stage,
  Stage,
  Stage,
  Stage,
];
type Stage = ReturnType<typeof puppetStage>;

/** `train` has the backends `wasm` and `webgpu`; results of the other one are accepted. */
class TwoBackends extends PuppetProject {
  backend: 'wasm' | 'webgpu' = 'wasm';

  override context(store: Store) {
    const isTrain = ({ stage }: GraphNode): boolean => stage.name === 'train';
    const other = this.backend === 'wasm' ? 'webgpu' : 'wasm';
    const accepted: AcceptedBackend = { numericClass: asNumericClass(other), code: codeDigestOfText('train') };
    return {
      ...super.context(store),
      numericClass: ((node: GraphNode) =>
        isTrain(node) ? asNumericClass(this.backend) : undefined) as () => undefined,
      accepts: (node: GraphNode) => (isTrain(node) ? [accepted] : []),
    };
  }
}

let directory: ReturnType<typeof temporaryDirectory>;
let project: TwoBackends;
beforeEach(() => {
  directory = temporaryDirectory();
  project = new TwoBackends(directory.path);
  project.build(() => {
    const texts = sample({}, none).out;
    const models = [1, 2].map((i) => {
      const weights = train({ i }, { ...none, from: [texts] }).out;
      return measure({ i }, { ...none, from: [weights, texts] }).out;
    });
    fit({}, { ...none, from: models });
  });
});
afterEach(() => directory[Symbol.dispose]());

/** Runs on a backend, with weights that say so, and returns the nodes that ran. */
async function build(backend: 'wasm' | 'webgpu', wanted?: readonly string[], store = 'artifacts'): Promise<string[]> {
  project.backend = backend;
  const run = project.start({ jobs: 1, ...(wanted && { wanted }) }, store);
  let over = false;
  void run.finished.finally(() => (over = true));
  for (;;) {
    await new Promise((resolve) => void setImmediate(resolve));
    if (over) return run.runner.started.flat();
    const puppet = run.runner.running[0];
    if (puppet) await puppet.finish(puppet.node.startsWith('train') ? () => `${puppet.node} on ${backend}` : undefined);
  }
}

type Fresh = Extract<Decision, { state: 'fresh' }>;
const decided = (name: string): Fresh => project.states()[name] as Fresh;

/** Takes the results of another store in, without the bytes of trainings. */
async function bring(from: string): Promise<void> {
  const path = join(directory.path, 'results.tar.gz');
  const source = project.openStore(from);
  const decisions = Object.values(project.states(source));
  const without = new Set(['train']);
  await writeArchive(
    source,
    selectResults(source, project.graph.nodes, decisions, { without, maximumBlob: 1e9 }),
    path,
  );
  source.close();
  const store = project.openStore();
  await importArchive(store, path);
  store.close();
}

const trainings = ['train[i=1]', 'train[i=2]'];

test('a training that comes with an archive and was never measured does not hide the measured one of another backend', async () => {
  await build('webgpu');
  await build('wasm', ['train[i=1]'], 'elsewhere');
  await bring('elsewhere');
  project.backend = 'wasm';
  const { accepted, passedOver } = decided('train[i=1]');
  assert.equal(accepted, 'webgpu');
  assert.deepEqual(passedOver, { numericClass: undefined, dependent: 'measure[i=1]' });
  assert.equal(decided('fit').state, 'fresh');
  assert.deepEqual(await build('wasm'), []);
});

test('a training of an accepted backend that came without its bytes and was never measured is made here, on this backend', async () => {
  await build('webgpu', trainings, 'elsewhere');
  await bring('elsewhere');
  project.backend = 'wasm';
  assert.equal(decided('train[i=1]').accepted, 'webgpu');
  const ran = await build('wasm');
  assert.deepEqual([...ran].sort(), ['fit', 'measure[i=1]', 'measure[i=2]', ...trainings].sort());
  for (const name of ['train[i=1]', 'measure[i=1]', 'fit']) assert.equal(decided(name).state, 'fresh', name);
  assert.equal(decided('train[i=1]').accepted, undefined);
  assert.deepEqual(await build('wasm'), []);
});

test('of a training of an accepted backend that was measured, what else needs its bytes is not run, and says why', async () => {
  const look = puppetStage('look');
  project.build(() => {
    const texts = sample({}, none).out;
    const weights = train({}, { ...none, from: [texts] }).out;
    measure({}, { ...none, from: [weights] });
    look({}, { ...none, from: [weights] });
  });
  await build('webgpu', ['measure'], 'elsewhere');
  await bring('elsewhere');
  project.backend = 'wasm';
  const { finished, events, runner } = project.start({ jobs: 1 });
  const { notRun } = await finished;
  assert.equal(notRun, 1);
  assert.deepEqual(runner.started.flat(), [], 'a second training would stand beside the one that was measured');
  const told = events.flatMap((event) =>
    event.type === 'node-not-run' ? [`${event.node.name}: ${event.message}`] : [],
  );
  assert.deepEqual(told, [
    'look: the bytes of train are not here, and another backend made them: import them, or drop --accept-backend',
  ]);
});

test('a measured result of its own comes first, whatever else is there', async () => {
  await build('webgpu');
  project.backend = 'wasm';
  assert.equal(decided('train[i=1]').accepted, 'webgpu');
  await project.start({ wanted: trainings, forced: trainings }).finishAll();
  assert.equal(decided('train[i=1]').accepted, 'webgpu', 'nothing was made of its own yet');
  await project.start({ forced: trainings }).finishAll();
  assert.equal(decided('train[i=1]').accepted, undefined);
  assert.equal(decided('train[i=1]').passedOver, undefined);
  project.backend = 'webgpu';
  assert.equal(decided('train[i=1]').accepted, undefined);
});

test('of two that nothing was made of, the one whose bytes are here is measured, and stays the one that is taken', async () => {
  await build('webgpu', trainings);
  await build('wasm', ['train[i=1]'], 'elsewhere');
  await bring('elsewhere');
  project.backend = 'wasm';
  assert.equal(decided('train[i=1]').accepted, 'webgpu');
  const ran = await build('wasm');
  assert.deepEqual(ran.sort(), ['fit', 'measure[i=1]', 'measure[i=2]']);
  assert.equal(decided('train[i=1]').accepted, 'webgpu');
  assert.deepEqual(await build('wasm'), []);
});

test('of two that nothing was made of and that are both here, its own is taken', async () => {
  await build('webgpu', trainings);
  project.backend = 'wasm';
  await project.start({ wanted: trainings, forced: trainings }).finishAll();
  assert.equal(decided('train[i=1]').accepted, undefined);
  assert.deepEqual((await build('wasm')).sort(), ['fit', 'measure[i=1]', 'measure[i=2]']);
});
