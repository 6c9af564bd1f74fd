/**
 * Output features that no sample of a batch can make positive. The pre-activation of output j is
 * z_j = b_j + sum of x_i W_i . W_j over the active features i of a sample, so |z_j - b_j| <= |W_j| sum of x_i |W_i|.
 * Where that is below -b_j for the sample with the largest sum, output j contributes neither to the loss nor to the
 * gradient, and its column of G need not be computed. Under weight decay (gamma > 0) most features end so.
 */

/** Room for what single precision rounds in norms, sums and pre-activations: below 1e-4 of each in narrow models. */
const slack: f32 = 1.002;
/** A bias nearer to 0 is not looked at: norms of rows may underflow below 1e-19. */
const leastBias: f32 = -1e-6;

/**
 * Sets silent[j] (u32) to 1 for each feature that is silent by that bound and to 0 for the others, `padded` of them, and
 * returns how many are 0. W: [padded, mp]; b, norms (scratch), silent: [padded]; offsets [rows + 1], features, values: the
 * samples as `drawBatch` writes them.
 */
export function findSilent(
  W: usize, b: usize, padded: u32, mp: u32, rows: u32, offsets: usize, features: usize, values: usize, norms: usize, silent: usize,
): u32 {
  const stride = <usize>mp << 2;
  let row = W;
  for (let o: usize = 0, end = <usize>padded << 2; o < end; o += 4) {
    let sum = f32x4.splat(0);
    for (const last = row + stride; row < last; row += 16) {
      const w = v128.load(row);
      sum = f32x4.add(sum, f32x4.mul(w, w));
    }
    const pairs = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
    store<f32>(norms + o, sqrt(f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)));
  }
  let largest: f32 = 0;
  let e: usize = 0;
  for (let r: u32 = 1; r <= rows; r++) {
    const end = <usize>load<u32>(offsets + (<usize>r << 2)) << 2;
    let sum: f32 = 0;
    for (; e < end; e += 4) sum += load<f32>(values + e) * load<f32>(norms + (<usize>load<u32>(features + e) << 2));
    largest = max(largest, sum);
  }
  const factor = f32x4.splat(largest * slack);
  const least = f32x4.splat(leastBias);
  let count = i32x4.splat(0);
  for (let o: usize = 0, end = <usize>padded << 2; o < end; o += 16) {
    const bias = v128.load(b + o);
    const reached = f32x4.mul(factor, v128.load(norms + o));
    const isSilent = v128.and(f32x4.lt(bias, least), f32x4.lt(f32x4.add(reached, bias), f32x4.mul(bias, f32x4.splat(0.002))));
    v128.store(silent + o, i32x4.neg(isSilent));
    count = i32x4.sub(count, isSilent);
  }
  const found = i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1) + i32x4.extract_lane(count, 2) + i32x4.extract_lane(count, 3);
  return padded - <u32>found;
}

/**
 * Puts the silent columns of each block of `blockColumns` behind its others, whose order stays: featureAt [padded] by the
 * columns of planBatch, `to` [padded] by those that come of it, `columnOf` [padded] from the former to the latter.
 * positions [entries] are brought from the former to the latter. widths (u32, a block): how many columns of a block there
 * are without the silent ones, rounded up to 16.
 */
export function putSilentLast(
  featureAt: usize, padded: u32, blockColumns: u32, silent: usize, to: usize, columnOf: usize, positions: usize, entries: u32, widths: usize,
): void {
  for (let first: u32 = 0; first < padded; first += blockColumns) {
    const end = min(padded, first + blockColumns);
    let front = first;
    let back = end - 1;
    for (let c = first; c < end; c++) {
      const feature = load<u32>(featureAt + (<usize>c << 2));
      const isSilent = load<u32>(silent + (<usize>feature << 2));
      const column = isSilent ? back : front;
      store<u32>(to + (<usize>column << 2), feature);
      store<u32>(columnOf + (<usize>c << 2), column);
      front += 1 - isSilent;
      back -= isSilent;
    }
    store<u32>(widths, (front - first + 15) & ~15);
    widths += 4;
  }
  for (let o: usize = 0, end = <usize>entries << 2; o < end; o += 4) {
    store<u32>(positions + o, load<u32>(columnOf + (<usize>load<u32>(positions + o) << 2)));
  }
}
