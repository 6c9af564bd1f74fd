import type { SparseSamples } from '../../numerics/random/sampler.ts';

/** Floating-point operations that one step of the factored form cannot do without, a multiply-add being two. */
export interface NeededWork {
  /** U: distinct features active in the batch. */
  readonly distinct: number;
  /** Nonzero share of M = X_U^T dL/dz: [U, n]. */
  readonly density: number;
  /** G = W_U W^T, and both products of M with W: 2 U n m + 4 density U n m. */
  readonly products: number;
  /** Pre-activations b + sum of x_i G_i: 2 n for each active entry of the batch. */
  readonly samples: number;
}

/**
 * The work of one step on `samples` at W: [n, m], b: [n]. M is followed on evenly spaced columns, at least 64 and as
 * many as `multiplyAdds` allow: its density on them is exact, and an estimate of the whole.
 */
export function neededWork(
  W: Float32Array,
  b: Float32Array,
  m: number,
  samples: SparseSamples,
  multiplyAdds = Infinity,
): NeededWork {
  const n = b.length;
  const { offsets, indices, values } = samples;
  const slotOf = new Int32Array(n).fill(-1);
  const features: number[] = [];
  const slots = indices.map((feature) => {
    if (slotOf[feature]! < 0) slotOf[feature] = features.push(feature) - 1;
    return slotOf[feature]!;
  });
  const distinct = features.length;
  const columns = Math.min(n, Math.max(64, Math.floor(multiplyAdds / Math.max(1, distinct * m))));
  const G = new Float32Array(distinct);
  const touched = new Uint8Array(distinct);
  let nonzero = 0;
  for (let c = 0; c < columns; c++) {
    const j = Math.floor(((c + 0.5) * n) / columns);
    for (let u = 0; u < distinct; u++) G[u] = dot(W, features[u]! * m, j * m, m);
    touched.fill(0);
    for (let s = 0; s + 1 < offsets.length; s++) {
      const end = offsets[s + 1]!;
      let z = b[j]!;
      for (let e = offsets[s]!; e < end; e++) z += values[e]! * G[slots[e]!]!;
      if (z > 0) for (let e = offsets[s]!; e < end; e++) touched[slots[e]!] = 1;
    }
    for (const mark of touched) nonzero += mark;
  }
  const density = distinct > 0 ? nonzero / (distinct * columns) : 0;
  return { distinct, density, products: (2 + 4 * density) * distinct * n * m, samples: 2 * n * indices.length };
}

function dot(W: Float32Array, a: number, b: number, m: number): number {
  let sum = 0;
  for (let k = 0; k < m; k++) sum += W[a + k]! * W[b + k]!;
  return sum;
}
