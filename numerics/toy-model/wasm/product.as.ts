/** G = A B^T in single precision: rows packed into panels, 4 x 8 register tiles, k in ascending order for every element. */

/** Panels of 4 rows, [ceil(count / 4)][mp][4], of the rows at `addresses`, mp long, a multiple of 4. Short panels repeat the last row. */
export function packRows(addresses: usize, count: u32, mp: u32, out: usize): void {
  const stride = <usize>mp << 2;
  for (let i: u32 = 0; i < count; i += 4) {
    const r0 = rowAt(addresses, i);
    const r1 = rowAt(addresses, min(i + 1, count - 1));
    const r2 = rowAt(addresses, min(i + 2, count - 1));
    const r3 = rowAt(addresses, min(i + 3, count - 1));
    for (let k: usize = 0; k < stride; k += 16) {
      transposeTo(v128.load(r0 + k), v128.load(r1 + k), v128.load(r2 + k), v128.load(r3 + k), out, 16);
      out += 64;
    }
  }
}

@inline function rowAt(addresses: usize, i: u32): usize {
  return <usize>load<u32>(addresses + (<usize>i << 2));
}

/** Panels of 8 rows of W, [count / 8][mp][8], of the features listed; count is a multiple of 8. */
export function packColumns(W: usize, mp: u32, features: usize, count: u32, out: usize): void {
  const stride = <usize>mp << 2;
  for (let i: u32 = 0; i < count; i += 8) {
    const list = features + (<usize>i << 2);
    const r0 = W + load<u32>(list) * stride;
    const r1 = W + load<u32>(list, 4) * stride;
    const r2 = W + load<u32>(list, 8) * stride;
    const r3 = W + load<u32>(list, 12) * stride;
    const r4 = W + load<u32>(list, 16) * stride;
    const r5 = W + load<u32>(list, 20) * stride;
    const r6 = W + load<u32>(list, 24) * stride;
    const r7 = W + load<u32>(list, 28) * stride;
    for (let k: usize = 0; k < stride; k += 16) {
      transposeTo(v128.load(r0 + k), v128.load(r1 + k), v128.load(r2 + k), v128.load(r3 + k), out, 32);
      transposeTo(v128.load(r4 + k), v128.load(r5 + k), v128.load(r6 + k), v128.load(r7 + k), out + 16, 32);
      out += 128;
    }
  }
}

/** The four columns of the 4 x 4 matrix with rows a, b, c, d. */
@inline export function transposeTo(a: v128, b: v128, c: v128, d: v128, out: usize, stride: usize): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(out + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(out + 2 * stride, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(out + 3 * stride, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
}

/**
 * One block of columns of G: out[4 tiles, 8 panels] = rows . columns, `outStride` bytes from row to row. A group of
 * rows stays in the L2 cache.
 *
 * The leading square of G, `symmetric` panels of 8 each way, is symmetric. There, of this block, whose first panel is
 * `firstPanel` of G, only what is on and below the diagonal is computed, and each tile below is also written where its
 * transpose belongs: blocks of `outStride` / 4 columns lie `blockBytes` apart from `G` on.
 */
export function product(
  rows: usize, tiles: u32, columns: usize, panels: u32, m: u32, mp: u32, out: usize, outStride: usize,
  symmetric: u32, firstPanel: u32, G: usize, blockBytes: usize,
): void {
  const tileBytes = <usize>mp << 4;
  const panelBytes = <usize>mp << 5;
  const group = max<u32>(1, <u32>(262144 / tileBytes));
  for (let begin: u32 = 0; begin < tiles; begin += group) {
    const end = min(tiles, begin + group);
    for (let p: u32 = 0; p < panels; p++) {
      const panel = columns + p * panelBytes;
      const target = out + (<usize>p << 5);
      const global = firstPanel + p;
      let t = begin;
      if (global < symmetric) {
        t = max(t, 2 * global);
        for (const diagonal = min(end, 2 * global + 2); t < diagonal; t++) multiplyTile(rows + t * tileBytes, panel, m, target + 4 * t * outStride, outStride, 0);
        for (const below = min(end, 2 * symmetric); t < below; t++) {
          const column = <usize>t << 4;
          const mirror = G + (column / outStride) * blockBytes + (column % outStride) + 8 * global * outStride;
          multiplyTile(rows + t * tileBytes, panel, m, target + 4 * t * outStride, outStride, mirror);
        }
      }
      for (; t < end; t++) multiplyTile(rows + t * tileBytes, panel, m, target + 4 * t * outStride, outStride, 0);
    }
  }
}

/** A 4 x 8 tile to `out`, and its transpose to `mirror` if that is not 0. */
@inline function multiplyTile(a: usize, b: usize, m: u32, out: usize, outStride: usize, mirror: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k: u32 = 0; k < m; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    a += 16;
    b += 32;
  }
  if (mirror != 0) {
    transposeTo(c00, c10, c20, c30, mirror, outStride);
    transposeTo(c01, c11, c21, c31, mirror + 4 * outStride, outStride);
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  out += outStride;
  v128.store(out, c10);
  v128.store(out, c11, 16);
  out += outStride;
  v128.store(out, c20);
  v128.store(out, c21, 16);
  out += outStride;
  v128.store(out, c30);
  v128.store(out, c31, 16);
}
