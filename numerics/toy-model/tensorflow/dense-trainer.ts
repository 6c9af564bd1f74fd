import type { Scalar, Tensor2D, Tensor, Variable } from '@tensorflow/tfjs-core';
import { pow } from '../../elementary.ts';
import type { TrainerSettings, TrainerState } from '../wasm/toy-model-trainer.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import { drawSamples } from '../../random/sampler.ts';
import { streamTag } from '../../random/streams.ts';
import type { StreamKey } from '../../random/streams.ts';
import type { TensorFlow } from './tensorflow.ts';

/** A parameter of the model and what Adam remembers of its gradients, all of one shape. */
type Parameter = {
  readonly value: Variable;
  /** Running means of the gradient and of its square. */
  readonly mean: Variable;
  readonly square: Variable;
};

/**
 * The toy model's training as the paper writes it (Sec. 2, App. B), dense, in single precision: what the fast trainers
 * must equal. It draws the samples that they draw.
 */
export class DenseTrainer {
  readonly #tf: TensorFlow;
  readonly #settings: TrainerSettings;
  readonly #tables: SamplerTables;
  readonly #key: StreamKey;
  /** [n, m]: row i is the representation of feature i. */
  readonly #W: Parameter;
  /** [n] */
  readonly #b: Parameter;

  /** `initial`: W as [n, m], row by row, and b as [n]. */
  constructor(tf: TensorFlow, settings: TrainerSettings, tables: SamplerTables, key: StreamKey, initial: TrainerState) {
    const { n, m } = settings;
    const parameter = (value: Tensor): Parameter => ({
      value: tf.variable(value),
      mean: tf.variable(tf.zerosLike(value)),
      square: tf.variable(tf.zerosLike(value)),
    });
    this.#tf = tf;
    this.#settings = settings;
    this.#tables = tables;
    this.#key = key;
    this.#W = tf.tidy(() => parameter(tf.tensor2d(initial.W, [n, m])));
    this.#b = tf.tidy(() => parameter(tf.tensor1d(initial.b)));
  }

  /**
   * Step k = 1, 2, ...: gradient at the current weights, decay, Adam, and the projection if asked for. Rates are those
   * of this step. Returns the training loss, summed over features (before the step).
   */
  step(k: number, rateW: number, rateB: number): number {
    const loss = this.#tf.tidy(() => this.#method(k, rateW, rateB));
    const [value] = loss.dataSync();
    loss.dispose();
    return value!;
  }

  /** The method, line by line; a row of x, h, z and y is a sample. */
  #method(k: number, rateW: number, rateB: number): Scalar {
    const { matMul, transpose, add, sub, mul, relu, step, mean, sum, square } = this.#tf;
    const { n, batch, lossScale, projection } = this.#settings;
    const W = this.#W.value as unknown as Tensor2D;
    const b = this.#b.value;

    // The data: x_i = u_i v_i, u_i ~ Bernoulli(p_i), v_i ~ U(0, 2) (Eq. 1).
    const x = this.#samples(k);

    // The model: h = W^T x, y = ReLU(W h + b) (Sec. 2). The loss: L = <|y - x|^2>.
    const h = matMul(x, W);
    const z = add(matMul(h, transpose(W)), b);
    const error = sub(relu(z), x);
    const loss = mean(sum(square(error), 1));

    // The gradient of `lossScale` times the mean squared error over samples and features (App. B). g = dL/dz; W is in z
    // twice, as decoder and as encoder.
    const g = mul(mul(error, step(z)), (2 * lossScale) / (batch * n));
    const gradientW = add(matMul(transpose(g), h), matMul(transpose(x), matMul(g, W)));
    const gradientB = sum(g, 0);

    // AdamW (App. B): first the decay or growth of Eq. 2, of W alone, then Adam.
    this.#W.value.assign(sub(W, mul(W, mul(this.#decay(W), rateW))));
    this.#adam(this.#W, gradientW, k, rateW);
    this.#adam(this.#b, gradientB, k, rateB);

    // Beyond the paper: rows held at unit norm, as nGPT does.
    if (projection === 'unit-rows') this.#W.value.assign(this.#unitRows(W));
    return loss as Scalar;
  }

  /** By row, what W is multiplied with in Eq. 2: gamma, or gamma (1/|W_i| - 1) below 0, which pulls rows to unit norm. */
  #decay(W: Tensor2D): Tensor | Scalar {
    const { scalar, sub, div, add, mul, norm } = this.#tf;
    const { gamma, epsilon } = this.#settings;
    return gamma >= 0 ? scalar(gamma) : mul(sub(div(1, add(norm(W, 2, 1, true), epsilon)), 1), gamma);
  }

  /** Adam (Kingma and Ba) with its corrections for moments that begin at 0. */
  #adam({ value, mean, square }: Parameter, gradient: Tensor, k: number, rate: number): void {
    const { add, sub, mul, div, sqrt } = this.#tf;
    const { beta1, beta2, epsilon } = this.#settings;
    mean.assign(add(mul(mean, beta1), mul(gradient, 1 - beta1)));
    square.assign(add(mul(square, beta2), mul(this.#tf.square(gradient), 1 - beta2)));
    const correctedMean = div(mean, 1 - pow(beta1, k));
    const correctedSquare = div(square, 1 - pow(beta2, k));
    value.assign(sub(value, mul(div(correctedMean, add(sqrt(correctedSquare), epsilon)), rate)));
  }

  #unitRows(W: Tensor2D): Tensor2D {
    const { norm, div, where, greater, onesLike } = this.#tf;
    const size = norm(W, 2, 1, true);
    return div(W, where(greater(size, 0), size, onesLike(size)));
  }

  /** x of step k: [batch, n], the samples that every backend draws (numerics/random/streams.ts). */
  #samples(k: number): Tensor2D {
    const { n, batch } = this.#settings;
    const { offsets, indices, values } = drawSamples(this.#tables, this.#key, streamTag.training, k, batch);
    const x = new Float32Array(batch * n);
    for (let sample = 0; sample < batch; sample++) {
      for (let e = offsets[sample]!; e < offsets[sample + 1]!; e++) x[sample * n + indices[e]!] = values[e]!;
    }
    return this.#tf.tensor2d(x, [batch, n]);
  }

  /** A copy of W: [n, m]. */
  weights(): Float32Array {
    return this.#W.value.dataSync() as Float32Array;
  }

  /** A copy of b: [n]. */
  biases(): Float32Array {
    return this.#b.value.dataSync() as Float32Array;
  }

  /** How many numbers `state` holds. */
  get stateLength(): number {
    return this.#variables.reduce((length, { size }) => length + size, 0);
  }

  /** A copy of all that the next step depends on but its number. */
  get state(): Float32Array {
    const state = new Float32Array(this.stateLength);
    let at = 0;
    for (const variable of this.#variables) {
      state.set(variable.dataSync(), at);
      at += variable.size;
    }
    return state;
  }

  set state(state: Float32Array) {
    let at = 0;
    for (const variable of this.#variables) {
      const begin = at;
      this.#tf.tidy(() => variable.assign(this.#tf.tensor(state.slice(begin, begin + variable.size), variable.shape)));
      at += variable.size;
    }
  }

  dispose(): void {
    for (const variable of this.#variables) variable.dispose();
  }

  get #variables(): Variable[] {
    return [this.#W, this.#b].flatMap(({ value, mean, square }) => [value, mean, square]);
  }
}
