/**
 * What each sample contributes, for one block of output features: z = b + sum over active i of x_i G_i, residual
 * r = ReLU(z) - x where z > 0. The outputs with z > 0, few in a trained model, are marked first, without branches, which
 * could not be predicted; the rest of the work is on those.
 *
 * The squared error of a sample is the sum of x_i^2 over active features, which the caller adds, plus z (z - 2 x)
 * over the outputs with z > 0: those are summed here, in double precision.
 */
import { packComparisons } from './marks.as';

/**
 * Sum of z (z - 2 x) over the rows [begin, end) of a batch, accumulating M += x_u r and db += r. `x`: [n] zeros, for
 * one sample's values at a time. `z`, `list`, `places` (4 bytes a column), `marks` (a bit a column and 8 bytes more):
 * scratch. `b`, `db`: at the first column of the block. G, M: [distinct features, columns], columns a multiple of 16.
 */
export function accumulateGradient(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, db: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(true, offsets, slots, features, values, begin, end, G, M, b, db, x, z, list, places, marks, columnBytes, firstColumn);
}

/** The same sum; `perOutput` (f64) gets it split by output feature. */
export function accumulateLoss(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, b: usize, perOutput: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(false, offsets, slots, features, values, begin, end, G, 0, b, perOutput, x, z, list, places, marks, columnBytes, firstColumn);
}

@inline function visitRows(
  gradient: bool, offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, sums: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  let loss: f64 = 0;
  // bits past the last column of the block are never set
  store<u64>(marks + (columnBytes >> 8 << 3), 0);
  const xBlock = x + (<usize>firstColumn << 2);
  let e = <usize>load<u32>(offsets + (<usize>begin << 2)) << 2;
  for (let row = begin; row < end; row++) {
    const last = <usize>load<u32>(offsets + (<usize>(row + 1) << 2)) << 2;
    for (let i = e; i < last; i += 4) store<f32>(x + (<usize>load<u32>(features + i) << 2), load<f32>(values + i));
    const u = load<u32>(slots + e) * columnBytes;
    const value = load<f32>(values + e);
    if (last - e == 4) addOneAndMark(b, G + u, value, z, marks, columnBytes);
    else {
      const u2 = load<u32>(slots + e, 4) * columnBytes;
      const value2 = load<f32>(values + e, 4);
      if (last - e == 8) addTwoAndMark(b, G + u, value, G + u2, value2, z, marks, columnBytes);
      else {
        addTwo(b, G + u, value, G + u2, value2, z, columnBytes);
        let i = e + 8;
        for (; i + 8 < last; i += 8) {
          addTwo(
            z, G + load<u32>(slots + i) * columnBytes, load<f32>(values + i),
            G + load<u32>(slots + i, 4) * columnBytes, load<f32>(values + i, 4), z, columnBytes,
          );
        }
        if (i + 4 == last) addOneAndMark(z, G + load<u32>(slots + i) * columnBytes, load<f32>(values + i), z, marks, columnBytes);
        else {
          addTwoAndMark(
            z, G + load<u32>(slots + i) * columnBytes, load<f32>(values + i),
            G + load<u32>(slots + i, 4) * columnBytes, load<f32>(values + i, 4), z, marks, columnBytes,
          );
        }
      }
    }
    const target = gradient ? M + u : 0;
    let size: usize = 0;
    for (let first: usize = 0; first < columnBytes; first += 256) {
      let bits = load<u64>(marks + (first >> 5));
      while (bits != 0) {
        const place = first + (<usize>ctz(bits) << 2);
        bits &= bits - 1;
        const active = load<f32>(z + place);
        const wanted = load<f32>(xBlock + place);
        const r = active - wanted;
        const squares = <f64>active * <f64>(r - wanted);
        loss += squares;
        if (gradient) {
          store<f32>(sums + place, load<f32>(sums + place) + r);
          store<f32>(target + place, load<f32>(target + place) + value * r);
          store<f32>(list + size, r);
          store<u32>(places + size, <u32>place);
          size += 4;
        } else {
          const at = sums + (place << 1);
          store<f64>(at, load<f64>(at) + squares);
        }
      }
    }
    if (gradient) {
      for (let i = e + 4; i < last; i += 4) addTo(M + load<u32>(slots + i) * columnBytes, load<f32>(values + i), list, places, size);
    }
    for (let i = e; i < last; i += 4) store<f32>(x + (<usize>load<u32>(features + i) << 2), 0);
    e = last;
  }
  return loss;
}

/** z = b + value g, and a bit for each positive element. */
@inline function addOneAndMark(b: usize, g: usize, value: f32, z: usize, marks: usize, bytes: usize): void {
  const v = f32x4.splat(value);
  for (let o: usize = 0; o < bytes; o += 64) {
    const z0 = f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o)));
    const z1 = f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16)));
    const z2 = f32x4.add(v128.load(b + o, 32), f32x4.mul(v, v128.load(g + o, 32)));
    const z3 = f32x4.add(v128.load(b + o, 48), f32x4.mul(v, v128.load(g + o, 48)));
    markPositive(z0, z1, z2, z3, z + o, marks + (o >> 5));
  }
}

/** The same of b + value g + value2 g2. */
@inline function addTwoAndMark(b: usize, g: usize, value: f32, g2: usize, value2: f32, z: usize, marks: usize, bytes: usize): void {
  const v = f32x4.splat(value);
  const w = f32x4.splat(value2);
  for (let o: usize = 0; o < bytes; o += 64) {
    const z0 = f32x4.add(f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o))), f32x4.mul(w, v128.load(g2 + o)));
    const z1 = f32x4.add(f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16))), f32x4.mul(w, v128.load(g2 + o, 16)));
    const z2 = f32x4.add(f32x4.add(v128.load(b + o, 32), f32x4.mul(v, v128.load(g + o, 32))), f32x4.mul(w, v128.load(g2 + o, 32)));
    const z3 = f32x4.add(f32x4.add(v128.load(b + o, 48), f32x4.mul(v, v128.load(g + o, 48))), f32x4.mul(w, v128.load(g2 + o, 48)));
    markPositive(z0, z1, z2, z3, z + o, marks + (o >> 5));
  }
}

@inline function markPositive(z0: v128, z1: v128, z2: v128, z3: v128, z: usize, marks: usize): void {
  const zero = f32x4.splat(0);
  v128.store(z, z0);
  v128.store(z, z1, 16);
  v128.store(z, z2, 32);
  v128.store(z, z3, 48);
  store<u16>(marks, packComparisons(f32x4.gt(z0, zero), f32x4.gt(z1, zero), f32x4.gt(z2, zero), f32x4.gt(z3, zero)));
}

/** z = b + value g + value2 g2 */
@inline function addTwo(b: usize, g: usize, value: f32, g2: usize, value2: f32, z: usize, bytes: usize): void {
  const v = f32x4.splat(value);
  const v2 = f32x4.splat(value2);
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(z + o, f32x4.add(f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o))), f32x4.mul(v2, v128.load(g2 + o))));
  }
}

/** Adds value r to the listed places of a row of M. */
@inline function addTo(row: usize, value: f32, list: usize, places: usize, size: usize): void {
  for (let k: usize = 0; k < size; k += 4) {
    const at = row + load<u32>(places + k);
    store<f32>(at, load<f32>(at) + value * load<f32>(list + k));
  }
}
