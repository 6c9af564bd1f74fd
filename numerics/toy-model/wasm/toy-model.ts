import { expm1, log1p } from '../../elementary.ts';
import { instantiate } from '../../kernel-memory.ts';
import { leastWide } from './wide.ts';
import bytes from './toy-model.wasm';

/** What `toy-model.as.ts` exports; addresses and sizes as its docstrings say. */
export interface ToyModelKernels {
  philoxBlock(input: number, output: number): void;
  drawBatch(
    alwaysActive: number,
    hazardLast: number,
    hazardGuide: number,
    guideShift: number,
    countLast: number,
    firstCount: number,
    k0: number,
    k1: number,
    step: number,
    tag: number,
    count: number,
    offsets: number,
    features: number,
    values: number,
    slots: number,
    distinct: number,
    uses: number,
    stepOf: number,
    rowOf: number,
    slotOf: number,
    blocks: number,
    points: number,
    more: number,
    wantedBlock: number,
    wantedSample: number,
    result: number,
  ): void;
  planBatch(
    rows: number,
    offsets: number,
    features: number,
    values: number,
    slots: number,
    distinct: number,
    uses: number,
    distinctCount: number,
    step: number,
    stepOf: number,
    n: number,
    np: number,
    slotRow: number,
    featureAt: number,
    columnOf: number,
    positions: number,
    termOffsets: number,
    termRows: number,
    termValues: number,
    vectorAt: number,
    gradientAt: number,
    W: number,
    dW: number,
    mp: number,
    sums: number,
    sumGradients: number,
    sumOffsets: number,
    sumFeatures: number,
    sumValues: number,
    result: number,
  ): void;
  sumRows(count: number, offsets: number, features: number, values: number, W: number, mp: number, sums: number): void;
  distributeSums(
    count: number,
    offsets: number,
    features: number,
    values: number,
    gradients: number,
    dW: number,
    mp: number,
  ): void;
  gather(from: number, at: number, count: number, to: number): void;
  rowAddresses(places: number, count: number, base: number, stride: number, at: number): void;
  scatterAdd(from: number, at: number, count: number, to: number): void;
  findSilent(
    W: number,
    b: number,
    padded: number,
    mp: number,
    rows: number,
    offsets: number,
    features: number,
    values: number,
    norms: number,
    silent: number,
  ): number;
  putSilentLast(
    featureAt: number,
    padded: number,
    blockColumns: number,
    silent: number,
    to: number,
    columnOf: number,
    positions: number,
    entries: number,
    widths: number,
  ): void;
  packRows(addresses: number, count: number, mp: number, out: number): void;
  packColumns(W: number, mp: number, features: number, count: number, out: number): void;
  product(
    rows: number,
    tiles: number,
    columns: number,
    panels: number,
    m: number,
    mp: number,
    out: number,
    outStride: number,
    symmetric: number,
    firstPanel: number,
    G: number,
    blockBytes: number,
  ): void;
  accumulateGradient(
    offsets: number,
    positions: number,
    values: number,
    termOffsets: number,
    termRows: number,
    termValues: number,
    begin: number,
    end: number,
    G: number,
    M: number,
    stride: number,
    b: number,
    db: number,
    x: number,
    z: number,
    list: number,
    places: number,
    marks: number,
    columnBytes: number,
    firstColumn: number,
    vectorAt: number,
    gradientAt: number,
    featureAt: number,
    W: number,
    dW: number,
    mp: number,
  ): number;
  keepResiduals(
    offsets: number,
    positions: number,
    values: number,
    termOffsets: number,
    termRows: number,
    termValues: number,
    begin: number,
    end: number,
    G: number,
    M: number,
    stride: number,
    b: number,
    db: number,
    x: number,
    z: number,
    list: number,
    places: number,
    marks: number,
    columnBytes: number,
    firstColumn: number,
  ): number;
  accumulateLoss(
    offsets: number,
    positions: number,
    values: number,
    termRows: number,
    begin: number,
    end: number,
    G: number,
    stride: number,
    b: number,
    perOutput: number,
    x: number,
    z: number,
    list: number,
    places: number,
    marks: number,
    columnBytes: number,
    firstColumn: number,
  ): number;
  scatterGradient(
    M: number,
    count: number,
    columns: number,
    rowBytes: number,
    vectorAt: number,
    gradientAt: number,
    featureAt: number,
    W: number,
    dW: number,
    mp: number,
    list: number,
    places: number,
    marks: number,
  ): void;
  keepGradient(
    M: number,
    count: number,
    columns: number,
    rowBytes: number,
    list: number,
    places: number,
    marks: number,
  ): void;
  quantizeRows(addresses: number, count: number, m: number, out: number, bounds: number): void;
  quantizeColumns(addresses: number, count: number, m: number, out: number, bounds: number): void;
  boundProduct(
    rows: number,
    rowBounds: number,
    tiles: number,
    columns: number,
    columnBounds: number,
    panels: number,
    m: number,
    out: number,
    outStride: number,
  ): void;
  markNeeded(
    termOffsets: number,
    termRows: number,
    termValues: number,
    samples: number,
    G: number,
    stride: number,
    b: number,
    z: number,
    marks: number,
    columnBytes: number,
    needed: number,
    neededBytes: number,
  ): void;
  computeNeeded(
    needed: number,
    neededBytes: number,
    rows: number,
    vectors: number,
    W: number,
    columns: number,
    chunks: number,
    G: number,
    outStride: number,
    places: number,
    sums: number,
    ends: number,
    room: number,
  ): void;
  configureSpread(
    vectorChunks: number,
    gradientChunks: number,
    rows: number,
    weightChunks: number,
    weightGradientChunks: number,
    columns: number,
    chunkCount: number,
    listAt: number,
    placesAt: number,
    recordsAt: number,
    size: number,
  ): void;
  spreadKept(): void;
  packChunks(addresses: number, count: number, chunkCount: number, out: number): void;
  addChunks(from: number, count: number, chunkCount: number, addresses: number): void;
  addSilentSamples(b: number, gradient: number, size: number, count: number): number;
  configureStep(
    scale: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    correction2: number,
    epsilon: number,
  ): void;
  updateBias(b: number, gradient: number, first: number, second: number, size: number, rate: number): void;
  updateRows(
    W: number,
    gradient: number,
    first: number,
    second: number,
    n: number,
    mp: number,
    rate: number,
    decay: number,
    growth: boolean,
    project: boolean,
    epsilon: number,
  ): void;
}

/** Places in the kernels' memory, each a multiple of 64 bytes, in the order given. */
export type Layout<Name extends string> = Readonly<Record<Name, number>>;

export interface KernelInstance<Name extends string> {
  readonly kernels: ToyModelKernels;
  readonly at: Layout<Name>;
  readonly f32: (name: Name, length: number) => Float32Array;
  readonly f64: (name: Name, length: number) => Float64Array;
  readonly u32: (name: Name, length: number) => Uint32Array;
  readonly u8: (name: Name, length: number) => Uint8Array;
}

/** The compiler's static data lie below. */
const firstAddress = 16384;

let compiled: WebAssembly.Module | undefined;

/** The kernels with a memory of their own, zero throughout: `sizes` in bytes. Memory never grows, so views stay valid. */
export function instantiateKernels<Name extends string>(sizes: Readonly<Record<Name, number>>): KernelInstance<Name> {
  compiled ??= new WebAssembly.Module(bytes);
  const { exports, at, buffer } = instantiate(compiled, firstAddress, sizes);
  return {
    kernels: exports as unknown as ToyModelKernels,
    at,
    f32: (name, length) => new Float32Array(buffer, at[name], length),
    f64: (name, length) => new Float64Array(buffer, at[name], length),
    u32: (name, length) => new Uint32Array(buffer, at[name], length),
    u8: (name, length) => new Uint8Array(buffer, at[name], length),
  };
}

export function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** Width of a block of output features such that a block of G = W_U W^T, of so many rows, stays near the processor. */
export function blockColumns(n: number, rows: number): number {
  const columns = Math.max(256, Math.floor(131072 / Math.max(1, rows)));
  return Math.min(roundUp(n, 16), roundUp(columns, 16));
}

/** Floats from row to row of W. Rows a multiple of a kilobyte apart would share a few sets of the processor's caches. */
export function rowStride(m: number): number {
  const padded = roundUp(m, m >= leastWide ? 16 : 4);
  return padded % 256 === 0 ? padded + 16 : padded;
}

/** Of a row of bits, one for each of so many columns, in whole words. */
export function neededBytes(columns: number): number {
  return roundUp(columns, 64) / 8;
}

/** E |U|: how many distinct features a batch has on average. */
export function expectedDistinct(p: Float64Array, batch: number): number {
  let sum = 0;
  for (const probability of p) sum += probability < 1 ? -expm1(batch * log1p(-probability)) : 1;
  return sum;
}
