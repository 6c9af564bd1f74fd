/** How far a model is from having no superposition (App. D.5). */

/**
 * Spectral norm of W W^T - diag(1 (m times), 0, ...), W: [n, m]: the largest absolute eigenvalue, by Lanczos'
 * method with full reorthogonalisation from a fixed start, to about 12 digits. The matrix has rank 2m at most, so
 * that 2m + 1 steps are exact.
 */
export function ambiguity(w: ArrayLike<number>, n: number, m: number): number {
  const hidden = new Float64Array(m);
  return spectralNorm(n, Math.min(n, 2 * m + 2), (v, out) => {
    hidden.fill(0);
    for (let i = 0; i < n; i++) {
      const value = v[i]!;
      for (let k = 0; k < m; k++) hidden[k] = hidden[k]! + value * w[i * m + k]!;
    }
    for (let i = 0; i < n; i++) {
      let dot = i < m ? -v[i]! : 0;
      for (let k = 0; k < m; k++) dot += hidden[k]! * w[i * m + k]!;
      out[i] = dot;
    }
  });
}

/** Largest absolute eigenvalue of a symmetric n x n matrix given by its product with a vector, in at most `steps` products. */
function spectralNorm(n: number, steps: number, multiply: (v: Float64Array, out: Float64Array) => void): number {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const offDiagonal: number[] = [];
  let v = fixedStart(n);
  let previous = Number.NaN;
  let settled = 0;
  for (let step = 0; step < steps; step++) {
    basis.push(v);
    const next = new Float64Array(n);
    multiply(v, next);
    diagonal.push(dot(v, next));
    // Twice is enough to be orthogonal to working precision.
    for (let pass = 0; pass < 2; pass++) for (const q of basis) subtract(next, q, dot(q, next));
    const norm = Math.sqrt(dot(next, next));
    const largest = largestAbsoluteEigenvalue(diagonal, offDiagonal);
    if (!Number.isFinite(largest)) throw new RangeError('spectral norm of a matrix with entries that are not finite');
    settled = Math.abs(largest - previous) <= 1e-13 * largest ? settled + 1 : 0;
    previous = largest;
    // A Ritz value can stall for a step or two before it goes on to grow.
    if (settled >= 6 || norm <= 1e-13 * largest || largest === 0) break;
    for (let i = 0; i < n; i++) next[i] = next[i]! / norm;
    offDiagonal.push(norm);
    v = next;
  }
  return previous;
}

/** A unit vector without structure: what matters is that it is orthogonal to no eigenvector, and always the same. */
function fixedStart(n: number): Float64Array {
  const v = new Float64Array(n);
  let state = 0x9e3779b9;
  for (let i = 0; i < n; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    v[i] = ((state ^ (state >>> 15)) >>> 0) / 2147483648 - 1;
  }
  const norm = Math.sqrt(dot(v, v));
  for (let i = 0; i < n; i++) v[i] = v[i]! / norm;
  return v;
}

/** Of a symmetric tridiagonal matrix, by bisection with Sturm counts. */
function largestAbsoluteEigenvalue(diagonal: readonly number[], off: readonly number[]): number {
  let bound = 0;
  for (let i = 0; i < diagonal.length; i++) {
    bound = Math.max(bound, Math.abs(diagonal[i]!) + Math.abs(off[i - 1] ?? 0) + Math.abs(off[i] ?? 0));
  }
  if (!Number.isFinite(bound)) return Number.NaN;
  const countBelow = (x: number): number => {
    let count = 0;
    let pivot = 1;
    for (let i = 0; i < diagonal.length; i++) {
      const coupling = i ? off[i - 1]! : 0;
      pivot = diagonal[i]! - x - (coupling * coupling) / pivot;
      if (pivot === 0) pivot = 1e-300;
      if (pivot < 0) count++;
    }
    return count;
  };
  const search = (isAbove: (x: number) => boolean): number => {
    let low = 0;
    let high = bound;
    for (let i = 0; i < 100; i++) {
      const middle = 0.5 * (low + high);
      if (middle === low || middle === high) break;
      if (isAbove(middle)) high = middle;
      else low = middle;
    }
    return high;
  };
  const size = diagonal.length;
  const top = search((x) => countBelow(x) === size);
  const bottom = search((x) => countBelow(-x) === 0);
  return Math.max(top, bottom);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(target: Float64Array, direction: Float64Array, amount: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! - amount * direction[i]!;
}
