/** AdamW with the decoupled decay or growth of Eq. 2; gradients are cleared as they are used. */

let gradientScale: v128 = f32x4.splat(0);
let beta1: v128 = f32x4.splat(0);
let beta2: v128 = f32x4.splat(0);
let rest1: v128 = f32x4.splat(0);
let rest2: v128 = f32x4.splat(0);
let rootCorrection: v128 = f32x4.splat(0);
let epsilon: v128 = f32x4.splat(0);

/** What is the same for W and b: `correction2` is 1/sqrt(1 - beta2^t). */
export function configureStep(scale: f32, first: f32, restFirst: f32, second: f32, restSecond: f32, correction2: f32, eps: f32): void {
  gradientScale = f32x4.splat(scale);
  beta1 = f32x4.splat(first);
  rest1 = f32x4.splat(restFirst);
  beta2 = f32x4.splat(second);
  rest2 = f32x4.splat(restSecond);
  rootCorrection = f32x4.splat(correction2);
  epsilon = f32x4.splat(eps);
}

/**
 * 2^-120: a smaller first moment is taken for 0. Without this the moment of a parameter whose gradient has vanished
 * halts at 4 x 2^-149, since 0.9 times that rounds to itself, and every product of such numbers costs the processor a
 * hundred cycles or more. A step of such a parameter is below 2^-94 of its learning rate (epsilon is 1e-8).
 */
const leastMean: f32 = 7.52316384526264e-37;

/** The Adam direction for four parameters; updates their moments and clears their gradient. */
@inline function direction(gradient: usize, first: usize, second: usize): v128 {
  const g = f32x4.mul(v128.load(gradient), gradientScale);
  v128.store(gradient, f32x4.splat(0));
  const decayed = f32x4.add(f32x4.mul(beta1, v128.load(first)), f32x4.mul(rest1, g));
  const mean = v128.and(decayed, f32x4.ge(f32x4.abs(decayed), f32x4.splat(leastMean)));
  const square = f32x4.add(f32x4.mul(beta2, v128.load(second)), f32x4.mul(rest2, f32x4.mul(g, g)));
  v128.store(first, mean);
  v128.store(second, square);
  return f32x4.div(mean, f32x4.add(f32x4.mul(f32x4.sqrt(square), rootCorrection), epsilon));
}

/** No decay. `size`: bytes, a multiple of 16. `rate`: eta / (1 - beta1^t). */
export function updateBias(b: usize, gradient: usize, first: usize, second: usize, size: usize, rate: f32): void {
  const eta = f32x4.splat(rate);
  for (let o: usize = 0; o < size; o += 16) {
    v128.store(b + o, f32x4.sub(v128.load(b + o), f32x4.mul(eta, direction(gradient + o, first + o, second + o))));
  }
}

/**
 * `decay`: eta gamma. growth: the decay is times (1/(|W_i| + eps) - 1). project: rows to unit norm afterwards.
 */
export function updateRows(
  W: usize, gradient: usize, first: usize, second: usize, n: u32, mp: u32, rate: f32, decay: f32, growth: bool, project: bool, eps: f32,
): void {
  const eta = f32x4.splat(rate);
  const stride = <usize>mp << 2;
  let at: usize = 0;
  for (let i: u32 = 0; i < n; i++) {
    const factor = f32x4.splat(1 - (growth ? decay * (1 / (norm(W + at, stride) + eps) - 1) : decay));
    const end = at + stride;
    for (let o = at; o < end; o += 16) {
      const kept = f32x4.mul(v128.load(W + o), factor);
      v128.store(W + o, f32x4.sub(kept, f32x4.mul(eta, direction(gradient + o, first + o, second + o))));
    }
    if (project) {
      const size = norm(W + at, stride);
      if (size > 0) {
        const inverse = f32x4.splat(1 / size);
        for (let o = at; o < end; o += 16) v128.store(W + o, f32x4.mul(v128.load(W + o), inverse));
      }
    }
    at = end;
  }
}

@inline function norm(row: usize, size: usize): f32 {
  let sum = f32x4.splat(0);
  for (let o: usize = 0; o < size; o += 16) {
    const w = v128.load(row + o);
    sum = f32x4.add(sum, f32x4.mul(w, w));
  }
  return sqrt(f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)));
}

/**
 * What `count` all-zero samples contribute, whose output is ReLU(b): adds to `gradient` (bias) and returns the sum of
 * squares of ReLU(b), once.
 */
export function addSilentSamples(b: usize, gradient: usize, size: usize, count: f32): f64 {
  const weight = f32x4.splat(count);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let o: usize = 0; o < size; o += 16) {
    const y = f32x4.max(v128.load(b + o), f32x4.splat(0));
    if (i32x4.bitmask(f32x4.gt(y, f32x4.splat(0))) == 0) continue;
    v128.store(gradient + o, f32x4.add(v128.load(gradient + o), f32x4.mul(weight, y)));
    const l = f64x2.promote_low_f32x4(y);
    const h = f64x2.promote_low_f32x4(v128.shuffle<f32>(y, y, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(l, l));
    high = f64x2.add(high, f64x2.mul(h, h));
  }
  return f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}
