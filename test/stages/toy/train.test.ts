import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from 'repro';
import type { ContextOf } from 'repro/runtime';
import { decodeDistribution, decodeEvaluation } from '../../../numerics/features/distribution-file.ts';
import { decodeSafetensors, tensorOf } from '../../../numerics/checkpoints/safetensors.ts';
import { evaluateLoss } from '../../../numerics/toy-model/loss.ts';
import { instantiateKernels } from '../../../numerics/toy-model/wasm/toy-model.ts';
import { checkFrequencies, frequencyLaw } from '../../../stages/toy/sample/check.ts';
import { run as runSample } from '../../../stages/toy/sample/run.ts';
import type { sample } from '../../../stages/toy/sample/stage.ts';
import { run as runTrain } from '../../../stages/toy/train/run.wasm.ts';
import { summarizeLosses } from '../../../stages/toy/train/losses.ts';
import type { train } from '../../../stages/toy/train/stage.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { streamTag } from '../../../numerics/random/streams.ts';

type SampleParams = ContextOf<typeof sample>['params'];
type TrainParams = ContextOf<typeof train>['params'];

const root = mkdtempSync(join(tmpdir(), 'train-'));
after(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'node-'));

const distribution: SampleParams = {
  frequencies: 'power-law',
  n: 40,
  alpha: 1,
  density: 1,
  evaluationBatches: 3,
  evaluationBatch: 500,
  seed: 1,
};
const model: TrainParams = {
  n: 40,
  m: 6,
  gamma: -0.5,
  batch: 128,
  steps: 1500,
  warmup: 100,
  peakRateW: 0.01,
  peakRateB: 0.01,
  lossScale: 1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  projection: 'none',
  initialBias: { mean: 0, standardDeviation: 1 },
  seed: 1,
  replicate: 0,
};

async function sampled(params: SampleParams) {
  const directory = fresh();
  const outputs = {
    distribution: { type: 'feature-distribution', path: join(directory, 'distribution') },
    evaluation: { type: 'evaluation-samples', path: join(directory, 'evaluation') },
  } as const;
  await runSample({
    node: 'sample',
    params,
    inputs: {},
    outputs,
    scratch: directory,
    signal: new AbortController().signal,
    progress: () => {},
  });
  return { distribution: outputs.distribution.path, evaluation: outputs.evaluation.path };
}

async function trained(
  params: TrainParams,
  path: string,
  { scratch = fresh(), controller = new AbortController(), progress = (_: number) => {} } = {},
) {
  const directory = fresh();
  const outputs = {
    weights: { type: 'weights', path: join(directory, 'weights') },
    losses: { type: 'training-losses', path: join(directory, 'losses') },
  } as const;
  const inputs = { distribution: { type: 'feature-distribution', path, node: 'sample' } } as const;
  await runTrain({ node: 'train[m=6]', params, inputs, outputs, scratch, signal: controller.signal, progress });
  return { weights: readFileSync(outputs.weights.path), losses: readFileSync(outputs.losses.path, 'utf8') };
}

function decoded(weights: Uint8Array): { W: Float32Array; b: Float32Array } {
  const tensors = decodeSafetensors(weights);
  return { W: tensorOf(tensors, 'W', 'F32', [40, 6]).data, b: tensorOf(tensors, 'b', 'F32', [40]).data };
}

test('sample: the distribution depends on its own parameters alone', async () => {
  const first = await sampled(distribution);
  const second = await sampled({ ...distribution, evaluationBatches: 2, seed: 2 });
  assert.deepEqual(readFileSync(first.distribution), readFileSync(second.distribution));
  assert.notDeepEqual(readFileSync(first.evaluation), readFileSync(second.evaluation));
  const { params, frequency } = decodeDistribution(readFileSync(first.distribution));
  assert.equal(params, '{"alpha":1,"density":1,"frequencies":"power-law","n":40}');
  assert.ok(Math.abs(frequency.reduce((a, c) => a + c, 0) - 1) < 1e-12);
});

test('sample: more held-out batches leave the first ones as they were', async () => {
  const few = decodeEvaluation(readFileSync((await sampled(distribution)).evaluation));
  const more = decodeEvaluation(readFileSync((await sampled({ ...distribution, evaluationBatches: 5 })).evaluation));
  assert.equal(few.batchSize, 500);
  assert.equal(more.samples.offsets.length, 2501);
  assert.deepEqual(few.samples.offsets, more.samples.offsets.subarray(0, 1501));
  assert.deepEqual(few.samples.indices, more.samples.indices.subarray(0, few.samples.indices.length));
  assert.deepEqual(few.samples.values, more.samples.values.subarray(0, few.samples.values.length));
});

test('sample: frequencies that cannot be are refused while planning', () => {
  checkFrequencies(distribution);
  assert.equal(frequencyLaw(distribution).density, 1);
  assert.throws(
    () => checkFrequencies({ ...distribution, density: 9 }),
    (error) => error instanceof InputError && /^sample: p_1 = 2\.10\d* at density 9/.test(error.message),
  );
  assert.throws(
    () => checkFrequencies({ ...distribution, frequencies: 'exponential' }),
    /sample: alpha = 1: exponential/,
  );
});

test('train: a trained model beats an untrained one on held-out samples, and its losses say so', async () => {
  const files = await sampled(distribution);
  const { weights, losses } = await trained(model, files.distribution);
  const { W, b } = decoded(weights);
  const { samples, batchSize } = decodeEvaluation(readFileSync(files.evaluation));
  const loss = evaluateLoss({ W, b, n: 40, m: 6 }, samples, batchSize);
  const silence = evaluateLoss({ W: new Float32Array(240), b: new Float32Array(40), n: 40, m: 6 }, samples, batchSize);
  assert.ok(Math.abs(silence.mean - 4 / 3) < 0.15, `no output at all costs 4/3 E: ${silence.mean}`);
  assert.ok(loss.mean < 0.5 * silence.mean, `${loss.mean}`);
  const summary = JSON.parse(losses) as ReturnType<typeof summarizeLosses>;
  assert.equal(summary.loss.length, 100);
  assert.equal(summary.step.at(-1), 1500);
  assert.equal(summary.last.count, 100);
  assert.ok(Math.abs(summary.last.mean / loss.mean - 1) < 0.15, `training ${summary.last.mean}, held out ${loss.mean}`);
  assert.ok(summary.loss[0]! > 5 * summary.loss[99]!);
});

test('train: the bytes do not depend on being interrupted, once or often', async () => {
  const { distribution: path } = await sampled(distribution);
  const uninterrupted = await trained(model, path);
  const scratch = fresh();
  let interruptions = 0;
  let last = 0;
  for (;;) {
    const controller = new AbortController();
    let slices = 0;
    const progress = (fraction: number) => {
      assert.ok(fraction > last, 'work done is not done again');
      last = fraction;
      if (++slices === 1 && interruptions < 3) controller.abort();
    };
    try {
      const resumed = await trained(model, path, { scratch, controller, progress });
      assert.deepEqual(resumed, uninterrupted);
      break;
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
      interruptions++;
    }
  }
  assert.ok(interruptions >= 1);
});

test('train: a torn or altered checkpoint is not used', async () => {
  const { distribution: path } = await sampled(distribution);
  const params = { ...model, steps: 800 };
  const expected = await trained(params, path);
  for (const damage of ['cut', 'flipped', 'empty']) {
    const scratch = fresh();
    const controller = new AbortController();
    await assert.rejects(trained(params, path, { scratch, controller, progress: () => controller.abort() }), {
      name: 'AbortError',
    });
    assert.deepEqual(readdirSync(scratch), ['checkpoint']);
    const file = join(scratch, 'checkpoint');
    const bytes = readFileSync(file);
    if (damage === 'cut') truncateSync(file, bytes.length - 7);
    else if (damage === 'empty') truncateSync(file, 0);
    else {
      bytes[500]! ^= 1;
      writeFileSync(file, bytes);
    }
    assert.deepEqual(await trained(params, path, { scratch }), expected, damage);
  }
});

test('train: seed, replicate and every other number make other random numbers', async () => {
  const { distribution: path } = await sampled(distribution);
  const short = { ...model, steps: 1 };
  const first = (await trained(short, path)).losses;
  const others = [{ seed: 2 }, { replicate: 1 }, { gamma: 0.5 }, { steps: 2 }, { lossScale: 100 }].map(
    async (change) => (await trained({ ...short, ...change }, path)).losses,
  );
  const losses = (await Promise.all(others)).map((text) => (JSON.parse(text) as { loss: number[] }).loss[0]);
  assert.equal(new Set([...losses, (JSON.parse(first) as { loss: number[] }).loss[0]]).size, 6);
  assert.equal((await trained(short, path)).losses, first);
});

// Digest of W and b of `model` as trained before there was a choice of initial biases.
const trainedBefore = 'a45dbf4ba6264b36268b6c6bb2cd9c78980a2497afc62ec7c35cc3de0ff92890';

test('train: normal biases train to the bytes that they came to before there was a choice', async () => {
  const { distribution: path } = await sampled(distribution);
  const { W, b } = decoded((await trained(model, path)).weights);
  assert.equal(createHash('sha256').update(W).update(b).digest('hex'), trainedBefore);
});

test('train: models with other initial biases see the same samples, and go on from their own checkpoints', async () => {
  const { distribution: path } = await sampled(distribution);
  const zero = { ...model, initialBias: { mean: 0, standardDeviation: 0 } };
  const whole = await trained(zero, path);
  assert.notDeepEqual(whole.weights, (await trained(model, path)).weights);

  // No output is positive where b is far below 0: the loss is that of silence, and nothing is learnt but for the decay.
  const silent = { ...model, steps: 1, initialBias: { mean: -1000, standardDeviation: 0 } };
  const { losses, weights } = await trained(silent, path);
  assert.ok(decoded(weights).b.every((value) => value === -1000));
  const { tables, params } = decodeDistribution(readFileSync(path));
  const { values } = drawSamples(tables, modelStream(params, silent), streamTag.training, 1, silent.batch);
  const squares = values.reduce((sum, value) => sum + value * value, 0) / silent.batch;
  assert.ok(Math.abs((JSON.parse(losses) as { loss: number[] }).loss[0]! / squares - 1) < 1e-6);

  const scratch = fresh();
  const controller = new AbortController();
  await assert.rejects(trained(zero, path, { scratch, controller, progress: () => controller.abort() }), {
    name: 'AbortError',
  });
  assert.deepEqual(await trained(zero, path, { scratch }), whole);
});

test('train: what does not fit or diverges is named', async () => {
  const { distribution: path } = await sampled(distribution);
  await assert.rejects(
    trained({ ...model, n: 41 }, path),
    /train\[m=6\]: n = 41, but the distribution has 40 features/,
  );
  await assert.rejects(
    trained({ ...model, peakRateW: 1e30 }, path),
    /the training diverged: the loss at step \d+ is (NaN|Infinity)/,
  );
});

test('sizes that no WebAssembly memory holds are refused before anything is allocated', () => {
  assert.throws(() => instantiateKernels({ W: 5 * 2 ** 30 }), {
    name: 'RangeError',
    message: '5.0 GiB of WebAssembly memory needed: there are at most 4.0 GiB: choose smaller sizes',
  });
});

test('losses are averaged over stretches that cover the training', () => {
  const losses = Float64Array.from({ length: 250 }, (_, i) => i);
  const { step, loss, last } = summarizeLosses(losses);
  assert.equal(step.length, 100);
  const covered = loss.reduce((sum, mean, i) => sum + mean * (step[i]! - (step[i - 1] ?? 0)), 0);
  assert.ok(Math.abs(covered - (250 * 249) / 2) < 1e-6);
  assert.equal(last.mean, 199.5);
  assert.ok(Math.abs(last.standardDeviation - Math.sqrt((100 * 100 - 1) / 12)) < 1e-9);
  assert.deepEqual(summarizeLosses(Float64Array.of(4, 2)), {
    step: [1, 2],
    loss: [4, 2],
    last: { count: 2, mean: 3, standardDeviation: 1 },
  });
});
