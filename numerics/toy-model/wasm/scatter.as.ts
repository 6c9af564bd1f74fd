/**
 * From the residuals to the gradient of W. With v the vector of a row of G (G_row = W v), M_row,j the sum over its
 * samples of value r_j: dW_j += M_row,j v, and the gradient of v itself grows by M_row,j W_j, over the nonzero M_row,j.
 *
 * vectorAt, gradientAt: by row, the addresses of v and of its gradient. featureAt: by column of the block, its feature.
 */
import { listMarked, packSigns } from './marks.as';
import { keepList, keptBytes } from './spread.as';

/**
 * The rows [0, count) of one block of M: columns, a multiple of 16, `rowBytes` from row to row. M is left zero for the
 * next step. list, places, marks: scratch as for `accumulateGradient`.
 */
export function scatterGradient(
  M: usize, count: u32, columns: u32, rowBytes: usize, vectorAt: usize, gradientAt: usize, featureAt: usize, W: usize, dW: usize, mp: u32,
  list: usize, places: usize, marks: usize,
): void {
  store<u64>(marks + (<usize>columns >> 6 << 3), 0);
  const bytes = <usize>columns << 2;
  for (let row: u32 = 0; row < count; row++) {
    const size = listNonzero(M + row * rowBytes, bytes, list, places, marks);
    if (size > 0) spreadRow(list, places, size, 1, row, vectorAt, gradientAt, featureAt, W, dW, mp);
  }
}

/** The same rows to spread.as.ts, which `list` and `places` belong to. */
export function keepGradient(M: usize, count: u32, columns: u32, rowBytes: usize, list: usize, places: usize, marks: usize): void {
  store<u64>(marks + (<usize>columns >> 6 << 3), 0);
  const bytes = <usize>columns << 2;
  for (let row: u32 = 0; row < count; row++) {
    const kept = keptBytes();
    keepList(row, 1, listNonzero(M + row * rowBytes, bytes, list + kept, places + kept, marks));
  }
}

/** Lists the nonzero elements of a row and their places in bytes, clears them, and returns the size of the list. */
@inline function listNonzero(row: usize, bytes: usize, list: usize, places: usize, marks: usize): usize {
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 64) {
    const at = row + o;
    store<u16>(
      marks + (o >> 5),
      packSigns(f32x4.ne(v128.load(at), zero), f32x4.ne(v128.load(at, 16), zero), f32x4.ne(v128.load(at, 32), zero), f32x4.ne(v128.load(at, 48), zero)),
    );
  }
  const size = listMarked(marks, bytes, places);
  for (let i: usize = 0; i < size; i += 4) {
    const at = row + load<u32>(places + i);
    store<f32>(list + i, load<f32>(at));
    store<f32>(at, 0);
  }
  return size;
}

/** For M_row = value times what is listed (places in bytes of the block's columns), `size` bytes of it. */
export function spreadRow(
  list: usize, places: usize, size: usize, value: f32, row: u32, vectorAt: usize, gradientAt: usize, featureAt: usize, W: usize, dW: usize, mp: u32,
): void {
  const stride = <usize>mp << 2;
  const at = <usize>row << 2;
  const vector = <usize>load<u32>(vectorAt + at);
  const gradient = <usize>load<u32>(gradientAt + at);
  const coefficient = f32x4.splat(value);
  let k: usize = 0;
  for (; k + 64 <= stride; k += 64) spread(4, list, places, size, coefficient, vector + k, gradient + k, featureAt, W + k, dW + k, stride);
  const left = stride - k;
  if (left == 48) spread(3, list, places, size, coefficient, vector + k, gradient + k, featureAt, W + k, dW + k, stride);
  else if (left == 32) spread(2, list, places, size, coefficient, vector + k, gradient + k, featureAt, W + k, dW + k, stride);
  else if (left == 16) spread(1, list, places, size, coefficient, vector + k, gradient + k, featureAt, W + k, dW + k, stride);
}

/** For `vectors` x 4 columns of W: the vector in question and its gradient stay in registers. */
@inline function spread(
  vectors: i32, list: usize, places: usize, size: usize, coefficient: v128, vector: usize, gradient: usize, featureAt: usize, W: usize, dW: usize, stride: usize,
): void {
  const v0 = f32x4.mul(coefficient, v128.load(vector));
  const v1 = vectors > 1 ? f32x4.mul(coefficient, v128.load(vector, 16)) : v0;
  const v2 = vectors > 2 ? f32x4.mul(coefficient, v128.load(vector, 32)) : v0;
  const v3 = vectors > 3 ? f32x4.mul(coefficient, v128.load(vector, 48)) : v0;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let i: usize = 0; i < size; i += 4) {
    const offset = load<u32>(featureAt + load<u32>(places + i)) * stride;
    const r = v128.load_splat<f32>(list + i);
    const w = W + offset;
    const d = dW + offset;
    s0 = f32x4.add(s0, f32x4.mul(r, v128.load(w)));
    v128.store(d, f32x4.add(v128.load(d), f32x4.mul(r, v0)));
    if (vectors > 1) {
      s1 = f32x4.add(s1, f32x4.mul(r, v128.load(w, 16)));
      v128.store(d, f32x4.add(v128.load(d, 16), f32x4.mul(r, v1)), 16);
    }
    if (vectors > 2) {
      s2 = f32x4.add(s2, f32x4.mul(r, v128.load(w, 32)));
      v128.store(d, f32x4.add(v128.load(d, 32), f32x4.mul(r, v2)), 32);
    }
    if (vectors > 3) {
      s3 = f32x4.add(s3, f32x4.mul(r, v128.load(w, 48)));
      v128.store(d, f32x4.add(v128.load(d, 48), f32x4.mul(r, v3)), 48);
    }
  }
  addScaled(gradient, coefficient, s0);
  if (vectors > 1) addScaled(gradient + 16, coefficient, s1);
  if (vectors > 2) addScaled(gradient + 32, coefficient, s2);
  if (vectors > 3) addScaled(gradient + 48, coefficient, s3);
}

@inline function addScaled(target: usize, coefficient: v128, sum: v128): void {
  v128.store(target, f32x4.add(v128.load(target), f32x4.mul(coefficient, sum)));
}
