/**
 * The state of a model: W, its first and second moments, b, its first and second moments, rows of W and vectors padded
 * to whole quads. All that the next step depends on but its number; what checkpoints keep.
 */

interface Shape {
  readonly n: number;
  readonly m: number;
}

/** W: [n, m], b: [n]. */
export interface Weights {
  readonly W: Float32Array;
  readonly b: Float32Array;
}

const padded = (length: number): number => 4 * Math.ceil(length / 4);

/** Elements. */
export function stateLength({ n, m }: Shape): number {
  return 3 * n * padded(m) + 3 * padded(n);
}

/** Of a model that has not taken a step. */
export function initialState({ n, m }: Shape, { W, b }: Weights): Float32Array<ArrayBuffer> {
  const state = new Float32Array(stateLength({ n, m }));
  const stride = padded(m);
  for (let i = 0; i < n; i++) state.set(W.subarray(i * m, (i + 1) * m), i * stride);
  // features that pad to whole quads are never positive, so they never take part
  const biases = 3 * n * stride;
  state.fill(-1, biases, biases + padded(n)).set(b, biases);
  return state;
}

/** The state of a model as one of another width has it: what is cut off must be zero. */
export function widened(
  state: Float32Array<ArrayBuffer>,
  n: number,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const [narrow, wide] = [padded(from), padded(to)];
  if (narrow === wide) return state;
  const made = new Float32Array(stateLength({ n, m: to }));
  const common = Math.min(narrow, wide);
  for (let row = 0; row < 3 * n; row++) made.set(state.subarray(row * narrow, row * narrow + common), row * wide);
  made.set(state.subarray(3 * n * narrow), 3 * n * wide);
  return made;
}

export function weightsOf({ n, m }: Shape, state: Float32Array): Weights {
  const W = new Float32Array(n * m);
  const stride = padded(m);
  for (let i = 0; i < n; i++) W.set(state.subarray(i * stride, i * stride + m), i * m);
  return { W, b: state.slice(3 * n * stride, 3 * n * stride + n) };
}
