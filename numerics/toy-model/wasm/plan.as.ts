/**
 * From the samples of a batch to the product that serves them all. z = b + sum of x_i W W_i over the active features,
 * so each row v of H below gives a row W v, and a sample is a sum of a few of these, its terms. Features that several
 * samples share are rows of their own; those that only one sample has, if it has several, are summed beforehand into
 * one row, sum of x_i W_i, with coefficient 1: the same z from fewer rows.
 *
 * Output features are taken in an order of their own, columns: first those that are rows themselves, in the order of
 * the rows, so that the leading square of the product is symmetric.
 */

/** On the row of a term that no other sample has; such a term is the first of its sample. */
export const ownRow: u32 = 0x80000000;

/**
 * Reads what `drawBatch` wrote. `slotRow` [distinct]: scratch. Writes: featureAt [np] and columnOf [n], feature of a
 * column and back; positions [entries], the columns of the active features; termOffsets [rows + 1], termRows,
 * termValues; vectorAt and gradientAt, addresses of each row of H and of where its gradient is summed up: in W and dW,
 * or, of summed rows, in `sums` and `sumGradients` [rows, mp], for which sumOffsets, sumFeatures and sumValues keep the
 * parts. Rows come in this order: single features that samples share, single features of one sample, sums.
 * `result` (u32 each): how many are shared, how many are single, how many are sums.
 */
export function planBatch(
  rows: u32, offsets: usize, features: usize, values: usize, slots: usize, distinct: usize, uses: usize, distinctCount: u32,
  step: u32, stepOf: usize, n: u32, np: u32, slotRow: usize, featureAt: usize, columnOf: usize, positions: usize,
  termOffsets: usize, termRows: usize, termValues: usize, vectorAt: usize, gradientAt: usize,
  W: usize, dW: usize, mp: u32, sums: usize, sumGradients: usize, sumOffsets: usize, sumFeatures: usize, sumValues: usize, result: usize,
): void {
  const stride = <usize>mp << 2;
  let single: u32 = 0;
  for (let slot: u32 = 0; slot < distinctCount; slot++) {
    // written for every slot, since a branch could not be predicted: the next or the loops below write over what is not shared
    addSingle(slot, single, distinct, slotRow, featureAt, columnOf, vectorAt, gradientAt, W, dW, stride);
    single += <u32>(load<u32>(uses + (<usize>slot << 2)) > 1);
  }
  store<u32>(result, single);
  for (let row: u32 = 0; row < rows; row++) {
    const begin = <usize>load<u32>(offsets + (<usize>row << 2)) << 2;
    const end = <usize>load<u32>(offsets + (<usize>(row + 1) << 2)) << 2;
    if (countOwn(begin, end, slots, uses) != 1) continue;
    for (let e = begin; e < end; e += 4) {
      const slot = load<u32>(slots + e);
      if (load<u32>(uses + (<usize>slot << 2)) == 1) addSingle(slot, single++, distinct, slotRow, featureAt, columnOf, vectorAt, gradientAt, W, dW, stride);
    }
  }

  let column = single;
  let summed: u32 = 0;
  let parts: usize = 0;
  let terms: usize = 0;
  store<u32>(termOffsets, 0);
  store<u32>(sumOffsets, 0);
  for (let row: u32 = 0; row < rows; row++) {
    const begin = <usize>load<u32>(offsets + (<usize>row << 2)) << 2;
    const end = <usize>load<u32>(offsets + (<usize>(row + 1) << 2)) << 2;
    const own = countOwn(begin, end, slots, uses);
    const first = terms;
    if (own > 0) terms += 4;
    if (own > 1) {
      const at = <usize>(single + summed) << 2;
      store<u32>(termRows + first, (single + summed) | ownRow);
      store<f32>(termValues + first, 1);
      store<u32>(vectorAt + at, <u32>(sums + summed * stride));
      store<u32>(gradientAt + at, <u32>(sumGradients + summed * stride));
    }
    for (let e = begin; e < end; e += 4) {
      const slot = <usize>load<u32>(slots + e) << 2;
      const feature = load<u32>(features + e);
      const onlyHere = load<u32>(uses + slot) == 1;
      if (onlyHere && own > 1) {
        store<u32>(featureAt + (<usize>column << 2), feature);
        store<u32>(columnOf + (<usize>feature << 2), column++);
        store<u32>(sumFeatures + parts, feature);
        store<f32>(sumValues + parts, load<f32>(values + e));
        parts += 4;
      } else {
        const at = onlyHere ? first : terms;
        store<u32>(termRows + at, load<u32>(slotRow + slot) | (onlyHere ? ownRow : 0));
        store<f32>(termValues + at, load<f32>(values + e));
        if (!onlyHere) terms += 4;
      }
      store<u32>(positions + e, load<u32>(columnOf + (<usize>feature << 2)));
    }
    if (own > 1) {
      summed++;
      store<u32>(sumOffsets + (<usize>summed << 2), <u32>(parts >> 2));
    }
    store<u32>(termOffsets + (<usize>(row + 1) << 2), <u32>(terms >> 2));
  }
  for (let i: u32 = 0; i < np; i++) {
    store<u32>(featureAt + (<usize>column << 2), i);
    column += <u32>(load<u32>(stepOf + (<usize>i << 2)) != step);
  }
  store<u32>(result, single, 4);
  store<u32>(result, summed, 8);
}

/** Makes a feature a row and the column of the same number. */
@inline function addSingle(
  slot: u32, row: u32, distinct: usize, slotRow: usize, featureAt: usize, columnOf: usize, vectorAt: usize, gradientAt: usize, W: usize, dW: usize, stride: usize,
): void {
  const feature = load<u32>(distinct + (<usize>slot << 2));
  const at = <usize>row << 2;
  store<u32>(slotRow + (<usize>slot << 2), row);
  store<u32>(featureAt + at, feature);
  store<u32>(columnOf + (<usize>feature << 2), row);
  store<u32>(vectorAt + at, <u32>(W + feature * stride));
  store<u32>(gradientAt + at, <u32>(dW + feature * stride));
}

/** Of the active features of a sample, those that no other sample of the batch has. */
@inline function countOwn(begin: usize, end: usize, slots: usize, uses: usize): u32 {
  let own: u32 = 0;
  for (let e = begin; e < end; e += 4) own += <u32>(load<u32>(uses + (<usize>load<u32>(slots + e) << 2)) == 1);
  return own;
}

/** sums[r] = sum of x_i W_i over its parts. */
export function sumRows(count: u32, offsets: usize, features: usize, values: usize, W: usize, mp: u32, sums: usize): void {
  const stride = <usize>mp << 2;
  for (let r: u32 = 0; r < count; r++) {
    const begin = <usize>load<u32>(offsets + (<usize>r << 2)) << 2;
    const end = <usize>load<u32>(offsets + (<usize>(r + 1) << 2)) << 2;
    for (let k: usize = 0; k < stride; k += 16) {
      let sum = f32x4.splat(0);
      for (let e = begin; e < end; e += 4) {
        sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(values + e), v128.load(W + load<u32>(features + e) * stride + k)));
      }
      v128.store(sums + k, sum);
    }
    sums += stride;
  }
}

/** dW_i += x_i times the gradient of its sum, which is cleared. */
export function distributeSums(count: u32, offsets: usize, features: usize, values: usize, gradients: usize, dW: usize, mp: u32): void {
  const stride = <usize>mp << 2;
  for (let r: u32 = 0; r < count; r++) {
    const begin = <usize>load<u32>(offsets + (<usize>r << 2)) << 2;
    const end = <usize>load<u32>(offsets + (<usize>(r + 1) << 2)) << 2;
    for (let e = begin; e < end; e += 4) {
      const row = dW + load<u32>(features + e) * stride;
      const value = v128.load_splat<f32>(values + e);
      for (let k: usize = 0; k < stride; k += 16) v128.store(row + k, f32x4.add(v128.load(row + k), f32x4.mul(value, v128.load(gradients + k))));
    }
    for (let k: usize = 0; k < stride; k += 16) v128.store(gradients + k, f32x4.splat(0));
    gradients += stride;
  }
}

/** at[c] = base + places[c] stride. */
export function rowAddresses(places: usize, count: u32, base: usize, stride: usize, at: usize): void {
  const end = <usize>count << 2;
  for (let o: usize = 0; o < end; o += 4) store<u32>(at + o, <u32>(base + load<u32>(places + o) * stride));
}

/** to[c] = from[at[c]] of 4-byte elements. */
export function gather(from: usize, at: usize, count: u32, to: usize): void {
  const end = <usize>count << 2;
  for (let o: usize = 0; o < end; o += 4) store<u32>(to + o, load<u32>(from + (<usize>load<u32>(at + o) << 2)));
}

/** to[at[c]] += from[c], and clears `from`. */
export function scatterAdd(from: usize, at: usize, count: u32, to: usize): void {
  const end = <usize>count << 2;
  for (let o: usize = 0; o < end; o += 4) {
    const target = to + (<usize>load<u32>(at + o) << 2);
    store<f32>(target, load<f32>(target) + load<f32>(from + o));
    store<f32>(from + o, 0);
  }
}
