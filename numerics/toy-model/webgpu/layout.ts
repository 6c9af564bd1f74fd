import { expm1, log1p } from '../../elementary.ts';
import type { TrainerSettings } from '../wasm/toy-model-trainer.ts';
import { largestPointCount } from '../../random/sampler-tables.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import type { StreamKey } from '../../random/streams.ts';
import type { Schedule } from './rates.ts';
import { stateLength } from './state.ts';

/** What all models of a group have in common. */
export type GroupShape = Pick<TrainerSettings, 'n' | 'm' | 'batch'>;

/** What each model has of its own. */
export interface GroupModel extends Omit<TrainerSettings, keyof GroupShape> {
  /** Hidden width, at most the group's, which it is where it is not given: the columns beyond it are zero, and stay so. */
  readonly m?: number;
  readonly schedule: Schedule;
  readonly frequency: Float64Array;
  readonly tables: SamplerTables;
  readonly key: StreamKey;
}

/** Longest list of samples in one row of M: longer ones are cut, and their parts summed in order. */
export const segmentLength = 64;
/** Columns of M that are summed in one go for M W; the parts are then summed in order. */
const splitColumns = 1024;
/** Standard deviations that are kept free above the expected number of active features and of entries. */
const spread = 8;

/**
 * Width from which on the zeros of M are left out of its products, where it has enough of them: below, the product reads
 * M and little else, and there is nothing to win.
 */
export const sparseFrom = 64;
/**
 * Entries of M to one that is not zero from which on they are left out. A card multiplies 2 floating-point operations an
 * entry and column of W at some 20 to 28 TFLOP/s in tiles, and reads 4 bytes for each that is not zero at 5.5 TB/s from its
 * cache: even at 1 in 7 to 1 in 10.
 */
const sparseRatio = 16;

/** Rows of G and of M that a model needs, and entries of a batch. */
export interface Capacity {
  readonly rows: number;
  /** A multiple of 4. */
  readonly segments: number;
  readonly entries: number;
}

/** More than any batch takes, but for one in 10^15, which ends the training with an error. */
function capacityOf({ frequency, tables }: GroupModel, { n, batch }: GroupShape): Capacity {
  let distinct = 0;
  let active = 0;
  for (const p of frequency) {
    active += batch * p;
    distinct += p < 1 ? -expm1(batch * log1p(-p)) : 1;
  }
  const above = (mean: number, most: number): number => Math.min(most, Math.ceil(mean + spread * Math.sqrt(mean) + 16));
  const rows = above(distinct, n);
  const entries = above(active, batch * largestPointCount(tables));
  return { rows, segments: 4 * Math.ceil((rows + entries / segmentLength) / 4), entries };
}

/** Members of `shape` in the kernels, in order. Those that end in 4 count elements of vec4. */
export type ShapeNumbers = ReturnType<typeof groupLayout>['numbers'];

export type BufferName =
  | 'step'
  | 'shape'
  | 'models'
  | 'tables'
  | 'plan'
  | 'visits'
  | 'status'
  | 'state'
  | 'rates'
  | 'G'
  | 'M'
  | 'masks'
  | 'gradients'
  | 'H'
  | 'parts'
  | 'losses';

/** What the buffers of a group hold, and where. */
export type GroupLayout = ReturnType<typeof groupLayout>;

/** Steps that can be handed over at a time. */
export const windowSteps = 512;
/** Bytes from one step's numbers to the next: the alignment that every device accepts. */
export const stepStride = 256;
/** Words of a model's description. */
export const modelWords = 25;

const headerWords = 4;
/** Of a visit: the sample, how many features it has, and slot and value of the first three. */
const visitWords = 8;
/** Steps whose samples are drawn in one go: more for few models, which wait for launches rather than for work. */
const [leastRing, mostRing] = [4, 16];
const ringBytes = 2 ** 27;
/** Rates of so many bytes are kept on the device: those of all steps, but for very long schedules of many models. */
const mostRateBytes = 2 ** 26;

/** `schedules`: how many sequences of learning rates the models have; `steps`: of the training. `sparse`: for tests; whether zeros of M may be left out. */
export function groupLayout(
  shape: GroupShape,
  models: readonly GroupModel[],
  { schedules, steps, sparse }: { readonly schedules: number; readonly steps: number; readonly sparse?: boolean },
) {
  const { n, m, batch } = shape;
  const n4 = Math.ceil(n / 4);
  const m4 = Math.ceil(m / 4);
  const capacities = models.map((model) => capacityOf(model, shape));
  const [rowBases, rows] = running(capacities.map((capacity) => capacity.rows));
  const [segmentBases, segments] = running(capacities.map((capacity) => capacity.segments));
  const points = Math.max(1, ...models.map(({ tables }) => largestPointCount(tables)));
  const mostSegments = Math.max(...capacities.map((capacity) => capacity.segments));
  const mostEntries = Math.max(...capacities.map((capacity) => capacity.entries));
  const maskWords = Math.ceil(batch / 32);
  const splits = splitsOf(n);
  const columnTiles = Math.ceil(n4 / 64);
  const plan = placed({
    header: headerWords,
    entryCount: batch,
    entryFeature: batch * points,
    entryValue: batch * points,
    entrySlot: batch * points,
    featureUses: n,
    featureSlot: n,
    featureBegin: n,
    featureMask: n * maskWords,
    slotFeature: n,
    slotSegment: n + 1,
    segmentSlot: mostSegments,
    segmentBegin: mostSegments + 1,
  });
  const state = stateLength(shape) / 4;
  const count = models.length;
  const ring = Math.max(leastRing, Math.min(mostRing, Math.floor(ringBytes / (4 * plan.size * count))));
  const [visitBases, visits] = running(capacities.map((capacity) => ring * capacity.entries));
  const lanes = lanesOf(m4);
  const leavesOut = (sparse ?? m >= sparseFrom) && sparseRatio * n * mostSegments < 2 ** 32;
  // a word for each 32 entries of a row of M, then one for each 32 entries of a column
  const rowWords = Math.ceil(n / 32);
  const [columnMasks, maskSize] = leavesOut
    ? running(capacities.map((capacity) => n * Math.ceil(capacity.segments / 32)))
    : [models.map(() => 0), 0];
  const columnMaskBegin = count + (leavesOut ? segments * rowWords : 0);
  const tableWords = new Map(
    models.map(({ tables }) => [
      tables,
      tables.hazardLast.length + tables.hazardGuide.length + tables.countLast.length,
    ]),
  );
  const vec4 = (elements: number): number => 16 * elements;
  const rateSteps = Math.max(windowSteps, Math.min(steps, Math.floor(mostRateBytes / vec4(schedules))));
  const numbers = {
    n,
    n4,
    m4,
    batch,
    points,
    maskWords,
    segment: segmentLength,
    splits,
    split4: splitColumns / 4,
    columnTiles,
    lanes,
    /** Workgroups that update W. */
    weightGroups: Math.ceil((n * lanes) / 256),
    schedules,
    /** 0: all products take M as dense. */
    sparseRatio: leavesOut ? sparseRatio : 0,
    rowWords,
    state,
    stateFirst: n * m4,
    stateSecond: 2 * n * m4,
    stateB: 3 * n * m4,
    ...plan.at,
    plan: plan.size,
  };
  const bytes: Record<BufferName, number> = {
    step: stepStride * (windowSteps + 1),
    shape: 4 * Object.keys(numbers).length,
    models: 4 * modelWords * count,
    tables: 4 * [...tableWords.values()].reduce((sum, words) => sum + words, 0),
    plan: 4 * plan.size * count * ring,
    visits: 4 * visitWords * visits,
    status: 4 * count,
    state: vec4(state * count),
    rates: vec4(rateSteps * schedules),
    G: vec4(rows * n4),
    M: vec4(segments * n4),
    masks: 4 * (columnMaskBegin + maskSize),
    gradients: vec4(count * n * m4),
    H: vec4(segments * splits * m4),
    parts: vec4((segments / 4) * (n4 + columnTiles)),
    losses: 4 * 2 * windowSteps * count,
  };
  return {
    numbers,
    capacities,
    /** By model, its first row in G, in M, in the list of visits, and its first word in the masks of columns. */
    rowBases,
    segmentBases,
    visitBases,
    columnMaskBases: columnMasks.map((base) => columnMaskBegin + base),
    /** The most of any model. */
    most: {
      rows: Math.max(...capacities.map((capacity) => capacity.rows)),
      segments: mostSegments,
      entries: mostEntries,
    },
    ring,
    rateSteps,
    /** Of each buffer. */
    bytes,
  };
}

/** Parts that the depth of M W is cut into. */
export function splitsOf(n: number): number {
  return Math.ceil(n / splitColumns);
}

/** Threads that share a row of W: a power of two. */
function lanesOf(m4: number): number {
  let lanes = 4;
  while (lanes < m4 && lanes < 64) lanes *= 2;
  return lanes;
}

function running(sizes: readonly number[]): [readonly number[], number] {
  let sum = 0;
  const begins = sizes.map((size) => {
    const begin = sum;
    sum += size;
    return begin;
  });
  return [begins, sum];
}

/** One after the other, in the order given. */
function placed<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
): { at: Record<Name, number>; size: number } {
  const [begins, size] = running(Object.values<number>(sizes));
  return {
    at: Object.fromEntries(Object.keys(sizes).map((name, i) => [name, begins[i]!])) as Record<Name, number>,
    size,
  };
}
