/**
 * What a core can do at most with 128-bit vectors and no fused multiply-add: twelve independent chains of a
 * multiplication and an addition that never leave the registers. The factors come from outside, so that nothing can be
 * computed beforehand, and the result depends on all of it.
 */

/** Runs `iterations` of the twelve chains v <- v factor + term; returns a sum of where they end. */
export function multiplyAdd(iterations: u32, factor: f32, term: f32): f32 {
  const f = f32x4.splat(factor);
  const t = f32x4.splat(term);
  let a0 = f32x4.splat(term);
  let a1 = f32x4.add(a0, t);
  let a2 = f32x4.add(a1, t);
  let a3 = f32x4.add(a2, t);
  let a4 = f32x4.add(a3, t);
  let a5 = f32x4.add(a4, t);
  let a6 = f32x4.add(a5, t);
  let a7 = f32x4.add(a6, t);
  let a8 = f32x4.add(a7, t);
  let a9 = f32x4.add(a8, t);
  let a10 = f32x4.add(a9, t);
  let a11 = f32x4.add(a10, t);
  for (let i: u32 = 0; i < iterations; i++) {
    a0 = f32x4.add(f32x4.mul(a0, f), t);
    a1 = f32x4.add(f32x4.mul(a1, f), t);
    a2 = f32x4.add(f32x4.mul(a2, f), t);
    a3 = f32x4.add(f32x4.mul(a3, f), t);
    a4 = f32x4.add(f32x4.mul(a4, f), t);
    a5 = f32x4.add(f32x4.mul(a5, f), t);
    a6 = f32x4.add(f32x4.mul(a6, f), t);
    a7 = f32x4.add(f32x4.mul(a7, f), t);
    a8 = f32x4.add(f32x4.mul(a8, f), t);
    a9 = f32x4.add(f32x4.mul(a9, f), t);
    a10 = f32x4.add(f32x4.mul(a10, f), t);
    a11 = f32x4.add(f32x4.mul(a11, f), t);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a4, a5));
  const sum = f32x4.add(low, f32x4.add(f32x4.add(f32x4.add(a6, a7), f32x4.add(a8, a9)), f32x4.add(a10, a11)));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}
