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

/** z = b + the terms [t, lastTerm), places in bytes, of one sample, in their order; a bit in `marks` for each element that is not negative. */
function markSample(
  termRows: usize, termValues: usize, t: usize, lastTerm: usize, G: usize, stride: usize, b: usize, z: usize, marks: usize, columnBytes: usize,
): void {
  const left = lastTerm - t;
  if (left == 4) addTerms(1, true, termRows + t, termValues + t, G, stride, b, z, marks, columnBytes);
  else if (left == 8) addTerms(2, true, termRows + t, termValues + t, G, stride, b, z, marks, columnBytes);
  else markManyTerms(termRows, termValues, t, lastTerm, G, stride, b, z, marks, columnBytes);
}

/** The same of three terms or more: four at a time, so that z is written and read again once in four. */
function markManyTerms(
  termRows: usize, termValues: usize, t: usize, lastTerm: usize, G: usize, stride: usize, b: usize, z: usize, marks: usize, columnBytes: usize,
): void {
  let from = b;
  for (; lastTerm - t > 16; t += 16) {
    addTerms(4, false, termRows + t, termValues + t, G, stride, from, z, marks, columnBytes);
    from = z;
  }
  const left = lastTerm - t;
  if (left == 4) addTerms(1, true, termRows + t, termValues + t, G, stride, from, z, marks, columnBytes);
  else if (left == 8) addTerms(2, true, termRows + t, termValues + t, G, stride, from, z, marks, columnBytes);
  else if (left == 12) addTerms(3, true, termRows + t, termValues + t, G, stride, from, z, marks, columnBytes);
  else addTerms(4, true, termRows + t, termValues + t, G, stride, from, z, marks, columnBytes);
}

/** z = from + so many terms, one to four, and, if asked for, the marks. */
@inline function addTerms(
  count: i32, mark: bool, rows: usize, values: usize, G: usize, stride: usize, from: usize, z: usize, marks: usize, bytes: usize,
): void {
  const g1 = G + (load<u32>(rows) & ~ownRow) * stride;
  const v1 = v128.load_splat<f32>(values);
  const g2 = count > 1 ? G + load<u32>(rows, 4) * stride : 0;
  const v2 = count > 1 ? v128.load_splat<f32>(values, 4) : v1;
  const g3 = count > 2 ? G + load<u32>(rows, 8) * stride : 0;
  const v3 = count > 2 ? v128.load_splat<f32>(values, 8) : v1;
  const g4 = count > 3 ? G + load<u32>(rows, 12) * stride : 0;
  const v4 = count > 3 ? v128.load_splat<f32>(values, 12) : v1;
  for (let o: usize = 0; o < bytes; o += 64) {
    let z0 = f32x4.add(v128.load(from + o), f32x4.mul(v1, v128.load(g1 + o)));
    let z1 = f32x4.add(v128.load(from + o, 16), f32x4.mul(v1, v128.load(g1 + o, 16)));
    let z2 = f32x4.add(v128.load(from + o, 32), f32x4.mul(v1, v128.load(g1 + o, 32)));
    let z3 = f32x4.add(v128.load(from + o, 48), f32x4.mul(v1, v128.load(g1 + o, 48)));
    if (count > 1) {
      z0 = f32x4.add(z0, f32x4.mul(v2, v128.load(g2 + o)));
      z1 = f32x4.add(z1, f32x4.mul(v2, v128.load(g2 + o, 16)));
      z2 = f32x4.add(z2, f32x4.mul(v2, v128.load(g2 + o, 32)));
      z3 = f32x4.add(z3, f32x4.mul(v2, v128.load(g2 + o, 48)));
    }
    if (count > 2) {
      z0 = f32x4.add(z0, f32x4.mul(v3, v128.load(g3 + o)));
      z1 = f32x4.add(z1, f32x4.mul(v3, v128.load(g3 + o, 16)));
      z2 = f32x4.add(z2, f32x4.mul(v3, v128.load(g3 + o, 32)));
      z3 = f32x4.add(z3, f32x4.mul(v3, v128.load(g3 + o, 48)));
    }
    if (count > 3) {
      z0 = f32x4.add(z0, f32x4.mul(v4, v128.load(g4 + o)));
      z1 = f32x4.add(z1, f32x4.mul(v4, v128.load(g4 + o, 16)));
      z2 = f32x4.add(z2, f32x4.mul(v4, v128.load(g4 + o, 32)));
      z3 = f32x4.add(z3, f32x4.mul(v4, v128.load(g4 + o, 48)));
    }
    v128.store(z + o, z0);
    v128.store(z + o, z1, 16);
    v128.store(z + o, z2, 32);
    v128.store(z + o, z3, 48);
    if (mark) store<u16>(marks + (o >> 5), ~packSigns(z0, z1, z2, z3));
  }
}

/** Adds value r to the listed places of a row of M. */
@inline function addTo(row: usize, value: f32, list: usize, places: usize, size: usize): void {
  for (let k: usize = 0; k < size; k += 4) {
    const at = row + load<u32>(places + k);
    store<f32>(at, load<f32>(at) + value * load<f32>(list + k));
  }
}
