import { pow } from '../../elementary.ts';
import { guideShift, largestPointCount } from '../../random/sampler-tables.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import { streamTag } from '../../random/streams.ts';
import type { StreamKey } from '../../random/streams.ts';
import { blockColumns, expectedDistinct, instantiateKernels, neededBytes, roundUp, rowStride } from './toy-model.ts';
import { leastWide } from './wide.ts';
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

/** Where the symmetric half of G is copied: below, that costs as much as to compute it, or is too little to be worth the memory. */
const leastSymmetricWidth = 8;
const leastSymmetricShare = 0.25;
/** Silent columns are looked for at every so many steps while it does not pay to leave them out. */
const stepsBetweenLooks = 16;
/** What is left of the work must be less than this share of it, since to look for silent columns is work, too. */
const leastGain = 0.9;
/** Of the pre-activation and the residual, for one output of one sample. */
const operationsAnOutput = 12;
/** Elements of M that are listed before they are spread. */
const keptElements = 16384;

type Place =
  | 'W'
  | 'firstW'
  | 'secondW'
  | 'b'
  | 'firstB'
  | 'secondB'
  | 'gradientW'
  | 'gradientB'
  | 'hazardLast'
  | 'hazardGuide'
  | 'countLast'
  | 'offsets'
  | 'features'
  | 'values'
  | 'slots'
  | 'distinct'
  | 'uses'
  | 'stepOf'
  | 'rowOf'
  | 'slotOf'
  | 'blocks'
  | 'points'
  | 'more'
  | 'wantedBlock'
  | 'wantedSample'
  | 'result'
  | 'norms'
  | 'silent'
  | 'reordered'
  | 'newColumn'
  | 'widths'
  | 'featureAt'
  | 'columnOf'
  | 'positions'
  | 'termOffsets'
  | 'termRows'
  | 'termValues'
  | 'vectorAt'
  | 'gradientAt'
  | 'sums'
  | 'sumGradients'
  | 'sumOffsets'
  | 'sumFeatures'
  | 'sumValues'
  | 'columnB'
  | 'columnGradientB'
  | 'x'
  | 'z'
  | 'list'
  | 'places'
  | 'marks'
  | 'rows'
  | 'columns'
  | 'G'
  | 'M'
  | 'columnAt'
  | 'columnGradientAt'
  | 'rowBounds'
  | 'columnBounds'
  | 'needed'
  | 'neededSums'
  | 'ends'
  | 'vectorChunks'
  | 'gradientChunks'
  | 'weightChunks'
  | 'weightGradientChunks'
  | 'records';

/**
 * The toy model's training steps (Sec. 2, Eq. 2) in the factored sparse form: with U the features active anywhere in
 * the batch, G = W_U W^T gives every pre-activation, and the gradient comes from M = X_U^T r. What is zero is not
 * computed, what is symmetric is computed once, and features that one sample alone has share a row (plan.as.ts); the
 * gradient is that of the dense form up to rounding. Memory is laid out once.
 */
export class ToyModelTrainer {
  readonly #settings: TrainerSettings;
  readonly #tables: SamplerTables;
  readonly #key: StreamKey;
  readonly #kernel: KernelInstance<Place>;
  readonly #np: number;
  readonly #mp: number;
  readonly #blockColumns: number;
  /** Bytes from one block of columns of G to the next; 0 if all blocks take turns in one place. */
  readonly #blockBytes: number;
  readonly #wide: boolean;
  /** Of rows of W, 16 entries each. */
  readonly #chunks: number;
  readonly #result: Uint32Array;
  readonly #squares: Float64Array;
  readonly #needed: Uint8Array;
  readonly #offsets: Uint32Array;
  /** By block of columns, how many are not left out. */
  readonly #widths: Uint32Array;
  #silentColumnsPay = false;

  constructor(
    settings: TrainerSettings,
    p: Float64Array,
    tables: SamplerTables,
    key: StreamKey,
    initial: TrainerState,
  ) {
    const { n, m, batch } = settings;
    this.#settings = settings;
    this.#tables = tables;
    this.#key = key;
    const np = (this.#np = roundUp(n, 16));
    const mp = (this.#mp = rowStride(m));
    const points = batch * largestPointCount(tables);
    const distinct = roundUp(Math.min(n, points), 4);
    // blocks of random numbers beyond the first of each sample
    const others = batch * (largestPointCount(tables) >> 1) + 4;
    const expected = expectedDistinct(p, batch);
    const columns = (this.#blockColumns = blockColumns(n, expected));
    const blockBytes = 4 * distinct * columns;
    // a sum has two features at least, of one sample
    const sums = Math.min(batch, distinct / 2);
    const wide = (this.#wide = m >= leastWide);
    const chunks = (this.#chunks = Math.ceil(m / 16));
    const symmetric = !wide && m >= leastSymmetricWidth && expected >= leastSymmetricShare * n;
    this.#blockBytes = symmetric ? blockBytes : 0;
    const kept = columns + (wide ? keptElements : 0);
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
      uses: 4 * distinct,
      stepOf: 4 * np,
      rowOf: 4 * n,
      slotOf: 4 * n,
      blocks: 16 * roundUp(batch, 4),
      points: 4 * roundUp(batch, 4),
      more: 16 * others,
      wantedBlock: 4 * others,
      wantedSample: 4 * others,
      result: 16,
      norms: wide ? 0 : 4 * np,
      silent: wide ? 0 : 4 * np,
      reordered: wide ? 0 : 4 * np,
      newColumn: wide ? 0 : 4 * np,
      widths: 4 * Math.ceil(np / columns),
      featureAt: 4 * np + 4,
      columnOf: 4 * n,
      positions: 4 * points,
      termOffsets: 4 * (batch + 1),
      termRows: 4 * points,
      termValues: 4 * points,
      vectorAt: 4 * distinct,
      gradientAt: 4 * distinct,
      sums: 4 * sums * mp,
      sumGradients: 4 * sums * mp,
      sumOffsets: 4 * (sums + 1),
      sumFeatures: 4 * distinct,
      sumValues: 4 * distinct,
      columnB: 4 * np,
      columnGradientB: 4 * np,
      x: 4 * np,
      z: 4 * columns,
      list: 4 * kept + 64,
      places: 4 * kept + 64,
      marks: columns / 8 + 8,
      rows: (wide ? 2 : 4) * distinct * mp,
      columns: (wide ? 2 : 4) * columns * mp,
      G: symmetric ? blockBytes * Math.ceil(np / columns) : blockBytes,
      M: blockBytes,
      columnAt: wide ? 4 * np : 0,
      columnGradientAt: wide ? 4 * np : 0,
      rowBounds: wide ? 16 * distinct : 0,
      columnBounds: wide ? 12 * columns : 0,
      needed: wide ? distinct * neededBytes(columns) : 0,
      neededSums: wide ? 16 * kept : 0,
      ends: wide ? 4 * distinct : 0,
      vectorChunks: wide ? 64 * chunks * distinct : 0,
      gradientChunks: wide ? 64 * chunks * distinct : 0,
      weightChunks: wide ? 64 * chunks * columns : 0,
      weightGradientChunks: wide ? 64 * chunks * columns : 0,
      records: wide ? 8 * kept : 0,
    };
    this.#kernel = instantiateKernels(sizes);
    this.#result = this.#kernel.u32('result', 4);
    this.#squares = this.#kernel.f64('result', 2);
    this.#offsets = this.#kernel.u32('offsets', batch + 1);
    this.#widths = this.#kernel.u32('widths', Math.ceil(np / columns));
    this.#needed = this.#kernel.u8('needed', sizes.needed);
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
    const { n, batch, gamma, lossScale, beta1, beta2, epsilon, projection } = this.#settings;
    const { alwaysActive, firstCount, hazardGuide } = this.#tables;
    kernels.drawBatch(
      alwaysActive,
      at.hazardLast,
      at.hazardGuide,
      guideShift(hazardGuide),
      at.countLast,
      firstCount,
      this.#key.k0,
      this.#key.k1,
      k,
      streamTag.training,
      batch,
      at.offsets,
      at.features,
      at.values,
      at.slots,
      at.distinct,
      at.uses,
      at.stepOf,
      at.rowOf,
      at.slotOf,
      at.blocks,
      at.points,
      at.more,
      at.wantedBlock,
      at.wantedSample,
      at.result,
    );
    const samples = this.#result[0]!;
    let squaredError = this.#squares[1]!;
    if (samples > 0) squaredError += this.#accumulateGradient(k, samples, this.#result[1]!);
    const silent = batch - samples;
    if (silent > 0) squaredError += silent * kernels.addSilentSamples(at.b, at.gradientB, 4 * this.#np, silent);

    const correction1 = 1 - pow(beta1, k);
    const correction2 = 1 - pow(beta2, k);
    kernels.configureStep(
      (2 * lossScale) / (batch * n),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      1 / Math.sqrt(correction2),
      epsilon,
    );
    kernels.updateBias(at.b, at.gradientB, at.firstB, at.secondB, 4 * this.#np, rateB / correction1);
    kernels.updateRows(
      at.W,
      at.gradientW,
      at.firstW,
      at.secondW,
      n,
      this.#mp,
      rateW / correction1,
      rateW * gamma,
      gamma < 0,
      projection === 'unit-rows',
      epsilon,
    );
    return squaredError / batch;
  }

  /** What the samples that are not all zero, just drawn, add to the squared error but for their own squares. */
  #accumulateGradient(k: number, samples: number, distinct: number): number {
    const { kernels, at } = this.#kernel;
    const { n } = this.#settings;
    const np = this.#np;
    const mp = this.#mp;
    kernels.planBatch(
      samples,
      at.offsets,
      at.features,
      at.values,
      at.slots,
      at.distinct,
      at.uses,
      distinct,
      k,
      at.stepOf,
      n,
      np,
      at.rowOf,
      at.featureAt,
      at.columnOf,
      at.positions,
      at.termOffsets,
      at.termRows,
      at.termValues,
      at.vectorAt,
      at.gradientAt,
      at.W,
      at.gradientW,
      mp,
      at.sums,
      at.sumGradients,
      at.sumOffsets,
      at.sumFeatures,
      at.sumValues,
      at.result,
    );
    const shared = this.#result[0]!;
    const single = this.#result[1]!;
    const summed = this.#result[2]!;
    kernels.sumRows(summed, at.sumOffsets, at.sumFeatures, at.sumValues, at.W, mp, at.sums);
    const reordered = !this.#wide && this.#putSilentLast(k, samples, single, summed);
    const featureAt = reordered ? at.reordered : at.featureAt;
    kernels.gather(at.b, featureAt, np, at.columnB);
    const squaredError = this.#wide
      ? this.#accumulateWide(samples, shared, single, summed)
      : this.#accumulateNarrow(samples, shared, single, summed, reordered);
    kernels.distributeSums(summed, at.sumOffsets, at.sumFeatures, at.sumValues, at.sumGradients, at.gradientW, mp);
    kernels.scatterAdd(at.columnGradientB, featureAt, np, at.gradientB);
    return squaredError;
  }

  /**
   * Whether columns are left out at step k, since they are of features that are silent throughout the batch
   * (silent.as.ts): then the others come first in their block, in the order that they had. Costs the symmetry of G, so it
   * is done only where it saves more than that, and looked for seldom while it does not. Changes no bit of any result.
   */
  #putSilentLast(k: number, samples: number, single: number, summed: number): boolean {
    const { kernels, at } = this.#kernel;
    const { m } = this.#settings;
    const [np, mp] = [this.#np, this.#mp];
    if (!this.#silentColumnsPay && k % stepsBetweenLooks !== 0) return false;
    const live = kernels.findSilent(
      at.W,
      at.b,
      np,
      mp,
      samples,
      at.offsets,
      at.features,
      at.values,
      at.norms,
      at.silent,
    );
    const work = (columns: number) => (2 * m * (single + summed) + operationsAnOutput * samples) * columns;
    const mirrored = this.#blockBytes > 0 ? m * single * single : 0;
    this.#silentColumnsPay = work(live) < leastGain * (work(np) - mirrored);
    if (!this.#silentColumnsPay) return false;
    const entries = this.#offsets[samples]!;
    kernels.putSilentLast(
      at.featureAt,
      np,
      this.#blockColumns,
      at.silent,
      at.reordered,
      at.newColumn,
      at.positions,
      entries,
      at.widths,
    );
    return true;
  }

  /**
   * The squared error and the gradient, block of columns by block of columns, directly. `reordered`: the columns are those
   * of `putSilentLast`, of which only the first in each block are needed.
   */
  #accumulateNarrow(samples: number, shared: number, single: number, summed: number, reordered: boolean): number {
    const { kernels, at } = this.#kernel;
    const { m } = this.#settings;
    const [np, mp] = [this.#np, this.#mp];
    const rows = single + summed;
    kernels.packRows(at.vectorAt, rows, mp, at.rows);
    const symmetricPanels = this.#blockBytes > 0 && !reordered ? Math.floor(single / 8) : 0;
    const stride = 4 * this.#blockColumns;
    let squaredError = 0;
    let G = at.G;
    for (let first = 0; first < np; first += this.#blockColumns) {
      const columns = reordered ? this.#widths[first / this.#blockColumns]! : Math.min(this.#blockColumns, np - first);
      if (columns === 0) continue;
      const featureAt = (reordered ? at.reordered : at.featureAt) + 4 * first;
      kernels.packColumns(at.W, mp, featureAt, columns, at.columns);
      kernels.product(
        at.rows,
        Math.ceil(rows / 4),
        at.columns,
        columns / 8,
        m,
        mp,
        G,
        stride,
        symmetricPanels,
        first / 8,
        at.G,
        this.#blockBytes,
      );
      squaredError += kernels.accumulateGradient(
        at.offsets,
        at.positions,
        at.values,
        at.termOffsets,
        at.termRows,
        at.termValues,
        0,
        samples,
        G,
        at.M,
        stride,
        at.columnB + 4 * first,
        at.columnGradientB + 4 * first,
        at.x,
        at.z,
        at.list,
        at.places,
        at.marks,
        4 * columns,
        first,
        at.vectorAt,
        at.gradientAt,
        featureAt,
        at.W,
        at.gradientW,
        mp,
      );
      kernels.scatterGradient(
        at.M,
        shared,
        columns,
        stride,
        at.vectorAt,
        at.gradientAt,
        featureAt,
        at.W,
        at.gradientW,
        mp,
        at.list,
        at.places,
        at.marks,
      );
      G += this.#blockBytes;
    }
    return squaredError;
  }

  /** The same where rows of W are kilobytes long: bounds of G first, then the elements that matter; the gradient from copies. */
  #accumulateWide(samples: number, shared: number, single: number, summed: number): number {
    const { kernels, at } = this.#kernel;
    const { m } = this.#settings;
    const [np, mp, chunks] = [this.#np, this.#mp, this.#chunks];
    const rows = single + summed;
    kernels.rowAddresses(at.featureAt, np, at.W, 4 * mp, at.columnAt);
    kernels.rowAddresses(at.featureAt, np, at.gradientW, 4 * mp, at.columnGradientAt);
    kernels.quantizeRows(at.vectorAt, rows, m, at.rows, at.rowBounds);
    kernels.packChunks(at.vectorAt, rows, chunks, at.vectorChunks);
    const stride = 4 * this.#blockColumns;
    let squaredError = 0;
    for (let first = 0; first < np; first += this.#blockColumns) {
      const columns = Math.min(this.#blockColumns, np - first);
      const b = at.columnB + 4 * first;
      const columnAt = at.columnAt + 4 * first;
      kernels.quantizeColumns(columnAt, columns, m, at.columns, at.columnBounds);
      kernels.boundProduct(
        at.rows,
        at.rowBounds,
        Math.ceil(rows / 4),
        at.columns,
        at.columnBounds,
        columns / 8,
        m,
        at.G,
        stride,
      );
      const width = neededBytes(columns);
      this.#needed.fill(0, 0, rows * width);
      kernels.markNeeded(
        at.termOffsets,
        at.termRows,
        at.termValues,
        samples,
        at.G,
        stride,
        b,
        at.z,
        at.marks,
        4 * columns,
        at.needed,
        width,
      );
      kernels.packChunks(columnAt, columns, chunks, at.weightChunks);
      kernels.computeNeeded(
        at.needed,
        width,
        rows,
        at.vectorChunks,
        at.weightChunks,
        columns,
        chunks,
        at.G,
        stride,
        at.places,
        at.neededSums,
        at.ends,
        4 * keptElements,
      );
      kernels.configureSpread(
        at.vectorChunks,
        at.gradientChunks,
        rows,
        at.weightChunks,
        at.weightGradientChunks,
        columns,
        chunks,
        at.list,
        at.places,
        at.records,
        4 * keptElements,
      );
      squaredError += kernels.keepResiduals(
        at.offsets,
        at.positions,
        at.values,
        at.termOffsets,
        at.termRows,
        at.termValues,
        0,
        samples,
        at.G,
        at.M,
        stride,
        b,
        at.columnGradientB + 4 * first,
        at.x,
        at.z,
        at.list,
        at.places,
        at.marks,
        4 * columns,
        first,
      );
      kernels.keepGradient(at.M, shared, columns, stride, at.list, at.places, at.marks);
      kernels.spreadKept();
      kernels.addChunks(at.weightGradientChunks, columns, chunks, at.columnGradientAt + 4 * first);
    }
    kernels.addChunks(at.gradientChunks, rows, chunks, at.gradientAt);
    return squaredError;
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

  /** All that the next step depends on but its number: a view of it, which later steps change. */
  get state(): Float32Array {
    return this.#kernel.f32('W', (this.#kernel.at.gradientW - this.#kernel.at.W) / 4);
  }

  set state(state: Float32Array) {
    this.state.set(state);
  }
}
