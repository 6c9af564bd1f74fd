/**
 * Of G = A B^T, which elements have to be known: 16-bit integers give an upper bound of every element, with eight
 * multiply-adds to an instruction instead of four operations; where a pre-activation made of upper bounds is negative,
 * the one made of the elements is, too, and counts for nothing. The elements behind the others are then computed.
 *
 * A row v is rounded to integers q = s v + d, |q| < 46341 so that no sum of products leaves 32 bits (Cauchy-Schwarz),
 * and its residual e = |d| / s is measured. Then, of rows v and w,
 *   |v . w - q_v . q_w / (s_v s_w)| <= |v| e_w + e_v |w| + e_v e_w,
 * some 4e-4 |v| |w|, to which comes what v . w in single precision, in whatever order, may be off by: m 2^-24 |v| |w|.
 * Everything after that (value >= 0 times G, added to b) is monotonic in G, rounding included. So no element is left
 * out that single precision would have made positive.
 */
/** Largest |q| and |q_k| aimed at; rounding adds at most sqrt(m) / 2 <= 64 and 1/2. */
const largestNorm: f32 = 46000;
const largestElement: f32 = 32700;
/** Below, a row counts as all zero, and its residual is itself. */
const leastNorm: f32 = 1e-25;
/** For what the bounds' own computation rounds: some hundreds of additions of positive numbers at the most. */
const slack: f32 = 1.001;
/** More than what is lost below the smallest numbers of single precision. */
const underflow: f32 = 1e-30;

/**
 * Panels of `width` = 4 rows, [ceil(count / 4)][m2 / 2][4][2] of 16 bits, m2 = m rounded up to 2, of the rows at
 * `addresses`, and for each row 4 numbers in `bounds`: 1/s, |v| + e, e + m 2^-24 |v|, 0. Short panels repeat the last row.
 */
export function quantizeRows(addresses: usize, count: u32, m: u32, out: usize, bounds: usize): void {
  const panelBytes = <usize>((m + 1) >> 1) << 4;
  const rounding = <f32>(m + 64) * 5.9604645e-8 * slack;
  for (let i: u32 = 0, end = (count + 3) & ~3; i < end; i++) {
    const row = <usize>load<u32>(addresses + (<usize>min(i, count - 1) << 2));
    quantize(row, m, out + (i >> 2) * panelBytes + ((i & 3) << 2), 16);
    const at = bounds + (<usize>i << 4);
    store<f32>(at, inverse);
    store<f32>(at, (size + residual) * slack, 4);
    store<f32>(at, (residual + rounding * size) * slack, 8);
  }
}

/**
 * Panels of 8 rows, [count / 8][m2 / 2][8][2] of 16 bits, of the rows at `addresses`, and for each panel 1/s [8], e [8]
 * and |w| [8] in `bounds`; count is a multiple of 8.
 */
export function quantizeColumns(addresses: usize, count: u32, m: u32, out: usize, bounds: usize): void {
  const panelBytes = <usize>((m + 1) >> 1) << 5;
  for (let j: u32 = 0; j < count; j++) {
    quantize(load<u32>(addresses + (<usize>j << 2)), m, out + (j >> 3) * panelBytes + ((j & 7) << 2), 32);
    const at = bounds + (j >> 3) * 96 + ((j & 7) << 2);
    store<f32>(at, inverse);
    store<f32>(at, residual * slack, 32);
    store<f32>(at, size * slack, 64);
  }
}

let inverse: f32 = 0;
let size: f32 = 0;
let residual: f32 = 0;

/** The pairs of a row, of 4 floats at a time and zero beyond m, `pitch` bytes apart; sets the three numbers above: 1/s, |v|, e. */
function quantize(row: usize, m: u32, out: usize, pitch: usize): void {
  const bytes = <usize>((m + 3) & ~3) << 2;
  let squares = f32x4.splat(0);
  let largest = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const w = v128.load(row + k);
    squares = f32x4.add(squares, f32x4.mul(w, w));
    largest = f32x4.max(largest, f32x4.abs(w));
  }
  size = sqrt(sumOf(squares)) * slack;
  const top = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  const scale: f32 = size > leastNorm ? min(largestNorm / size, largestElement / top) : 0;
  const s = f32x4.splat(scale);
  let errors = f32x4.splat(0);
  const end = out + pitch * ((m + 1) >> 1);
  for (let k: usize = 0; k < bytes; k += 16) {
    const wanted = f32x4.mul(v128.load(row + k), s);
    const nearest = f32x4.nearest(wanted);
    const error = f32x4.sub(nearest, wanted);
    errors = f32x4.add(errors, f32x4.mul(error, error));
    const q = i32x4.trunc_sat_f32x4_s(nearest);
    const pairs = i16x8.narrow_i32x4_s(q, q);
    store<i32>(out, i32x4.extract_lane(pairs, 0));
    out += pitch;
    if (out < end) store<i32>(out, i32x4.extract_lane(pairs, 1));
    out += pitch;
  }
  inverse = scale > 0 ? 1 / scale : 0;
  // of s v, rounded, an error is off by 2^-24 of s v, 0.003 in all
  residual = scale > 0 ? (sqrt(sumOf(errors)) * slack + 0.01) / scale : size;
}

@inline function sumOf(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/**
 * Upper bounds of one block of columns of G: out[4 tiles, 8 panels], `outStride` bytes from row to row, of what
 * `quantizeRows` and `quantizeColumns` made. A group of rows stays in the L2 cache.
 */
export function boundProduct(
  rows: usize, rowBounds: usize, tiles: u32, columns: usize, columnBounds: usize, panels: u32, m: u32, out: usize, outStride: usize,
): void {
  const pairs = (m + 1) >> 1;
  const tileBytes = <usize>pairs << 4;
  const panelBytes = <usize>pairs << 5;
  const group = max<u32>(1, <u32>(262144 / tileBytes));
  for (let begin: u32 = 0; begin < tiles; begin += group) {
    const end = min(tiles, begin + group);
    for (let p: u32 = 0; p < panels; p++) {
      for (let t = begin; t < end; t++) {
        boundTile(
          rows + t * tileBytes, rowBounds + (<usize>t << 6), columns + p * panelBytes, columnBounds + <usize>p * 96, pairs,
          out + 4 * t * outStride + (<usize>p << 5), outStride,
        );
      }
    }
  }
}

@inline function boundTile(a: usize, rowBounds: usize, b: usize, columnBounds: usize, pairs: u32, out: usize, outStride: usize): void {
  let c00 = i32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k: u32 = 0; k < pairs; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<i32>(a);
    c00 = i32x4.add(c00, i32x4.dot_i16x8_s(s, b0));
    c01 = i32x4.add(c01, i32x4.dot_i16x8_s(s, b1));
    s = v128.load_splat<i32>(a, 4);
    c10 = i32x4.add(c10, i32x4.dot_i16x8_s(s, b0));
    c11 = i32x4.add(c11, i32x4.dot_i16x8_s(s, b1));
    s = v128.load_splat<i32>(a, 8);
    c20 = i32x4.add(c20, i32x4.dot_i16x8_s(s, b0));
    c21 = i32x4.add(c21, i32x4.dot_i16x8_s(s, b1));
    s = v128.load_splat<i32>(a, 12);
    c30 = i32x4.add(c30, i32x4.dot_i16x8_s(s, b0));
    c31 = i32x4.add(c31, i32x4.dot_i16x8_s(s, b1));
    a += 16;
    b += 32;
  }
  storeBounds(c00, c01, rowBounds, columnBounds, out);
  storeBounds(c10, c11, rowBounds + 16, columnBounds, out + outStride);
  storeBounds(c20, c21, rowBounds + 32, columnBounds, out + 2 * outStride);
  storeBounds(c30, c31, rowBounds + 48, columnBounds, out + 3 * outStride);
}

@inline function storeBounds(low: v128, high: v128, row: usize, columns: usize, out: usize): void {
  const scale = v128.load_splat<f32>(row);
  const whole = v128.load_splat<f32>(row, 4);
  const part = v128.load_splat<f32>(row, 8);
  v128.store(out, upperBound(low, scale, whole, part, v128.load(columns), v128.load(columns, 32), v128.load(columns, 64)));
  v128.store(out, upperBound(high, scale, whole, part, v128.load(columns, 16), v128.load(columns, 48), v128.load(columns, 80)), 16);
}

@inline function upperBound(product: v128, scale: v128, whole: v128, part: v128, columnScale: v128, columnResidual: v128, columnSize: v128): v128 {
  const middle = f32x4.mul(f32x4.convert_i32x4_s(product), f32x4.mul(scale, columnScale));
  const error = f32x4.add(f32x4.mul(whole, columnResidual), f32x4.mul(part, columnSize));
  return f32x4.add(middle, f32x4.add(error, f32x4.splat(underflow)));
}
