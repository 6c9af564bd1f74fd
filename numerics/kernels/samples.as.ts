/**
 * What each sample contributes, for one block of output features: z = b + sum over active i of x_i G_i, residual
 * r = ReLU(z) - x where z > 0. The outputs with z > 0, few in a trained model, are listed first; the rest of the work
 * is on that list.
 *
 * The squared error of a sample is the sum of x_i^2 over active features, which the caller adds, plus z (z - 2 x)
 * over the outputs with z > 0: those are summed here, in double precision.
 */
import { compress } from './compress.as';

/**
 * Sum of z (z - 2 x) over the rows [begin, end) of a batch, accumulating M += x_u r and db += r. `x`: [n] zeros, for
 * one sample's values at a time. `z`, `list`, `places`: scratch, a column each and 16 bytes more. `b`, `db`: at the
 * first column of the block. G, M: [distinct features, columns].
 */
export function accumulateGradient(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, db: usize, x: usize, z: usize, list: usize, places: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(true, offsets, slots, features, values, begin, end, G, M, b, db, x, z, list, places, columnBytes, firstColumn);
}

/** The same sum; `perOutput` (f64) gets it split by output feature. */
export function accumulateLoss(
  offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, b: usize, perOutput: usize, x: usize, z: usize, list: usize, places: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitRows(false, offsets, slots, features, values, begin, end, G, 0, b, perOutput, x, z, list, places, columnBytes, firstColumn);
}

@inline function visitRows(
  gradient: bool, offsets: usize, slots: usize, features: usize, values: usize, begin: u32, end: u32,
  G: usize, M: usize, b: usize, sums: usize, x: usize, z: usize, list: usize, places: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  let loss: f64 = 0;
  const xBlock = x + (<usize>firstColumn << 2);
  let e = <usize>load<u32>(offsets + (<usize>begin << 2)) << 2;
  for (let row = begin; row < end; row++) {
    const last = <usize>load<u32>(offsets + (<usize>(row + 1) << 2)) << 2;
    for (let i = e; i < last; i += 4) store<f32>(x + (<usize>load<u32>(features + i) << 2), load<f32>(values + i));
    const u = load<u32>(slots + e) * columnBytes;
    const value = load<f32>(values + e);
    let size: usize;
    if (last - e == 4) size = listPositive(b, G + u, value, list, places, columnBytes);
    else {
      const u2 = load<u32>(slots + e, 4) * columnBytes;
      const value2 = load<f32>(values + e, 4);
      if (last - e == 8) size = listPositiveOfTwo(b, G + u, value, G + u2, value2, list, places, columnBytes);
      else {
        addTwo(b, G + u, value, G + u2, value2, z, columnBytes);
        let i = e + 8;
        for (; i + 4 < last; i += 8) {
          addTwo(
            z, G + load<u32>(slots + i) * columnBytes, load<f32>(values + i),
            G + load<u32>(slots + i, 4) * columnBytes, load<f32>(values + i, 4), z, columnBytes,
          );
        }
        // an even number: one more feature, with value 0, changes nothing
        size = i < last
          ? listPositive(z, G + load<u32>(slots + i) * columnBytes, load<f32>(values + i), list, places, columnBytes)
          : listPositive(z, G + u, 0, list, places, columnBytes);
      }
    }
    const target = gradient ? M + u : 0;
    for (let k: usize = 0; k < size; k += 4) {
      const place = <usize>load<u32>(places + k);
      const active = load<f32>(list + k);
      const wanted = load<f32>(xBlock + place);
      const r = active - wanted;
      const squares = <f64>active * <f64>(r - wanted);
      loss += squares;
      if (gradient) {
        store<f32>(sums + place, load<f32>(sums + place) + r);
        store<f32>(target + place, load<f32>(target + place) + value * r);
        store<f32>(list + k, r);
      } else {
        const at = sums + (place << 1);
        store<f64>(at, load<f64>(at) + squares);
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

/** Lists the positive elements of b + value g: their values and places in bytes. Returns the size of the list in bytes. */
@inline function listPositive(b: usize, g: usize, value: f32, list: usize, places: usize, bytes: usize): usize {
  const v = f32x4.splat(value);
  const zero = f32x4.splat(0);
  const step = i32x4.splat(16);
  let base = i32x4.splat(0);
  let size: usize = 0;
  for (let o: usize = 0; o < bytes; o += 32) {
    const z0 = f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o)));
    size += compress(z0, f32x4.gt(z0, zero), base, list + size, places + size);
    base = i32x4.add(base, step);
    const z1 = f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16)));
    size += compress(z1, f32x4.gt(z1, zero), base, list + size, places + size);
    base = i32x4.add(base, step);
  }
  return size;
}

/** The same of b + value g + value2 g2. */
@inline function listPositiveOfTwo(b: usize, g: usize, value: f32, g2: usize, value2: f32, list: usize, places: usize, bytes: usize): usize {
  const v = f32x4.splat(value);
  const v2 = f32x4.splat(value2);
  const zero = f32x4.splat(0);
  const step = i32x4.splat(16);
  let base = i32x4.splat(0);
  let size: usize = 0;
  for (let o: usize = 0; o < bytes; o += 32) {
    const z0 = f32x4.add(f32x4.add(v128.load(b + o), f32x4.mul(v, v128.load(g + o))), f32x4.mul(v2, v128.load(g2 + o)));
    size += compress(z0, f32x4.gt(z0, zero), base, list + size, places + size);
    base = i32x4.add(base, step);
    const z1 = f32x4.add(f32x4.add(v128.load(b + o, 16), f32x4.mul(v, v128.load(g + o, 16))), f32x4.mul(v2, v128.load(g2 + o, 16)));
    size += compress(z1, f32x4.gt(z1, zero), base, list + size, places + size);
    base = i32x4.add(base, step);
  }
  return size;
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
