/**
 * What each sample contributes, for one block of columns (output features): z = b + sum over its terms of value G_row,
 * residual r = ReLU(z) - x where z > 0. The outputs with z > 0, few in a trained model, are marked first, without
 * branches, which could not be predicted; the rest of the work is on those.
 *
 * The squared error of a sample is the sum of x_i^2 over active features, which the caller adds, plus z (z - 2 x)
 * over the outputs with z > 0: those are summed here, in double precision.
 *
 * Throughout: offsets, positions, values: by sample, the columns and values of its active features. termOffsets,
 * termRows, termValues: its terms (plan.as.ts). G, M: rows `stride` bytes apart. `x`: [n] zeros, for one sample's values
 * at a time. `z`, `list` (4 bytes a column), `places` (those and 64 bytes more), `marks` (a bit a column and 8 bytes more): scratch. `b`, sums
 * by output and featureAt: at the first column of the block. columnBytes: 4 bytes for each, a multiple of 64.
 */
import { listMarked, packSigns } from './marks.as';
import { ownRow } from './plan.as';
import { spreadRow } from './scatter.as';
import { keepList, keptBytes } from './spread.as';

/**
 * Sum of z (z - 2 x) over the samples [begin, end), accumulating db += r; M += value r for the rows of G that samples
 * share, and straight to dW for the others (scatter.as.ts, with vectorAt, gradientAt and featureAt as there).
 */
export function accumulateGradient(
  offsets: usize, positions: usize, values: usize, termOffsets: usize, termRows: usize, termValues: usize, begin: u32, end: u32,
  G: usize, M: usize, stride: usize, b: usize, db: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
  vectorAt: usize, gradientAt: usize, featureAt: usize, W: usize, dW: usize, mp: u32,
): f64 {
  return visitSamples(
    toGradient, offsets, positions, values, termOffsets, termRows, termValues, begin, end,
    G, M, stride, b, db, x, z, list, places, marks, columnBytes, firstColumn, vectorAt, gradientAt, featureAt, W, dW, mp,
  );
}

/** The same, but what is of one sample alone is kept for spread.as.ts, which `list` and `places` belong to. */
export function keepResiduals(
  offsets: usize, positions: usize, values: usize, termOffsets: usize, termRows: usize, termValues: usize, begin: u32, end: u32,
  G: usize, M: usize, stride: usize, b: usize, db: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitSamples(
    toLists, offsets, positions, values, termOffsets, termRows, termValues, begin, end,
    G, M, stride, b, db, x, z, list, places, marks, columnBytes, firstColumn, 0, 0, 0, 0, 0, 0,
  );
}

/** The same sum; `perOutput` (f64) gets it split by output feature. */
export function accumulateLoss(
  offsets: usize, positions: usize, values: usize, termRows: usize, begin: u32, end: u32,
  G: usize, stride: usize, b: usize, perOutput: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
): f64 {
  return visitSamples(
    toOutputs, offsets, positions, values, offsets, termRows, values, begin, end,
    G, 0, stride, b, perOutput, x, z, list, places, marks, columnBytes, firstColumn, 0, 0, 0, 0, 0, 0,
  );
}

/**
 * For G of upper bounds (screen.as.ts): sets in `needed` the bits of the elements without which z of some sample could
 * be positive, `neededBytes`, a multiple of 8, from row to row of G, all of which must be clear before.
 */
export function markNeeded(
  termOffsets: usize, termRows: usize, termValues: usize, samples: u32,
  G: usize, stride: usize, b: usize, z: usize, marks: usize, columnBytes: usize, needed: usize, neededBytes: usize,
): void {
  store<u64>(marks + (columnBytes >> 8 << 3), 0);
  let t: usize = 0;
  for (let sample: u32 = 1; sample <= samples; sample++) {
    const last = <usize>load<u32>(termOffsets + (<usize>sample << 2)) << 2;
    markSample(termRows, termValues, t, last, G, stride, b, z, marks, columnBytes);
    for (; t < last; t += 4) {
      const row = needed + (load<u32>(termRows + t) & ~ownRow) * neededBytes;
      for (let o: usize = 0; o < neededBytes; o += 8) store<u64>(row + o, load<u64>(row + o) | load<u64>(marks + o));
    }
  }
}

/** Where the residuals go. */
const toOutputs: i32 = 0;
const toGradient: i32 = 1;
const toLists: i32 = 2;

@inline function visitSamples(
  use: i32, offsets: usize, positions: usize, values: usize, termOffsets: usize, termRows: usize, termValues: usize, begin: u32, end: u32,
  G: usize, M: usize, stride: usize, b: usize, sums: usize, x: usize, z: usize, list: usize, places: usize, marks: usize, columnBytes: usize, firstColumn: u32,
  vectorAt: usize, gradientAt: usize, featureAt: usize, W: usize, dW: usize, mp: u32,
): f64 {
  let loss: f64 = 0;
  // bits past the last column of the block are never set
  store<u64>(marks + (columnBytes >> 8 << 3), 0);
  const xBlock = x + (<usize>firstColumn << 2);
  let e = <usize>load<u32>(offsets + (<usize>begin << 2)) << 2;
  let t = <usize>load<u32>(termOffsets + (<usize>begin << 2)) << 2;
  for (let sample = begin; sample < end; sample++) {
    const lastEntry = <usize>load<u32>(offsets + (<usize>(sample + 1) << 2)) << 2;
    const lastTerm = <usize>load<u32>(termOffsets + (<usize>(sample + 1) << 2)) << 2;
    for (let i = e; i < lastEntry; i += 4) store<f32>(x + (<usize>load<u32>(positions + i) << 2), load<f32>(values + i));
    markSample(termRows, termValues, t, lastTerm, G, stride, b, z, marks, columnBytes);
    const kept = use == toLists ? keptBytes() : 0;
    const here = places + kept;
    const residuals = list + kept;
    const size = listMarked(marks, columnBytes, here);
    for (let i: usize = 0; i < size; i += 4) {
      const place = <usize>load<u32>(here + i);
      const active = load<f32>(z + place);
      const wanted = load<f32>(xBlock + place);
      // marked, since it has no sign, z = 0 yet counts for nothing
      const r = active == 0 ? <f32>0 : active - wanted;
      const squares = <f64>active * <f64>(r - wanted);
      loss += squares;
      if (use != toOutputs) {
        store<f32>(sums + place, load<f32>(sums + place) + r);
        store<f32>(residuals + i, r);
      } else {
        const at = sums + (place << 1);
        store<f64>(at, load<f64>(at) + squares);
      }
    }
    if (use != toOutputs) {
      const first = load<u32>(termRows + t);
      const own = (first & ownRow) != 0;
      for (let i = own ? t + 4 : t; i < lastTerm; i += 4) addTo(M + load<u32>(termRows + i) * stride, load<f32>(termValues + i), residuals, here, size);
      if (own && size > 0) {
        const value = load<f32>(termValues + t);
        const row = first & ~ownRow;
        if (use == toLists) keepList(row, value, size);
        else spreadRow(residuals, here, size, value, row, vectorAt, gradientAt, featureAt, W, dW, mp);
      }
    }
    for (let i = e; i < lastEntry; i += 4) store<f32>(x + (<usize>load<u32>(positions + i) << 2), 0);
    e = lastEntry;
    t = lastTerm;
  }
  return loss;
}

/** z = b + the terms [t, lastTerm), places in bytes, of one sample; a bit in `marks` for each element that is not negative. */
function markSample(
  termRows: usize, termValues: usize, t: usize, lastTerm: usize, G: usize, stride: usize, b: usize, z: usize, marks: usize, columnBytes: usize,
): void {
  const g = G + (load<u32>(termRows + t) & ~ownRow) * stride;
  const value = load<f32>(termValues + t);
  if (lastTerm - t == 4) {
    addOneAndMark(b, g, value, z, marks, columnBytes);
    return;
  }
  const g2 = G + load<u32>(termRows + t, 4) * stride;
  const value2 = load<f32>(termValues + t, 4);
  if (lastTerm - t == 8) {
    addTwoAndMark(b, g, value, g2, value2, z, marks, columnBytes);
    return;
  }
  addTwo(b, g, value, g2, value2, z, columnBytes);
  let i = t + 8;
  for (; i + 8 < lastTerm; i += 8) {
    addTwo(
      z, G + load<u32>(termRows + i) * stride, load<f32>(termValues + i),
      G + load<u32>(termRows + i, 4) * stride, load<f32>(termValues + i, 4), z, columnBytes,
    );
  }
  if (i + 4 == lastTerm) addOneAndMark(z, G + load<u32>(termRows + i) * stride, load<f32>(termValues + i), z, marks, columnBytes);
  else {
    addTwoAndMark(
      z, G + load<u32>(termRows + i) * stride, load<f32>(termValues + i),
      G + load<u32>(termRows + i, 4) * stride, load<f32>(termValues + i, 4), z, marks, columnBytes,
    );
  }
}

/** z = b + value g, and a bit for each element that is not negative. */
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
  v128.store(z, z0);
  v128.store(z, z1, 16);
  v128.store(z, z2, 32);
  v128.store(z, z3, 48);
  store<u16>(marks, ~packSigns(z0, z1, z2, z3));
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
