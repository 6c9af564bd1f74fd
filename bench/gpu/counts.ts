/**
 * What a step of each group of the paper does: launches, counted on a device that only counts; operations and bytes, from
 * batches that are drawn; milliseconds on an H100, predicted from these. Prints the tables of README.md. Needs no card.
 */
import { drawSamples } from '../../numerics/random/sampler.ts';
import { streamTag } from '../../numerics/random/streams.ts';
import { segmentLength } from '../../numerics/toy-model/webgpu/layout.ts';
import type { GroupModel } from '../../numerics/toy-model/webgpu/layout.ts';
import { predictedCard, stepCounts } from '../../numerics/toy-model/webgpu/step-cost.ts';
import type { KernelCount, ModelActivity } from '../../numerics/toy-model/webgpu/step-cost.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { countingGpu } from '../../test/gpu/counting-device.ts';
import { paperGroups } from './groups.ts';
import type { BenchGroup } from './groups.ts';

/** Milliseconds a step of the kernels before, by an analysis by hand; by group. */
const before = [1.35, 1.45, 1.7, 2.2, 3.0, 4.1, 1.0, 1.05, 1.15, 2.0, 3.2, 5.5, 10.3, 20];
const launchesBefore = 8;
const steps = 20000;
const drawn = 3;

const activities = new Map<GroupModel['tables'], ModelActivity>();

/** Means over a few batches. */
function activityOf({ tables, key, frequency }: GroupModel, batch: number): ModelActivity {
  const known = activities.get(tables);
  if (known) return known;
  const sums = { distinct: 0, segments: 0, entries: 0, pairs: 0 };
  for (let step = 1; step <= drawn; step++) {
    const { offsets, indices } = drawSamples(tables, key, streamTag.training, step, batch);
    const uses = new Uint32Array(frequency.length);
    for (const feature of indices) uses[feature]!++;
    for (const count of uses) {
      sums.distinct += count > 0 ? 1 : 0;
      sums.segments += Math.ceil(count / segmentLength);
    }
    sums.entries += indices.length;
    for (let s = 0; s < batch; s++) sums.pairs += (offsets[s + 1]! - offsets[s]!) ** 2;
  }
  const activity = {
    distinct: sums.distinct / drawn,
    segments: sums.segments / drawn,
    entries: sums.entries / drawn,
    pairs: sums.pairs / drawn,
  };
  activities.set(tables, activity);
  return activity;
}

/** Launches and workgroups a step, and bytes on the device. */
async function launchesOf({ shape, models }: BenchGroup) {
  const gpu = countingGpu();
  const group = await TrainingGroup.create(gpu, shape, models);
  const count = 64;
  void group.submit(1, count).catch(() => undefined);
  const { ring, numbers } = group.layout;
  const bytes = Object.values(group.layout.bytes).reduce((sum, size) => sum + size, 0);
  return { launches: gpu.launches / count, workgroups: gpu.workgroups / count, ring, splits: numbers.splits, bytes };
}

const total = (counts: Record<string, KernelCount>, of: (count: KernelCount) => number): number =>
  Object.values(counts).reduce((sum, count) => sum + of(count), 0);

console.log(
  '| group | launches | GFLOP | HBM, GB | caches, GB: before | after | predicted ms: before | after | at 5% of M | buffers, GB |\n|---|---|---|---|---|---|---|---|---|---|',
);
const sums = { before: 0, small: 0, large: 0, sparse: 0, beforeLarge: 0 };
for (const [at, group] of [...paperGroups('small', 1, steps), ...paperGroups('large', 1, steps)].entries()) {
  const { n, m, batch } = group.shape;
  const models = group.models.map((model) => activityOf(model, batch));
  const { launches, ring, splits, bytes } = await launchesOf(group);
  const isSparse = m >= 64;
  const shape = { n, m, density: 1, ring, splits, sparse: isSparse };
  const counts = stepCounts(shape, models);
  const sparse = stepCounts({ ...shape, density: 0.05 }, models);
  const ms = 1e3 * total(counts, ({ seconds }) => seconds);
  const sparseMs = 1e3 * total(sparse, ({ seconds }) => seconds);
  const cacheBefore = models.reduce((sum, { pairs }) => sum + 4 * n * pairs, 0);
  const large = group.name.startsWith('large');
  sums[large ? 'beforeLarge' : 'before'] += (before[at]! * steps) / 1e3;
  sums[large ? 'large' : 'small'] += (ms * steps) / 1e3;
  if (large) sums.sparse += (Math.min(ms, isSparse ? sparseMs : ms) * steps) / 1e3;
  console.log(
    `| ${[
      group.name,
      `${launchesBefore} -> ${launches.toFixed(2)}`,
      (total(counts, ({ flop }) => flop) / 1e9).toPrecision(3),
      (total(counts, ({ memoryBytes }) => memoryBytes) / 1e9).toPrecision(3),
      (cacheBefore / 1e9).toPrecision(3),
      (counts.residual.cacheBytes / 1e9).toPrecision(3),
      before[at]!.toFixed(2),
      ms.toFixed(2),
      isSparse ? sparseMs.toFixed(2) : '',
      (bytes / 1e9).toPrecision(3),
    ].join(' | ')} |`,
  );
}
console.log(
  `\n20000 steps: small ${sums.before.toFixed(0)} -> ${sums.small.toFixed(0)} s; large ${sums.beforeLarge.toFixed(0)} -> ${sums.large.toFixed(0)} s, ${sums.sparse.toFixed(0)} s where M has 5% from m = 64 on`,
);
for (const [which, at] of [
  ['small', 0],
  ['small', 5],
  ['large', 7],
] as const) {
  const group = paperGroups(which, 1, steps)[at]!;
  const { n, m, batch } = group.shape;
  const { ring, splits } = await launchesOf(group);
  const shape = { n, m, density: 1, ring, splits, sparse: m >= 64 };
  const counts = stepCounts(
    shape,
    group.models.map((model) => activityOf(model, batch)),
    predictedCard,
  );
  console.log(
    `\n${group.name}: ${Object.entries(counts)
      .map(([name, { seconds }]) => `${name} ${(1e3 * seconds).toFixed(2)}`)
      .join(', ')} ms`,
  );
}
