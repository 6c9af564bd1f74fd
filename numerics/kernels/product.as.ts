/** G = A B^T in single precision: rows packed into panels, 4 x 8 register tiles, k in ascending order for every element. */

/** Panels of 4 rows, [ceil(count / 4)][m][4]: rows `list[i]` of W (row stride mp, a multiple of 4). Short panels repeat the last row. */
export function packRows(W: usize, mp: u32, list: usize, count: u32, out: usize): void {
  const stride = <usize>mp << 2;
  for (let i: u32 = 0; i < count; i += 4) {
    const r0 = W + load<u32>(list + (<usize>i << 2)) * stride;
    const r1 = W + load<u32>(list + (<usize>min(i + 1, count - 1) << 2)) * stride;
    const r2 = W + load<u32>(list + (<usize>min(i + 2, count - 1) << 2)) * stride;
    const r3 = W + load<u32>(list + (<usize>min(i + 3, count - 1) << 2)) * stride;
    for (let k: usize = 0; k < stride; k += 16) {
      transpose(v128.load(r0 + k), v128.load(r1 + k), v128.load(r2 + k), v128.load(r3 + k), out, 16);
      out += 64;
    }
  }
}

/** Panels of 8 consecutive rows from `first`, [count / 8][m][8]; count is a multiple of 8. */
export function packColumns(W: usize, mp: u32, first: u32, count: u32, out: usize): void {
  const stride = <usize>mp << 2;
  let row = W + first * stride;
  for (let i: u32 = 0; i < count; i += 8) {
    for (let k: usize = 0; k < stride; k += 16) {
      const r = row + k;
      const s = r + 4 * stride;
      transpose(v128.load(r), v128.load(r + stride), v128.load(r + 2 * stride), v128.load(r + 3 * stride), out, 32);
      transpose(v128.load(s), v128.load(s + stride), v128.load(s + 2 * stride), v128.load(s + 3 * stride), out + 16, 32);
      out += 128;
    }
    row += 8 * stride;
  }
}

@inline function transpose(a: v128, b: v128, c: v128, d: v128, out: usize, stride: usize): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(out + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(out + 2 * stride, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(out + 3 * stride, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
}

/** out[4 tiles, 8 panels] = rows . columns; out has `columns` = 8 panels floats per row. A group of rows stays in the L2 cache. */
export function product(rows: usize, tiles: u32, columns: usize, panels: u32, m: u32, mp: u32, out: usize): void {
  const outStride = <usize>panels << 5;
  const tileBytes = <usize>mp << 4;
  const panelBytes = <usize>mp << 5;
  const group = max<u32>(1, <u32>(262144 / tileBytes));
  for (let begin: u32 = 0; begin < tiles; begin += group) {
    const end = min(tiles, begin + group);
    for (let p: u32 = 0; p < panels; p++) {
      const panel = columns + p * panelBytes;
      let tile = rows + begin * tileBytes;
      let target = out + begin * 4 * outStride + (<usize>p << 5);
      for (let t = begin; t < end; t++) {
        multiplyTile(tile, panel, m, target, outStride);
        tile += tileBytes;
        target += 4 * outStride;
      }
    }
  }
}

@inline function multiplyTile(a: usize, b: usize, m: u32, out: usize, outStride: usize): void {
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
