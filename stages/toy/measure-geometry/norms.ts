/** What the lengths of the rows of W say: who is represented, and whether 1 parts two groups (Sec. 2, App. D.6). */

/** ||W_i|| for W: [n, m]. */
export function rowNorms(w: ArrayLike<number>, n: number, m: number): Float64Array {
  const norms = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let k = 0; k < m; k++) square += w[i * m + k]! * w[i * m + k]!;
    norms[i] = Math.sqrt(square);
  }
  return norms;
}

/** Share of the norms above a threshold: phi_1/2 (Eq. 3), phi_1 (Eq. 6). */
export function fractionAbove(norms: Float64Array, threshold: number): number {
  let count = 0;
  for (const norm of norms) if (norm > threshold) count++;
  return count / norms.length;
}

export interface DensityAroundOne {
  /** In [0.975, 1.025]. */
  readonly at: number;
  /** The largest among the bins of the same width below and above it; 0 where nothing lies there. */
  readonly below: number;
  readonly above: number;
}

const binWidth = 0.05;

/** Density of norms in bins of 0.05, one of which is centred at 1. */
export function densityAroundOne(norms: Float64Array): DensityAroundOne {
  const counts = new Map<number, number>();
  for (const norm of norms) {
    const bin = Math.floor((norm - 1) / binWidth + 0.5);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const density = (count: number): number => count / (norms.length * binWidth);
  let below = 0;
  let above = 0;
  for (const [bin, count] of counts) {
    if (bin < 0) below = Math.max(below, density(count));
    else if (bin > 0) above = Math.max(above, density(count));
  }
  return { at: density(counts.get(0) ?? 0), below, above };
}
