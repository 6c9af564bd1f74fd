import { log1p, expm1, pow } from '../elementary.ts';
import { guideShift, largestPointCount } from '../random/sampler-tables.ts';
import type { SamplerTables } from '../random/sampler-tables.ts';
import { streamTag } from '../random/streams.ts';
import type { StreamKey } from '../random/streams.ts';
import { blockColumns, instantiateKernels, roundUp } from './toy-model.ts';
import type { KernelInstance } from './toy-model.ts';

export interface TrainerSettings {
  readonly n: number;
  readonly m: number;
  readonly batch: number;
  /** Decay gamma of Eq. 2. */
  readonly gamma: number;
  readonly lossScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly projection: 'none' | 'unit-rows';
}

/** W: [n, m], b: [n], and their first and second moments, all in single precision. */
export interface TrainerState {
  readonly W: Float32Array;
  readonly b: Float32Array;
}

type Place =
  | 'W' | 'firstW' | 'secondW' | 'b' | 'firstB' | 'secondB' | 'gradientW' | 'gradientB'
  | 'hazardLast' | 'hazardGuide' | 'countLast' | 'offsets' | 'features' | 'values' | 'slots' | 'distinct'
  | 'stepOf' | 'rowOf' | 'slotOf' | 'blocks' | 'result' | 'x' | 'z' | 'list' | 'places' | 'marks' | 'rows' | 'columns' | 'G' | 'M';

/**
 * The toy model's training steps (Sec. 2, Eq. 2) in the factored sparse form: with U the features active anywhere in
 * the batch, G = W_U W^T gives every pre-activation, and the gradient comes from M = X_U^T r. What is zero is not
 * computed; the gradient is that of the dense form up to rounding. Memory is laid out once.
 */
export class ToyModelTrainer {
  readonly #settings: TrainerSettings;
  readonly #tables: SamplerTables;
  readonly #key: StreamKey;
  readonly #kernel: KernelInstance<Place>;
  readonly #np: number;
  readonly #mp: number;
  readonly #blockColumns: number;
  readonly #result: Uint32Array;
  readonly #squares: Float64Array;

  constructor(settings: TrainerSettings, p: Float64Array, tables: SamplerTables, key: StreamKey, initial: TrainerState) {
    const { n, m, batch } = settings;
    this.#settings = settings;
    this.#tables = tables;
    this.#key = key;
    const np = (this.#np = roundUp(n, 16));
    const mp = (this.#mp = roundUp(m, 4));
    const points = batch * largestPointCount(tables);
    const distinct = roundUp(Math.min(n, points), 4);
    const columns = (this.#blockColumns = blockColumns(n, expectedDistinct(p, batch)));
    const sizes: Record<Place, number> = {
      W: 4 * np * mp,
      firstW: 4 * np * mp,
      secondW: 4 * np * mp,
      b: 4 * np,
      firstB: 4 * np,
      secondB: 4 * np,
      gradientW: 4 * np * mp,
      gradientB: 4 * np,
      hazardLast: 4 * tables.hazardLast.length,
      hazardGuide: 4 * tables.hazardGuide.length,
      countLast: 4 * tables.countLast.length,
      offsets: 4 * (batch + 1),
      features: 4 * points,
      values: 4 * points,
      slots: 4 * points,
      distinct: 4 * distinct,
      stepOf: 4 * n,
      rowOf: 4 * n,
      slotOf: 4 * n,
      blocks: 16 * batch,
      result: 16,
      x: 4 * np,
      z: 4 * columns,
      list: 4 * columns,
      places: 4 * columns,
      marks: columns / 8 + 8,
      rows: 4 * distinct * mp,
      columns: 4 * columns * mp,
      G: 4 * distinct * columns,
      M: 4 * distinct * columns,
    };
    this.#kernel = instantiateKernels(sizes);
    this.#result = this.#kernel.u32('result', 2);
    this.#squares = this.#kernel.f64('result', 2);
    this.#kernel.u32('hazardLast', tables.hazardLast.length).set(tables.hazardLast);
    this.#kernel.u32('hazardGuide', tables.hazardGuide.length).set(tables.hazardGuide);
    this.#kernel.u32('countLast', tables.countLast.length).set(tables.countLast);
    const W = this.#kernel.f32('W', np * mp);
    for (let i = 0; i < n; i++) W.set(initial.W.subarray(i * m, (i + 1) * m), i * mp);
    // features that pad to whole vectors are never positive, so they never take part
    this.#kernel.f32('b', np).fill(-1).set(initial.b.subarray(0, n));
  }

  /**
   * Step k = 1, 2, ...: gradient at the current weights, decay, Adam, and the projection if asked for. Rates are those
   * of this step. Returns the training loss, summed over features (before the step).
   */
  step(k: number, rateW: number, rateB: number): number {
    const { kernels, at } = this.#kernel;
    const { n, m, batch, gamma, lossScale, beta1, beta2, epsilon, projection } = this.#settings;
    const { alwaysActive, firstCount, hazardGuide } = this.#tables;
    kernels.drawBatch(
      alwaysActive, at.hazardLast, at.hazardGuide, guideShift(hazardGuide), at.countLast, firstCount,
      this.#key.k0, this.#key.k1, k, streamTag.training, batch,
      at.offsets, at.features, at.values, at.slots, at.distinct, at.stepOf, at.rowOf, at.slotOf, at.blocks, at.result,
    );
    const rows = this.#result[0]!;
    const distinct = this.#result[1]!;
    let squaredError = this.#squares[1]!;
    const np = this.#np;
    const mp = this.#mp;
    if (distinct > 0) kernels.packRows(at.W, mp, at.distinct, distinct, at.rows);
    const tiles = Math.ceil(distinct / 4);
    for (let first = 0; first < np && distinct > 0; first += this.#blockColumns) {
      const columns = Math.min(this.#blockColumns, np - first);
      kernels.packColumns(at.W, mp, first, columns, at.columns);
      kernels.product(at.rows, tiles, at.columns, columns / 8, m, mp, at.G);
      squaredError += kernels.accumulateGradient(
        at.offsets, at.slots, at.features, at.values, 0, rows,
        at.G, at.M, at.b + 4 * first, at.gradientB + 4 * first, at.x, at.z, at.list, at.places, at.marks, 4 * columns, first,
      );
      kernels.scatterGradient(at.M, distinct, columns, first, at.distinct, at.W, at.gradientW, mp, at.list, at.places, at.marks);
    }
    const silent = batch - rows;
    if (silent > 0) squaredError += silent * kernels.addSilentSamples(at.b, at.gradientB, 4 * np, silent);

    const correction1 = 1 - pow(beta1, k);
    const correction2 = 1 - pow(beta2, k);
    kernels.configureStep((2 * lossScale) / (batch * n), beta1, 1 - beta1, beta2, 1 - beta2, 1 / Math.sqrt(correction2), epsilon);
    kernels.updateBias(at.b, at.gradientB, at.firstB, at.secondB, 4 * np, rateB / correction1);
    kernels.updateRows(
      at.W, at.gradientW, at.firstW, at.secondW, n, mp,
      rateW / correction1, rateW * gamma, gamma < 0, projection === 'unit-rows', epsilon,
    );
    return squaredError / batch;
  }

  /** A copy of W: [n, m]. */
  weights(): Float32Array {
    const { n, m } = this.#settings;
    const padded = this.#kernel.f32('W', this.#np * this.#mp);
    const W = new Float32Array(n * m);
    for (let i = 0; i < n; i++) W.set(padded.subarray(i * this.#mp, i * this.#mp + m), i * m);
    return W;
  }

  /** A copy of b: [n]. */
  biases(): Float32Array {
    return this.#kernel.f32('b', this.#settings.n).slice();
  }

  /** All that the next step depends on but its number: a live view, to be saved and overwritten. */
  get state(): Float32Array {
    return this.#kernel.f32('W', (this.#kernel.at.gradientW - this.#kernel.at.W) / 4);
  }
}

/** E |U|: how many distinct features a batch has on average. */
function expectedDistinct(p: Float64Array, batch: number): number {
  let sum = 0;
  for (const probability of p) sum += probability < 1 ? -expm1(batch * log1p(-probability)) : 1;
  return sum;
}
