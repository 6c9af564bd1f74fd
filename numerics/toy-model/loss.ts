import { blockColumns, instantiateKernels, roundUp } from './wasm/toy-model.ts';
import type { SparseSamples } from '../random/sampler.ts';

export interface ToyModelLoss {
  /** Mean over samples of the squared error summed over features. */
  readonly mean: number;
  /** The same over each batch of `batchSize` consecutive samples. */
  readonly batches: Float64Array;
  /** [n]: what each output feature contributes to the mean. */
  readonly outputs: Float64Array;
}

/**
 * Loss < |y - x|^2 > of the toy model y = ReLU(W W^T x + b) on given samples (Sec. 2). W: [n, m], b: [n]. The product
 * and pre-activations are in single precision, sums in double, so the bits are the same everywhere. The number of
 * samples must be a multiple of `batchSize`.
 */
export function evaluateLoss(
  { W, b, n, m }: { readonly W: Float32Array; readonly b: Float32Array; readonly n: number; readonly m: number },
  samples: SparseSamples,
  batchSize: number,
): ToyModelLoss {
  const count = samples.offsets.length - 1;
  if (W.length !== n * m || b.length !== n)
    throw new Error(`W and b have ${W.length} and ${b.length} elements: expected ${n * m} and ${n}`);
  if (count === 0 || count % batchSize !== 0)
    throw new Error(`${count} samples: expected a multiple of the batch size ${batchSize}`);
  const { offsets, slots, distinct, firstRow, silent } = withoutSilentSamples(samples, n, batchSize);
  const entries = samples.indices.length;
  const np = roundUp(n, 16);
  const mp = roundUp(m, 4);
  const slotCount = roundUp(distinct.length, 4);
  const blockWidth = blockColumns(n, slotCount);
  const { kernels, at, f32, f64, u32 } = instantiateKernels({
    W: 4 * np * mp,
    b: 4 * np,
    offsets: 4 * offsets.length,
    features: 4 * entries,
    values: 4 * entries,
    slots: 4 * entries,
    vectorAt: 4 * slotCount,
    featureAt: 4 * np,
    x: 4 * np,
    z: 4 * blockWidth,
    list: 4 * blockWidth,
    places: 4 * blockWidth + 64,
    marks: blockWidth / 8 + 8,
    rows: 4 * slotCount * mp,
    columns: 4 * blockWidth * mp,
    G: 4 * slotCount * blockWidth,
    outputs: 8 * np,
  });
  const padded = f32('W', np * mp);
  for (let i = 0; i < n; i++) padded.set(W.subarray(i * m, (i + 1) * m), i * mp);
  f32('b', np).fill(-1).set(b);
  u32('offsets', offsets.length).set(offsets);
  u32('features', entries).set(samples.indices);
  f32('values', entries).set(samples.values);
  u32('slots', entries).set(slots);
  u32('vectorAt', distinct.length).set(distinct.map((feature) => at.W + 4 * mp * feature));
  u32('featureAt', np).set(Uint32Array.from({ length: np }, (_, i) => i));

  const batches = new Float64Array(count / batchSize);
  if (distinct.length > 0) kernels.packRows(at.vectorAt, distinct.length, mp, at.rows);
  for (let first = 0; first < np && distinct.length > 0; first += blockWidth) {
    const columns = Math.min(blockWidth, np - first);
    kernels.packColumns(at.W, mp, at.featureAt + 4 * first, columns, at.columns);
    kernels.product(at.rows, slotCount / 4, at.columns, columns / 8, m, mp, at.G, 4 * columns, 0, first / 8, at.G, 0);
    for (let batch = 0; batch < batches.length; batch++) {
      batches[batch]! += kernels.accumulateLoss(
        at.offsets,
        at.features,
        at.values,
        at.slots,
        firstRow[batch]!,
        firstRow[batch + 1]!,
        at.G,
        4 * columns,
        at.b + 4 * first,
        at.outputs + 8 * first,
        at.x,
        at.z,
        at.list,
        at.places,
        at.marks,
        4 * columns,
        first,
      );
    }
  }
  const outputs = f64('outputs', n).slice();
  addTargets(samples, batchSize, batches, outputs);
  addSilentLoss(b, silent, batches, outputs);
  let sum = 0;
  for (const loss of batches) sum += loss;
  return {
    mean: sum / count,
    batches: batches.map((loss) => loss / batchSize),
    outputs: outputs.map((loss) => loss / count),
  };
}

interface ActiveRows {
  readonly offsets: Uint32Array;
  /** By entry, the place of its feature in `distinct`. */
  readonly slots: Uint32Array;
  readonly distinct: Uint32Array;
  /** By batch, its first row; one more at the end. */
  readonly firstRow: Uint32Array;
  /** By batch, how many samples are all zero. */
  readonly silent: Uint32Array;
}

function withoutSilentSamples({ offsets, indices }: SparseSamples, n: number, batchSize: number): ActiveRows {
  const count = offsets.length - 1;
  const kept = [0];
  const firstRow = new Uint32Array(count / batchSize + 1);
  for (let s = 0; s < count; s++) {
    if (offsets[s + 1]! > offsets[s]!) kept.push(offsets[s + 1]!);
    if ((s + 1) % batchSize === 0) firstRow[(s + 1) / batchSize] = kept.length - 1;
  }
  const slotOf = new Int32Array(n).fill(-1);
  const distinct: number[] = [];
  const slots = indices.map((feature) => {
    if (feature >= n) throw new Error(`feature ${feature} in the samples of a model with n = ${n}`);
    if (slotOf[feature]! < 0) slotOf[feature] = distinct.push(feature) - 1;
    return slotOf[feature]!;
  });
  const silent = new Uint32Array(count / batchSize).map(
    (_, batch) => batchSize - (firstRow[batch + 1]! - firstRow[batch]!),
  );
  return { offsets: Uint32Array.from(kept), slots, distinct: Uint32Array.from(distinct), firstRow, silent };
}

/** The x_i^2 that the kernel leaves out. */
function addTargets(
  { offsets, indices, values }: SparseSamples,
  batchSize: number,
  batches: Float64Array,
  outputs: Float64Array,
): void {
  for (let batch = 0; batch < batches.length; batch++) {
    for (let e = offsets[batch * batchSize]!; e < offsets[(batch + 1) * batchSize]!; e++) {
      const square = values[e]! * values[e]!;
      batches[batch]! += square;
      outputs[indices[e]!]! += square;
    }
  }
}

/** All-zero samples, whose output is ReLU(b). */
function addSilentLoss(b: Float32Array, silent: Uint32Array, batches: Float64Array, outputs: Float64Array): void {
  let total = 0;
  for (const count of silent) total += count;
  let sum = 0;
  for (let i = 0; i < b.length; i++) {
    if (!(b[i]! > 0)) continue;
    sum += b[i]! * b[i]!;
    outputs[i]! += total * b[i]! * b[i]!;
  }
  for (let batch = 0; batch < batches.length; batch++) batches[batch]! += silent[batch]! * sum;
}
