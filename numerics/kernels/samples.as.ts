/**
 * What each sample contributes, for one block of output features: z = b + sum over active i of x_i G_i, residual
 * r = ReLU(z) - x where z > 0. With what is left untouched where z <= 0 it costs one addition and comparison.
 *
 * The squared error of a sample is the sum of x_i^2 over active features, which the caller adds, plus z (z - 2 x)
 * over the outputs with z > 0: those are summed here, in double precision.
 */

let lossLow: v128 = f64x2.splat(0);
let lossHigh: v128 = f64x2.splat(0);

/** Sum of z (z - 2 x) over a batch's rows [begin, end), accumulating M += x_u r and db += r. */
export function accumulateGradient(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, db: usize, x: usize, z: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(true, offsets, slots, features, values, begin, end, G, M, b, db, x, z, columnBytes, firstColumn);
}

/** The same sum; `perOutput` (f64) gets it split by output feature. */
export function accumulateLoss(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, b: usize, perOutput: usize, x: usize, z: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(false, offsets, slots, features, values, begin, end, G, 0, b, perOutput, x, z, columnBytes, firstColumn);
}

/** `x`: [n] zeros, for one sample's values at a time. `z`: scratch of a block. `b`, `sums`: at the block's first column. */
@inline function visitRows(
  gradient: bool, offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, sums: usize, x: usize, z: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  lossLow = f64x2.splat(0);
  lossHigh = f64x2.splat(0);
  const xBlock = x + (<usize>firstColumn << 2);
  let e = <usize>load<u32>(offsets + (<usize>begin << 2)) << 2;
  for (let row = begin; row < end; row++) {
    const last = <usize>load<u32>(offsets + (<usize>(row + 1) << 2)) << 2;
    for (let i = e; i < last; i += 4) store<f32>(x + (<usize>load<u32>(features + i) << 2), load<f32>(values + i));
    if (last - e == 4) visitOne(gradient, load<u32>(slots + e) * columnBytes, load<f32>(values + e), G, M, b, sums, xBlock, columnBytes);
    else if (last - e == 8) {
      visitTwo(
        gradient, load<u32>(slots + e) * columnBytes, load<u32>(slots + e, 4) * columnBytes, load<f32>(values + e), load<f32>(values + e, 4),
        G, M, b, sums, xBlock, columnBytes,
      );
    } else visitMany(gradient, slots, values, e, last, G, M, b, sums, xBlock, z, columnBytes);
    for (let i = e; i < last; i += 4) store<f32>(x + (<usize>load<u32>(features + i) << 2), 0);
    e = last;
  }
  return f64x2.extract_lane(lossLow, 0) + f64x2.extract_lane(lossLow, 1) + (f64x2.extract_lane(lossHigh, 0) + f64x2.extract_lane(lossHigh, 1));
}

@inline function visitOne(gradient: bool, u: usize, value: f32, G: usize, M: usize, b: usize, sums: usize, x: usize, bytes: usize): void {
  const v = f32x4.splat(value);
  const g = G + u;
  const row = M + u;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 32) {
    const z0 = f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o)));
    const z1 = f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16)));
    if (i32x4.bitmask(f32x4.gt(f32x4.max(z0, z1), zero)) == 0) continue;
    const r0 = residual(gradient, z0, o, x, sums);
    const r1 = residual(gradient, z1, o + 16, x, sums);
    if (gradient) {
      addProduct(row + o, v, r0);
      addProduct(row + o + 16, v, r1);
    }
  }
}

@inline function visitTwo(
  gradient: bool, u: usize, u2: usize, value: f32, value2: f32, G: usize, M: usize, b: usize, sums: usize, x: usize, bytes: usize,
): void {
  const v = f32x4.splat(value);
  const v2 = f32x4.splat(value2);
  const g = G + u;
  const g2 = G + u2;
  const row = M + u;
  const row2 = M + u2;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 32) {
    const z0 = f32x4.add(f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o))), f32x4.mul(v2, v128.load(g2 + o)));
    const z1 = f32x4.add(f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16))), f32x4.mul(v2, v128.load(g2 + o, 16)));
    if (i32x4.bitmask(f32x4.gt(f32x4.max(z0, z1), zero)) == 0) continue;
    const r0 = residual(gradient, z0, o, x, sums);
    const r1 = residual(gradient, z1, o + 16, x, sums);
    if (gradient) {
      addProduct(row + o, v, r0);
      addProduct(row + o + 16, v, r1);
      addProduct(row2 + o, v2, r0);
      addProduct(row2 + o + 16, v2, r1);
    }
  }
}

@inline function visitMany(
  gradient: bool, slots: usize, values: usize, first: usize, last: usize, G: usize, M: usize, b: usize, sums: usize, x: usize, z: usize, bytes: usize,
): void {
  memory.copy(z, b, bytes);
  for (let i = first; i < last; i += 4) {
    const v = v128.load_splat<f32>(values + i);
    const g = G + load<u32>(slots + i) * bytes;
    for (let o: usize = 0; o < bytes; o += 16) v128.store(z + o, f32x4.add(v128.load(z + o), f32x4.mul(v, v128.load(g + o))));
  }
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) {
    const zo = v128.load(z + o);
    if (i32x4.bitmask(f32x4.gt(zo, zero)) == 0) continue;
    const r = residual(gradient, zo, o, x, sums);
    if (!gradient) continue;
    for (let i = first; i < last; i += 4) addProduct(M + load<u32>(slots + i) * bytes + o, v128.load_splat<f32>(values + i), r);
  }
}

/** r = z - x where z > 0, else 0; adds to the loss and to `sums` (bias gradient, or loss by output). */
@inline function residual(gradient: bool, z: v128, o: usize, x: usize, sums: usize): v128 {
  const xo = v128.load(x + o);
  const mask = f32x4.gt(z, f32x4.splat(0));
  const r = v128.and(f32x4.sub(z, xo), mask);
  const active = v128.and(z, mask);
  const other = f32x4.sub(r, v128.and(xo, mask));
  const low = f64x2.mul(f64x2.promote_low_f32x4(active), f64x2.promote_low_f32x4(other));
  const high = f64x2.mul(f64x2.promote_low_f32x4(upper(active)), f64x2.promote_low_f32x4(upper(other)));
  lossLow = f64x2.add(lossLow, low);
  lossHigh = f64x2.add(lossHigh, high);
  if (gradient) v128.store(sums + o, f32x4.add(v128.load(sums + o), r));
  else {
    const at = sums + 2 * o;
    v128.store(at, f64x2.add(v128.load(at), low));
    v128.store(at, f64x2.add(v128.load(at, 16), high), 16);
  }
  return r;
}

@inline function upper(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 3, 2, 3);
}

@inline function addProduct(target: usize, factor: v128, r: v128): void {
  v128.store(target, f32x4.add(v128.load(target), f32x4.mul(factor, r)));
}
