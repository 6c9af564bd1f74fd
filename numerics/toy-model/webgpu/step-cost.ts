import { squareTile, tileOf, tileQuadsOf, tileRowsOf } from './products.ts';
import type { Tile } from './products.ts';

/** A card, by what its memory, caches and launches let a step take. */
export interface Card {
  /** Floating-point operations a second that tiled products reach, and multiprocessors that share them. */
  readonly productRate: number;
  readonly processors: number;
  /** Bytes a second. */
  readonly memory: number;
  readonly cache: number;
  /** Seconds from one launch to the next, a barrier between them. */
  readonly launch: number;
}

/** An H100, as predicted: no such card has run these kernels. */
export const predictedCard: Card = {
  productRate: 28e12,
  processors: 132,
  memory: 2.7e12,
  cache: 5.5e12,
  launch: 4e-6,
};

/** What a model has to do in a step, on average. */
export interface ModelActivity {
  /** Features active anywhere in the batch: rows of G. */
  readonly distinct: number;
  /** Lists of samples: rows of M. */
  readonly segments: number;
  /** Active features, over all samples. */
  readonly entries: number;
  /** Over all samples, the square of how many features are active. */
  readonly pairs: number;
}

export interface StepShape {
  readonly n: number;
  readonly m: number;
  /** Share of the entries of M that are not zero, where they are left out; 1: M is taken as dense. */
  readonly density: number;
  /** Steps whose samples are drawn in one go. */
  readonly ring: number;
  readonly splits: number;
  readonly sparse: boolean;
}

/** What a launch does, for all models of a group. */
export interface KernelCount {
  /** Launches a step. */
  readonly launches: number;
  /** Floating-point operations, those in the padding of tiles not counted. */
  readonly flop: number;
  /** Bytes from and to memory that no cache can save, and bytes that caches serve. */
  readonly memoryBytes: number;
  readonly cacheBytes: number;
  /** On a card. */
  readonly seconds: number;
}

export type CountedKernel = 'draws' | 'activation' | 'residual' | 'columns' | 'weightGradient' | 'backward' | 'update';

/** Counts of a step of a group by kernel, and how long each is predicted to take on `card`. */
export function stepCounts(
  shape: StepShape,
  models: readonly ModelActivity[],
  card = predictedCard,
): Record<CountedKernel, KernelCount> {
  const { n, m, density, ring, splits, sparse } = shape;
  const n4 = Math.ceil(n / 4);
  const m4 = Math.ceil(m / 4);
  const sum = (of: (model: ModelActivity) => number): number => models.reduce((total, model) => total + of(model), 0);
  const rows = sum(({ distinct }) => distinct);
  const segments = sum((model) => model.segments);
  const count = models.length;
  /** Seconds of launches that move and multiply at one time: the longer, and half of the shorter. */
  const seconds = (launches: number, arithmetic: number, moving: number): number =>
    launches * card.launch + Math.max(arithmetic, moving) + 0.5 * Math.min(arithmetic, moving);
  const kernel = (
    flop: number,
    memoryBytes: number,
    cacheBytes: number,
    launches = 1,
    arithmetic = flop / card.productRate,
  ): KernelCount => ({
    launches,
    flop,
    memoryBytes,
    cacheBytes,
    seconds: seconds(launches, arithmetic, Math.max(memoryBytes / card.memory, cacheBytes / card.cache)),
  });
  /** Seconds of a product of `height` x `width` quads: no less than one tile takes on one multiprocessor. */
  const tiled = (tile: Tile, heights: readonly number[], quads: number, depth: number, copies = 1): number => {
    const tiles =
      heights.reduce((total, height) => total + Math.ceil(height / tileRowsOf(tile)), 0) *
      Math.ceil(quads / tileQuadsOf(tile)) *
      copies;
    const each = (2 * tileRowsOf(tile) * 4 * tileQuadsOf(tile) * depth) / (card.productRate / card.processors);
    return Math.max(1, tiles / card.processors) * each;
  };
  const G = 4 * rows * n;
  const M = 4 * segments * n;
  const W = 4 * n * m * count;
  const H = 4 * segments * splits * m;
  const tile = tileOf(m4);
  const heights = models.map(({ distinct }) => distinct);
  const segmentHeights = models.map((model) => model.segments);
  const meanSegments = segments / count;
  const leftOut = sparse && density < 1;
  const flopOfM = 2 * segments * n * m * (leftOut ? density : 1);
  // where zeros are left out, a row of W is read for each entry that is not
  const gathered = 4 * segments * n * density * m;
  const product = (copies: number, rowsOfIt: readonly number[], depth: number, memoryBytes: number): KernelCount =>
    leftOut
      ? kernel(flopOfM, memoryBytes * Math.min(1, 8 * density), gathered)
      : kernel(flopOfM, memoryBytes, 0, 1, tiled(tile, rowsOfIt, m4, depth, copies));
  return {
    draws: kernel(
      0,
      sum(({ entries }) => 200 * entries),
      0,
      4 / ring,
    ),
    activation: kernel(2 * rows * n * m, G, 0, 1, tiled(squareTile, heights, n4, m)),
    // own rows of G once a segment, others once a visit
    residual: kernel(
      sum(({ pairs }) => 2 * pairs * n) + 6 * sum(({ entries }) => entries) * n,
      M,
      4 * n * (segments + sum(({ pairs, entries }) => pairs - entries)),
    ),
    columns: sparse ? kernel(0, M / 16, 0) : kernel(0, 0, 0, 0),
    weightGradient: product(
      1,
      models.map(() => n),
      meanSegments,
      M,
    ),
    backward: product(splits, segmentHeights, n / splits, M),
    // W and both moments are read and written, dW written and read, H too
    update: kernel(15 * n * m * count, 8 * W + 2 * H, 0),
  };
}

export function stepSeconds(shape: StepShape, models: readonly ModelActivity[], card = predictedCard): number {
  return Object.values(stepCounts(shape, models, card)).reduce((total, { seconds }) => total + seconds, 0);
}
