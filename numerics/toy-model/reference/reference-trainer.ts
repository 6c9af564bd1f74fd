import { pow } from '../../elementary.ts';
import type { TrainerSettings } from '../wasm/toy-model-trainer.ts';

/**
 * The toy model and its optimiser as the paper writes them (Sec. 2, Eq. 2, App. B), dense and in double precision, sample
 * by sample: what tests and `doctor` compare trainers with.
 */

export type ReferenceSettings = Omit<TrainerSettings, 'batch'>;

type Matrix = number[][];
type ReadonlyMatrix = readonly (readonly number[])[];
const zeros = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
const squared = (x: number) => x * x;

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** W^T x: the rows of W [n, m] added up, each times its x [n]. Most x are zero. */
export function weightedRows(W: ReadonlyMatrix, x: readonly number[]): number[] {
  const h = new Array<number>(W[0]!.length).fill(0);
  x.forEach((xi, i) => {
    if (xi === 0) return;
    const row = W[i]!;
    for (let k = 0; k < h.length; k++) h[k]! += xi * row[k]!;
  });
  return h;
}

/** One sample: z = W W^T x + b. */
export function preActivation(W: Matrix, b: readonly number[], x: readonly number[]): number[] {
  const h = weightedRows(W, x);
  return W.map((row, i) => dot(row, h) + b[i]!);
}

/** Squared error of each output, averaged over the samples X. Their sum is the loss of the paper. */
export function outputLosses(W: Matrix, b: readonly number[], X: Matrix): number[] {
  const losses = b.map(() => 0);
  for (const x of X)
    preActivation(W, b, x).forEach((z, i) => (losses[i]! += squared(Math.max(z, 0) - x[i]!) / X.length));
  return losses;
}

export const modelLoss = (W: Matrix, b: readonly number[], X: Matrix) =>
  outputLosses(W, b, X).reduce((a, c) => a + c, 0);

/** Gradient of `scale` times the squared error averaged over samples and features. */
export function gradient(W: Matrix, b: readonly number[], X: Matrix, scale: number): { dW: Matrix; db: number[] } {
  const n = b.length;
  const dW = zeros(n, W[0]!.length);
  const db = b.map(() => 0);
  for (const x of X) {
    const h = weightedRows(W, x);
    const g = W.map((row, i) => {
      const z = dot(row, h) + b[i]!;
      return z > 0 ? ((2 * scale) / (X.length * n)) * (z - x[i]!) : 0;
    });
    const back = weightedRows(W, g);
    dW.forEach((row, i) => {
      const [gi, xi] = [g[i]!, x[i]!];
      if (gi === 0 && xi === 0) return;
      db[i]! += gi;
      for (let k = 0; k < h.length; k++) row[k]! += gi * h[k]! + xi * back[k]!;
    });
  }
  return { dW, db };
}

export class ReferenceTrainer {
  readonly W: Matrix;
  readonly b: number[];
  readonly #settings: ReferenceSettings;
  readonly #moments: { W: [Matrix, Matrix]; b: [number[], number[]] };

  constructor(settings: ReferenceSettings, W: Matrix, b: number[]) {
    const { n, m } = settings;
    this.#settings = settings;
    this.W = W;
    this.b = b;
    this.#moments = { W: [zeros(n, m), zeros(n, m)], b: [b.map(() => 0), b.map(() => 0)] };
  }

  /** Step t = 1, 2, ... on the samples X; returns the loss before it. */
  step(t: number, X: Matrix, rateW: number, rateB: number): number {
    const { gamma, lossScale, beta1, beta2, epsilon, projection } = this.#settings;
    const loss = modelLoss(this.W, this.b, X);
    const { dW, db } = gradient(this.W, this.b, X, lossScale);
    const adam = (values: number[], g: number[], first: number[], second: number[], rate: number) => {
      for (let k = 0; k < values.length; k++) {
        first[k] = beta1 * first[k]! + (1 - beta1) * g[k]!;
        second[k] = beta2 * second[k]! + (1 - beta2) * squared(g[k]!);
        values[k]! -=
          (rate * first[k]!) / (1 - pow(beta1, t)) / (Math.sqrt(second[k]! / (1 - pow(beta2, t))) + epsilon);
      }
    };
    this.W.forEach((row, i) => {
      const pull = gamma < 0 ? 1 / (Math.sqrt(dot(row, row)) + epsilon) - 1 : 1;
      row.forEach((_, k) => (row[k]! -= rateW * gamma * pull * row[k]!));
      adam(row, dW[i]!, this.#moments.W[0][i]!, this.#moments.W[1][i]!, rateW);
      const norm = Math.sqrt(dot(row, row));
      if (projection === 'unit-rows') row.forEach((_, k) => (row[k]! /= norm));
    });
    adam(this.b, db, ...this.#moments.b, rateB);
    return loss;
  }
}
