/**
 * From M = X_U^T r to the gradient of W: dW_j += M_uj W_u and dW_u += M_uj W_j for the nonzero M_uj of one block of
 * columns. M is left zero for the next step.
 */
import { packComparisons } from './marks.as';

/**
 * M: [count, columns], columns a multiple of 16; distinct: the feature of each of its rows. W, dW: row stride mp. list,
 * places, marks: scratch as for `accumulateGradient`.
 */
export function scatterGradient(
  M: usize, count: u32, columns: u32, firstColumn: u32, distinct: usize, W: usize, dW: usize, mp: u32, list: usize, places: usize, marks: usize,
): void {
  store<u64>(marks + (<usize>columns >> 6 << 3), 0);
  const stride = <usize>mp << 2;
  const block = firstColumn * stride;
  const bytes = <usize>columns << 2;
  for (let u: u32 = 0; u < count; u++) {
    const size = listNonzero(M + u * bytes, bytes, list, places, marks);
    if (size == 0) continue;
    const row = load<u32>(distinct + (<usize>u << 2)) * stride;
    let k: usize = 0;
    for (; k + 64 <= stride; k += 64) spread(4, list, places, size, W + k, dW + k, row, block, mp);
    const left = stride - k;
    if (left == 48) spread(3, list, places, size, W + k, dW + k, row, block, mp);
    else if (left == 32) spread(2, list, places, size, W + k, dW + k, row, block, mp);
    else if (left == 16) spread(1, list, places, size, W + k, dW + k, row, block, mp);
  }
}

/** Lists the nonzero elements of a row and their places in bytes, clears them, and returns the size of the list. */
@inline function listNonzero(row: usize, bytes: usize, list: usize, places: usize, marks: usize): usize {
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 64) {
    const at = row + o;
    store<u16>(
      marks + (o >> 5),
      packComparisons(f32x4.ne(v128.load(at), zero), f32x4.ne(v128.load(at, 16), zero), f32x4.ne(v128.load(at, 32), zero), f32x4.ne(v128.load(at, 48), zero)),
    );
  }
  let size: usize = 0;
  for (let first: usize = 0; first < bytes; first += 256) {
    let bits = load<u64>(marks + (first >> 5));
    while (bits != 0) {
      const place = first + (<usize>ctz(bits) << 2);
      bits &= bits - 1;
      store<f32>(list + size, load<f32>(row + place));
      store<u32>(places + size, <u32>place);
      store<f32>(row + place, 0);
      size += 4;
    }
  }
  return size;
}

/** For `vectors` x 4 columns of W: the row in question stays in registers. */
@inline function spread(vectors: i32, list: usize, places: usize, size: usize, W: usize, dW: usize, row: usize, block: usize, mp: u32): void {
  const own = W + row;
  const w0 = v128.load(own);
  const w1 = vectors > 1 ? v128.load(own, 16) : w0;
  const w2 = vectors > 2 ? v128.load(own, 32) : w0;
  const w3 = vectors > 3 ? v128.load(own, 48) : w0;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let i: usize = 0; i < size; i += 4) {
    const offset = block + load<u32>(places + i) * mp;
    const value = v128.load_splat<f32>(list + i);
    const w = W + offset;
    const d = dW + offset;
    s0 = f32x4.add(s0, f32x4.mul(value, v128.load(w)));
    v128.store(d, f32x4.add(v128.load(d), f32x4.mul(value, w0)));
    if (vectors > 1) {
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(w, 16)));
      v128.store(d, f32x4.add(v128.load(d, 16), f32x4.mul(value, w1)), 16);
    }
    if (vectors > 2) {
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(w, 32)));
      v128.store(d, f32x4.add(v128.load(d, 32), f32x4.mul(value, w2)), 32);
    }
    if (vectors > 3) {
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(w, 48)));
      v128.store(d, f32x4.add(v128.load(d, 48), f32x4.mul(value, w3)), 48);
    }
  }
  const target = dW + row;
  v128.store(target, f32x4.add(v128.load(target), s0));
  if (vectors > 1) v128.store(target, f32x4.add(v128.load(target, 16), s1), 16);
  if (vectors > 2) v128.store(target, f32x4.add(v128.load(target, 32), s2), 32);
  if (vectors > 3) v128.store(target, f32x4.add(v128.load(target, 48), s3), 48);
}
