import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { baseline, compareTrainers, comparisonLines, trainersHere } from '../../../bench/backends/compare.ts';
import { loadStageCode } from '../../../packages/repro/src/code/stage-code.ts';
import type { ContextOf, StageRun } from 'repro/runtime';
import { encodeDistribution } from '../../../numerics/features/distribution-file.ts';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import type { TrainerSettings } from '../../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import { ReferenceTrainer } from '../../../numerics/toy-model/reference/reference-trainer.ts';
import { DenseTrainer } from '../../../numerics/toy-model/tensorflow/dense-trainer.ts';
import { run as runTensorFlow } from '../../../stages/toy/train/run.tensorflow.ts';
import { train } from '../../../stages/toy/train/stage.ts';
import { loadTensorFlow } from '../../../numerics/toy-model/tensorflow/tensorflow.ts';
import { selfTest } from '../../../stages/toy/train/self-test.ts';

const root = mkdtempSync(join(tmpdir(), 'train-backends-'));
after(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'node-'));

test('the trainers that work here agree: loss curves of 300 steps at n = 200, and the exponents they come to', async (t) => {
  const { trainers, absent } = await trainersHere();
  for (const reason of absent) t.diagnostic(`not here: ${reason}`);
  assert.ok(
    trainers.some(({ name }) => name === 'tensorflow'),
    'a TensorFlow.js is among the development dependencies',
  );
  const comparisons = await compareTrainers(trainers, 64);
  for (const line of comparisonLines(comparisons, 10)) t.diagnostic(line);
  const { exponent: expected } = comparisons.find(({ name }) => name === baseline)!;
  for (const { name, trained, lossDeviation, weightDeviation, exponent } of comparisons) {
    assert.ok(
      trained.every(({ losses }) => losses.loss.at(-1)! < 0.02 * losses.loss[0]!),
      `${name} trains`,
    );
    assert.ok(lossDeviation < 1e-4, `${name}: losses ${lossDeviation}`);
    assert.ok(weightDeviation < 1e-4, `${name}: W ${weightDeviation}`);
    assert.ok(Math.abs(exponent - expected) < 0.05, `${name}: exponent ${exponent}, expected ${expected}`);
  }
});

test("the self-tests, whose model begins with biases that are not the paper's, pass on every trainer that works here", async (t) => {
  for (const { name, code } of (await trainersHere()).trainers) t.diagnostic(`${name}: ${await selfTest(code)}`);
});

const key = { k0: 0x01234567, k1: 0x89abcdef };
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const shapes: [string, Partial<TrainerSettings>][] = [
  ['decay', { gamma: 0.5 }],
  ['growth', { gamma: -1 }],
  ['projection', { gamma: 0, projection: 'unit-rows' }],
  ['loss scale 100, and an epsilon that it matters to', { gamma: -1, lossScale: 100, epsilon: 1e-4 }],
  ['m = 1', { gamma: 0.1, n: 8, m: 1 }],
];
for (const [name, change] of shapes) {
  test(`the dense step is the reference step: ${name}`, async (t) => {
    const settings: TrainerSettings = {
      n: 30,
      m: 6,
      batch: 32,
      gamma: 0,
      lossScale: 1,
      ...adam,
      projection: 'none',
      ...change,
    };
    const { n, m, batch } = settings;
    const tables = samplerTables(featureFrequencies({ frequencies: 'power-law', n, alpha: 0.7, density: 1 }));
    const initial = initialWeights(n, m, key);
    const { tf } = (await loadTensorFlow())!;
    const tensors = tf.memory().numTensors;
    const dense = new DenseTrainer(tf, settings, tables, key, initial);
    const reference = new ReferenceTrainer(
      settings,
      Array.from({ length: n }, (_, i) => [...initial.W.subarray(i * m, (i + 1) * m)]),
      [...initial.b],
    );
    let lossError = 0;
    for (let k = 1; k <= 30; k++) {
      const { offsets, indices, values } = drawSamples(tables, key, streamTag.training, k, batch);
      const X = Array.from({ length: batch }, (_, s) => {
        const x = new Array<number>(n).fill(0);
        for (let e = offsets[s]!; e < offsets[s + 1]!; e++) x[indices[e]!] = values[e]!;
        return x;
      });
      const rate = 0.01 * learningRateShare(k, 30, 5);
      lossError = Math.max(
        lossError,
        Math.abs(dense.step(k, rate, 2 * rate) / reference.step(k, X, rate, 2 * rate) - 1),
      );
    }
    const W = dense.weights();
    const b = dense.biases();
    const weightError = Math.max(
      ...reference.W.flat().map((w, i) => Math.abs(w - W[i]!)),
      ...reference.b.map((value, i) => Math.abs(value - b[i]!)),
    );
    dense.dispose();
    t.diagnostic(
      `largest deviation: loss ${lossError.toExponential(1)} (relative), weights ${weightError.toExponential(1)}`,
    );
    assert.ok(lossError < 2e-5, `loss: ${lossError}`);
    assert.ok(weightError < 1e-5, `weights: ${weightError}`);
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left behind');
  });
}

type TrainParams = ContextOf<typeof train>['params'];
const model: TrainParams = {
  n: 40,
  m: 6,
  gamma: -0.5,
  batch: 32,
  steps: 400,
  warmup: 10,
  peakRateW: 0.01,
  peakRateB: 0.01,
  lossScale: 1,
  ...adam,
  projection: 'none',
  initialBias: { mean: 0, standardDeviation: 1 },
  seed: 1,
  replicate: 0,
};

function contextOf(
  change: { scratch?: string; signal?: AbortSignal; progress?: (fraction: number) => void } = {},
): ContextOf<typeof train> {
  const directory = fresh();
  const law = { frequencies: 'power-law', n: 40, alpha: 1, density: 1 } as const;
  const frequency = featureFrequencies(law);
  const path = join(directory, 'distribution');
  writeFileSync(path, encodeDistribution({ params: JSON.stringify(law), frequency, tables: samplerTables(frequency) }));
  return {
    node: 'train[m=6]',
    params: model,
    inputs: { distribution: { type: 'feature-distribution', path, node: 'sample' } },
    outputs: {
      weights: { type: 'weights', path: join(directory, 'weights') },
      losses: { type: 'training-losses', path: join(directory, 'losses') },
    },
    scratch: change.scratch ?? fresh(),
    signal: change.signal ?? new AbortController().signal,
    progress: change.progress ?? (() => undefined),
  };
}

const bytesOf = ({ outputs }: ContextOf<typeof train>) => [
  readFileSync(outputs.weights.path),
  readFileSync(outputs.losses.path),
];

test('tensorflow: the bytes do not depend on being interrupted', async () => {
  const uninterrupted = contextOf();
  await runTensorFlow(uninterrupted);
  const controller = new AbortController();
  const scratch = fresh();
  let reached = 0;
  await assert.rejects(
    runTensorFlow(
      contextOf({
        scratch,
        signal: controller.signal,
        progress: (fraction) => {
          reached = fraction;
          controller.abort();
        },
      }),
    ),
    { name: 'AbortError' },
  );
  assert.ok(reached > 0 && reached < 1, `interrupted at ${reached}`);
  let resumedAt = Infinity;
  const resumed = contextOf({ scratch, progress: (fraction) => void (resumedAt = Math.min(resumedAt, fraction)) });
  await runTensorFlow(resumed);
  assert.ok(resumedAt > reached, 'work done is not done again');
  assert.deepEqual(bytesOf(resumed), bytesOf(uninterrupted));
});

test('tensorflow: where no package is installed, one line says what to install', async () => {
  const { bundlePath, packages } = await loadStageCode(
    process.env['REPRO_TEST_ROOT']!,
    train.declaration as never,
    'tensorflow',
  );
  assert.match(packages['@tensorflow/tfjs-core']!, /^4\.22\.0 sha512-/);
  assert.ok(
    '@tensorflow/tfjs-node' in packages && '@tensorflow/tfjs-node-gpu' in packages,
    'optional packages count by the version installed',
  );
  // No node_modules is above it.
  const elsewhere = join(fresh(), 'bundle.mjs');
  copyFileSync(bundlePath, elsewhere);
  const { run } = (await import(pathToFileURL(elsewhere).href)) as { run: StageRun<typeof train> };
  await assert.rejects(run(contextOf()), (error: Error) => {
    assert.equal(error.name, 'NotRun');
    assert.match(
      error.message,
      /^no TensorFlow\.js is installed: npm install --no-save [^\n]*@tensorflow\/tfjs-node-gpu [^\n]*$/,
    );
    return true;
  });
});
