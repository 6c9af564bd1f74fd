/**
 * From M = X_U^T r to the gradient of W: dW_j += M_uj W_u and dW_u += M_uj W_j for the nonzero M_uj of one block of
 * columns. M is left zero for the next step.
 */

/**
 * M: [count, columns]; distinct: the feature of each of its rows. W, dW: row stride mp. list: scratch, 8 bytes a column.
 */
export function scatterGradient(M: usize, count: u32, columns: u32, firstColumn: u32, distinct: usize, W: usize, dW: usize, mp: u32, list: usize): void {
  const stride = <usize>mp << 2;
  for (let u: u32 = 0; u < count; u++) {
    const end = compress(M + <usize>u * columns * 4, columns, firstColumn, stride, list);
    if (end == list) continue;
    const row = load<u32>(distinct + (<usize>u << 2)) * stride;
    let k: usize = 0;
    for (; k + 64 <= stride; k += 64) spread(4, list, end, W + k, dW + k, row);
    const left = stride - k;
    if (left == 48) spread(3, list, end, W + k, dW + k, row);
    else if (left == 32) spread(2, list, end, W + k, dW + k, row);
    else if (left == 16) spread(1, list, end, W + k, dW + k, row);
  }
}

/** Lists (byte offset of row j, value) of the nonzero elements, clears them, and returns the end of the list. */
@inline function compress(row: usize, columns: u32, firstColumn: u32, stride: usize, list: usize): usize {
  const zero = f32x4.splat(0);
  let offset = firstColumn * stride;
  const end = row + (<usize>columns << 2);
  for (let at = row; at < end; at += 16) {
    const v = v128.load(at);
    let mask = i32x4.bitmask(f32x4.ne(v, zero));
    if (mask) {
      do {
        const lane = <usize>ctz(mask);
        store<u32>(list, <u32>(offset + lane * stride));
        store<f32>(list, load<f32>(at + (lane << 2)), 4);
        list += 8;
        mask &= mask - 1;
      } while (mask);
      v128.store(at, zero);
    }
    offset += 4 * stride;
  }
  return list;
}

/** For `vectors` x 4 columns of W: the row in question stays in registers. */
@inline function spread(vectors: i32, list: usize, end: usize, W: usize, dW: usize, row: usize): void {
  const own = W + row;
  const w0 = v128.load(own);
  const w1 = vectors > 1 ? v128.load(own, 16) : w0;
  const w2 = vectors > 2 ? v128.load(own, 32) : w0;
  const w3 = vectors > 3 ? v128.load(own, 48) : w0;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let at = list; at < end; at += 8) {
    const offset = <usize>load<u32>(at);
    const value = v128.load_splat<f32>(at, 4);
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
