/**
 * Sums over products of many rows: the Gram matrix of columns, and the overlaps of all pairs of rows.
 *
 * Both are made of 8 x 8 blocks of products of two panels, [length][8] each. Products are single precision in
 * 4 x 8 register tiles over at most `chunk` terms; from there on sums are in float64. So a sum of `length` terms is off
 * by no more than chunk 2^-24 times the sum of the terms' sizes, however long it is.
 */

/** Terms that are added up in single precision. */
const chunk: u32 = 128;
/** Panels of rows worked on together, and terms of them at a time, so that both stay in the processor's caches. */
const leftGroup: u32 = 8;
const rightGroup: u32 = 32;
const slice: u32 = 512;

/** Panels of 8 columns, [mp / 8][count][8], of rows: [count][mp] (mp a multiple of 8), each row times its factor, rounded once. */
export function packColumns(rows: usize, count: u32, mp: u32, factors: usize, out: usize): void {
  const stride = <usize>mp << 2;
  const panelBytes = <usize>count << 5;
  for (let r: u32 = 0; r < count; r++) {
    const factor = v128.splat<f64>(load<f64>(factors + (<usize>r << 3)));
    const row = rows + r * stride;
    let target = out + (<usize>r << 5);
    for (let at: usize = 0; at < stride; at += 32) {
      v128.store(target, scaled(v128.load(row + at), factor));
      v128.store(target, scaled(v128.load(row + at, 16), factor), 16);
      target += panelBytes;
    }
  }
}

/** Panels of 8 rows, [ceil(count / 8)][mp][8]; rows beyond `count` are zero. */
export function packRows(rows: usize, count: u32, mp: u32, factors: usize, out: usize): void {
  const stride = <usize>mp << 2;
  const panelBytes = <usize>mp << 5;
  for (let r: u32 = 0, end = (count + 7) & ~7; r < end; r++) {
    let target = out + (r >> 3) * panelBytes + ((r & 7) << 2);
    const factor: f64 = r < count ? load<f64>(factors + (<usize>r << 3)) : 0;
    const row = rows + r * stride;
    for (let at: usize = 0; at < stride; at += 4) {
      store<f32>(target, r < count ? <f32>(<f64>load<f32>(row + at) * factor) : 0);
      target += 32;
    }
  }
}

@inline function scaled(values: v128, factor: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(values), factor);
  const high = f64x2.mul(f64x2.promote_low_f32x4(upper(values)), factor);
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

@inline function upper(values: v128): v128 {
  return v128.shuffle<f32>(values, values, 2, 3, 2, 3);
}

/** Sum of squares of each row: [count][mp], in float64. */
export function squares(rows: usize, count: u32, mp: u32, out: usize): void {
  let at = rows;
  for (let r: u32 = 0; r < count; r++) {
    let low = v128.splat<f64>(0);
    let high = low;
    for (const end = at + (<usize>mp << 2); at < end; at += 16) {
      const values = v128.load(at);
      const a = f64x2.promote_low_f32x4(values);
      const b = f64x2.promote_low_f32x4(upper(values));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sum = f64x2.add(low, high);
    store<f64>(out + (<usize>r << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}

/**
 * gram += A^T A for panels of A's columns. gram: the 8 x 8 blocks (p, q) with p <= q, at q (q + 1)/2 + p, float64.
 * A group of panels stays in the second-level cache while all later ones pass by.
 */
export function addGram(panels: usize, panelCount: u32, count: u32, gram: usize): void {
  const panelBytes = <usize>count << 5;
  for (let begin: u32 = 0; begin < panelCount; begin += leftGroup) {
    const end = min(panelCount, begin + leftGroup);
    for (let q = begin; q < panelCount; q++) {
      for (let p = begin, last = min(end, q + 1); p < last; p++) {
        const place = (q * (q + 1)) / 2 + p;
        addBlock(panels + p * panelBytes, panels + q * panelBytes, count, gram + (<usize>place << 9));
      }
    }
  }
}

/** <G, H> = sum over all a, b of G_ab H_ab for two such matrices of `panelCount` panels. */
export function innerProduct(g: usize, h: usize, panelCount: u32): f64 {
  let total: f64 = 0;
  for (let q: u32 = 0; q < panelCount; q++) {
    for (let p: u32 = 0; p <= q; p++) {
      let sum = v128.splat<f64>(0);
      for (let i: usize = 0; i < 512; i += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(g + i), v128.load(h + i)));
      const both = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
      total += p === q ? both : 2 * both;
      g += 512;
      h += 512;
    }
  }
  return total;
}

/**
 * Adds to sums: [3] float64 the sum of |a . b|, that of (a . b)^2, and replaces the third by the largest |a . b|, over
 * every row a of one set of panels and b of another of width mp; over each pair of different rows once if `same`, of
 * a set and itself. `blocks`: room for 8 x 32 blocks of 512 bytes.
 */
export function addOverlaps(left: usize, leftPanels: u32, right: usize, rightPanels: u32, mp: u32, same: bool, blocks: usize, sums: usize): void {
  const panelBytes = <usize>mp << 5;
  for (let firstLeft: u32 = 0; firstLeft < leftPanels; firstLeft += leftGroup) {
    const endLeft = min(leftPanels, firstLeft + leftGroup);
    for (let firstRight: u32 = same ? firstLeft : 0; firstRight < rightPanels; firstRight += rightGroup) {
      const endRight = min(rightPanels, firstRight + rightGroup);
      memory.fill(blocks, 0, <usize>(leftGroup * rightGroup) << 9);
      for (let from: u32 = 0; from < mp; from += slice) {
        const terms = min(slice, mp - from);
        const at = <usize>from << 5;
        for (let q = firstRight; q < endRight; q++) {
          for (let p = firstLeft, last = same ? min(endLeft, q + 1) : endLeft; p < last; p++) {
            const block = blocks + (<usize>((q - firstRight) * leftGroup + p - firstLeft) << 9);
            addBlock(left + p * panelBytes + at, right + q * panelBytes + at, terms, block);
          }
        }
      }
      for (let q = firstRight; q < endRight; q++) {
        for (let p = firstLeft, last = same ? min(endLeft, q + 1) : endLeft; p < last; p++) {
          const block = blocks + (<usize>((q - firstRight) * leftGroup + p - firstLeft) << 9);
          if (same && p === q) clearLowerTriangle(block);
          reduceBlock(block, sums);
        }
      }
    }
  }
}

function reduceBlock(block: usize, sums: usize): void {
  let absolute = v128.splat<f64>(0);
  let square = absolute;
  let largest = absolute;
  for (let i: usize = 0; i < 512; i += 16) {
    const size = f64x2.abs(v128.load(block + i));
    absolute = f64x2.add(absolute, size);
    square = f64x2.add(square, f64x2.mul(size, size));
    largest = f64x2.max(largest, size);
  }
  store<f64>(sums, load<f64>(sums) + (f64x2.extract_lane(absolute, 0) + f64x2.extract_lane(absolute, 1)));
  store<f64>(sums, load<f64>(sums, 8) + (f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1)), 8);
  store<f64>(sums, max(load<f64>(sums, 16), max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1))), 16);
}

/** Rows of one panel against themselves: what is left is each pair once. */
function clearLowerTriangle(block: usize): void {
  for (let i: usize = 0; i < 8; i++) for (let j: usize = 0; j <= i; j++) store<f64>(block + (i << 6) + (j << 3), 0);
}

/** out += a^T b for two panels of so many terms; out: [8][8] float64. */
function addBlock(a: usize, b: usize, count: u32, out: usize): void {
  while (count > 0) {
    const terms = min(count, chunk);
    addTile(a, b, terms, out);
    addTile(a + 16, b, terms, out + 256);
    a += <usize>terms << 5;
    b += <usize>terms << 5;
    count -= terms;
  }
}

/** Four rows of the block: lanes 0 to 3 of panel a by all eight of panel b. */
@inline function addTile(a: usize, b: usize, terms: u32, out: usize): void {
  let c00 = v128.splat<f32>(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k: u32 = 0; k < terms; k++) {
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
    a += 32;
    b += 32;
  }
  addFour(out, c00);
  addFour(out + 32, c01);
  addFour(out + 64, c10);
  addFour(out + 96, c11);
  addFour(out + 128, c20);
  addFour(out + 160, c21);
  addFour(out + 192, c30);
  addFour(out + 224, c31);
}

@inline function addFour(out: usize, values: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(values)));
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(upper(values))), 16);
}
