import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canonicalJson } from 'repro';
import type { ContextOf } from 'repro';
import { encodeDistribution } from '../../numerics/features/distribution-file.ts';
import { featureFrequencies } from '../../numerics/features/frequencies.ts';
import { openGpu } from '../../numerics/webgpu/device.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { samplerTables } from '../../numerics/random/sampler-tables.ts';
import { trainBatch } from '../../stages/toy/train/run.webgpu.ts';
import type { train } from '../../stages/toy/train/stage.ts';
import { selfTest } from '../../stages/toy/train/self-test.ts';
import { lastingGpu } from './models.ts';

const gpu = await lastingGpu();
const open = async (): Promise<Gpu> => gpu;

type Context = ContextOf<typeof train>;
const root = mkdtempSync(join(tmpdir(), 'train-gpu-'));
after(() => rmSync(root, { recursive: true, force: true }));
const law = { frequencies: 'power-law', n: 40, alpha: 1, density: 1 } as const;
const frequency = featureFrequencies(law);
const distribution = join(root, 'distribution');
writeFileSync(
  distribution,
  encodeDistribution({ params: canonicalJson(law), frequency, tables: samplerTables(frequency) }),
);

let made = 0;
/** Models that differ in gamma; `progress` is told of steps by the first of them. */
function contexts(
  gammas: readonly number[],
  change: Partial<Context['params']> = {},
  progress: (fraction: number) => void = () => undefined,
): Context[] {
  return gammas.map((gamma, i): Context => {
    const directory = join(root, String(made++));
    mkdirSync(join(directory, 'scratch'), { recursive: true });
    return {
      node: `train[gamma=${gamma}]`,
      params: {
        n: 40,
        // Of two widths, which step together.
        m: gamma === 0 ? 3 : 6,
        batch: 64,
        steps: 12,
        warmup: 5,
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
        ...change,
        gamma,
      },
      inputs: { distribution: { type: 'feature-distribution', path: distribution, node: 'sample' } },
      outputs: {
        weights: { type: 'weights', path: join(directory, 'weights') },
        losses: { type: 'training-losses', path: join(directory, 'losses') },
      },
      scratch: join(directory, 'scratch'),
      signal: new AbortController().signal,
      progress: i === 0 ? progress : () => undefined,
    };
  });
}

const outputsOf = (nodes: readonly Context[]) =>
  nodes.map(({ outputs }) => [readFileSync(outputs.weights.path), readFileSync(outputs.losses.path, 'utf8')]);
const gammas = [-1, -0.5, 0, 0.5];
const zero = { initialBias: { mean: 0, standardDeviation: 0 } };
let undisturbed: Promise<ReturnType<typeof outputsOf>> | undefined;
/** What four models, and one of other initial biases, come to. In one job, and once: a step of a group takes long here. */
function expected(): Promise<ReturnType<typeof outputsOf>> {
  return (undisturbed ??= (async () => {
    const whole = [...contexts(gammas), ...contexts([-1], zero)];
    assert.deepEqual(await trainBatch(whole, open), []);
    return outputsOf(whole);
  })());
}

test('the self-test passes, and initial biases make a difference', async () => {
  assert.match(
    await selfTest({ runBatch: (nodes) => trainBatch(nodes, open) }),
    /^40 steps of a model of n = 40: losses within /,
  );
  const [first, , , , fromZeroBiases] = await expected();
  assert.notDeepEqual(fromZeroBiases, first);
});

test('a device that is lost is opened again, and training goes on, with other initial biases too', async () => {
  const opened: Gpu[] = [];
  const fractions: number[] = [];
  const progress = (fraction: number): void => {
    fractions.push(fraction);
    if (opened.length === 1) opened[0]!.device.destroy();
  };
  const nodes = [...contexts(gammas, {}, progress), ...contexts([-1], zero)];
  const failures = await trainBatch(nodes, async () => {
    opened.push(opened.length === 0 ? await openGpu() : gpu);
    return opened.at(-1)!;
  });
  assert.deepEqual(failures, []);
  assert.equal(opened.length, 2);
  assert.equal(fractions.at(-1), 1);
  assert.deepEqual(outputsOf(nodes), await expected());
});

test('a device that is lost again and again is given up', async () => {
  const lost = async (): Promise<Gpu> => {
    const gpu = await openGpu();
    gpu.device.destroy();
    await gpu.device.lost;
    return gpu;
  };
  await assert.rejects(trainBatch(contexts([1]), lost), /the device was lost 4 times in a row/);
});

const create = gpu.device.createBuffer.bind(gpu.device);

/** Asks for all of the memory there is in place of G, where that is for more than `models` models. */
async function shortOfMemory(models: number, asked: number[]): Promise<Gpu> {
  const one = (40 + 1) * 40 * 4;
  gpu.device.createBuffer = (descriptor) => {
    if (descriptor.label !== 'G') return create(descriptor);
    asked.push(descriptor.size);
    return create(
      descriptor.size > models * one ? { ...descriptor, size: gpu.device.limits.maxBufferSize } : descriptor,
    );
  };
  return gpu;
}

test('a job for which the device has no memory is split, and comes to the same', async () => {
  const asked: number[] = [];
  const nodes = contexts(gammas);
  assert.deepEqual(await trainBatch(nodes, () => shortOfMemory(1, asked)), []);
  assert.deepEqual(
    asked.map((size) => Math.round((4 * size) / asked[0]!)),
    [4, 2, 1, 1, 2, 1, 1],
  );
  assert.deepEqual(outputsOf(nodes), (await expected()).slice(0, gammas.length));
});

test('a single model for which there is no memory is an error', async () => {
  await assert.rejects(
    trainBatch(contexts([1]), () => shortOfMemory(0, [])),
    { name: 'OutOfDeviceMemory' },
  );
  gpu.device.createBuffer = create;
});

test('an interrupted job saves and goes on from there, in any grouping', async () => {
  const controller = new AbortController();
  const nodes = contexts(gammas, {}, () => controller.abort()).map((node) => ({ ...node, signal: controller.signal }));
  await assert.rejects(trainBatch(nodes, open), { name: 'AbortError' });
  const fractions: number[] = [];
  const again = nodes.map((node) => ({
    ...node,
    signal: new AbortController().signal,
    progress: (fraction: number) => fractions.push(fraction),
  }));
  await trainBatch(again.slice(0, 1), open);
  assert.ok(fractions[0]! > 4 / 12, 'steps done are not done again');
  await trainBatch(again.slice(1), open);
  assert.deepEqual(outputsOf(nodes), (await expected()).slice(0, gammas.length));
});

test('a model that diverges fails alone', async () => {
  const nodes = [...contexts([-1], { peakRateW: 1e30 }), ...contexts([-0.5])];
  const failures = await trainBatch(nodes, open);
  assert.deepEqual(
    failures.map(({ index }) => index),
    [0],
  );
  assert.match(
    failures[0]!.message,
    /train\[gamma=-1\]: the training diverged: the loss at step \d+ is (NaN|Infinity)/,
  );
  assert.deepEqual(outputsOf(nodes.slice(1)), (await expected()).slice(1, 2));
});
