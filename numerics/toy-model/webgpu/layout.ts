import { expm1, log1p } from '../../elementary.ts';
import type { TrainerSettings } from '../wasm/toy-model-trainer.ts';
import { largestPointCount } from '../../random/sampler-tables.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import type { StreamKey } from '../../random/streams.ts';
import { stateLength } from './state.ts';

/** What all models of a group have in common. */
export type GroupShape = Pick<TrainerSettings, 'n' | 'm' | 'batch'>;

/** What each model has of its own. */
export interface GroupModel extends Omit<TrainerSettings, keyof GroupShape> {
  readonly frequency: Float64Array;
  readonly tables: SamplerTables;
  readonly key: StreamKey;
}

/** Longest list of samples in one row of M: longer ones are cut, and their parts summed in order. */
const segment = 64;
/** Columns of M that are summed in one go for M W; the parts are then summed in order. */
const splitColumns = 2048;
/** Standard deviations that are kept free above the expected number of active features and of entries. */
const spread = 8;

/** Rows of G and of M that a model needs. */
export interface Capacity {
  readonly rows: number;
  /** A multiple of 4. */
  readonly segments: number;
}

/** More than any batch takes, but for one in 10^15, which is told of and ends the training. */
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
  return { rows, segments: 4 * Math.ceil((rows + entries / segment) / 4) };
}

/** Numbers that the kernels of a group are compiled with. Sizes named ...4 count elements of vec4. */
export interface GroupLayout {
  readonly constants: Readonly<Record<string, number>>;
  readonly capacities: readonly Capacity[];
  /** By model, its first row in G and in M. */
  readonly rowBases: readonly number[];
  readonly segmentBases: readonly number[];
  /** Bytes of each buffer. */
  readonly bytes: Readonly<Record<BufferName, number>>;
}

export type BufferName =
  | 'step'
  | 'models'
  | 'tables'
  | 'plan'
  | 'status'
  | 'state'
  | 'rates'
  | 'G'
  | 'M'
  | 'gradients'
  | 'H'
  | 'biasParts'
  | 'lossParts'
  | 'silentParts'
  | 'losses';

/** Steps whose samples are drawn in one go, and steps whose rates and losses the device keeps. */
export const ringSteps = 4;
export const windowSteps = 512;
/** Bytes from one step's numbers to the next: the alignment that every device accepts. */
export const stepStride = 256;
/** Words of a model's description. */
export const modelWords = 20;

const headerWords = 4;

export function groupLayout(shape: GroupShape, models: readonly GroupModel[]): GroupLayout {
  const { n, m, batch } = shape;
  const n4 = Math.ceil(n / 4);
  const m4 = Math.ceil(m / 4);
  const capacities = models.map((model) => capacityOf(model, shape));
  const [rowBases, rows] = running(capacities.map((capacity) => capacity.rows));
  const [segmentBases, segments] = running(capacities.map((capacity) => capacity.segments));
  // the kernels' numbers are those of the shape as far as can be, so that groups of one shape share compiled kernels
  const points = 8 * Math.ceil(Math.max(1, ...models.map(({ tables }) => largestPointCount(tables))) / 8);
  const mostSegments = n + Math.ceil((batch * points) / segment);
  const maskWords = Math.ceil(batch / 32);
  const splits = Math.ceil(n / splitColumns);
  const columnTiles = Math.ceil(n4 / 64);
  const plan = placed({
    HEADER: headerWords,
    ENTRY_COUNT: batch,
    ENTRY_FEATURE: batch * points,
    ENTRY_VALUE: batch * points,
    ENTRY_SLOT: batch * points,
    FEATURE_USES: n,
    FEATURE_SLOT: n,
    FEATURE_BEGIN: n,
    FEATURE_MASK: n * maskWords,
    SLOT_FEATURE: n,
    SLOT_SEGMENT: n + 1,
    SEGMENT_SLOT: mostSegments,
    SEGMENT_BEGIN: mostSegments + 1,
    SORTED_SAMPLE: batch * points,
  });
  const state = stateLength(shape) / 4;
  const count = models.length;
  const tableWords = new Map(
    models.map(({ tables }) => [
      tables,
      tables.hazardLast.length + tables.hazardGuide.length + tables.countLast.length,
    ]),
  );
  const vec4 = (elements: number): number => 16 * elements;
  return {
    constants: {
      N: n,
      N4: n4,
      M4: m4,
      BATCH: batch,
      POINTS: points,
      MASK_WORDS: maskWords,
      SEGMENT: segment,
      SPLITS: splits,
      SPLIT4: splitColumns / 4,
      COLUMN_TILES: columnTiles,
      LANES: lanesOf(m4),
      STATE: state,
      STATE_FIRST: n * m4,
      STATE_SECOND: 2 * n * m4,
      STATE_B: 3 * n * m4,
      ...plan.at,
      PLAN: plan.size,
    },
    capacities,
    rowBases,
    segmentBases,
    bytes: {
      step: stepStride * (windowSteps + 1),
      models: 4 * modelWords * count,
      tables: 4 * [...tableWords.values()].reduce((sum, words) => sum + words, 0),
      plan: 4 * plan.size * count * ringSteps,
      status: 4 * count,
      state: vec4(state * count),
      rates: vec4(windowSteps * count),
      G: vec4(rows * n4),
      M: vec4(segments * n4),
      gradients: vec4(count * n * m4),
      H: vec4(segments * splits * m4),
      biasParts: vec4((segments / 4) * n4),
      lossParts: 4 * (segments / 4) * columnTiles,
      silentParts: 4 * count * columnTiles,
      losses: 4 * windowSteps * count,
    },
  };
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
function placed(sizes: Readonly<Record<string, number>>): { at: Record<string, number>; size: number } {
  const [begins, size] = running(Object.values(sizes));
  return { at: Object.fromEntries(Object.keys(sizes).map((name, i) => [name, begins[i]!])), size };
}
