import type { TensorSource } from '../checkpoints/tensor-source.ts';
import type { LanguageModel, Matrix } from './language-model.ts';

/** Read at a time, so that the stored form of a matrix is never in memory beside the whole of it. */
const pieceElements = 1 << 18;

/** The weights of a model in its checkpoint, in single precision. */
export class CheckpointWeights {
  readonly #prefix: string;

  /** `name` names the checkpoint in errors. */
  constructor(
    private readonly source: TensorSource,
    model: LanguageModel,
    private readonly name: string,
  ) {
    const { embedding } = model;
    const prefix = model.prefixes.find((begin) => source.entries().has(begin + embedding.name));
    if (prefix === undefined) {
      throw new Error(
        `${name}: no tensor ${model.prefixes.map((begin) => `"${begin}${embedding.name}"`).join(' or ')}: expected one, of ${model.architecture}`,
      );
    }
    this.#prefix = prefix;
  }

  /** The tensor, checked against the shape that the model's configuration gives it. */
  async read(name: string, shape: readonly number[], into?: Float32Array): Promise<Float32Array> {
    return this.rows(name, shape, 0, shape[0]!, into);
  }

  /** Rows [begin, end), written to `into` where it is given, which then is what is returned. */
  async rows(
    name: string,
    shape: readonly number[],
    begin: number,
    end: number,
    into?: Float32Array,
  ): Promise<Float32Array> {
    const full = this.#find(name, shape);
    const width = shape.slice(1).reduce((product, size) => product * size, 1);
    const piece = Math.max(1, Math.floor(pieceElements / width));
    if (end - begin <= piece && !into) return this.source.readRows(full, begin, end);
    const whole = into ?? new Float32Array((end - begin) * width);
    for (let row = begin; row < end; row += piece) {
      whole.set(await this.source.readRows(full, row, Math.min(end, row + piece)), (row - begin) * width);
    }
    return whole;
  }

  /** The head has no prefix where it is not the embedding. */
  #find(name: string, shape: readonly number[]): string {
    const entries = this.source.entries();
    const full = [this.#prefix + name, name].find((candidate) => entries.has(candidate));
    if (full === undefined)
      throw new Error(`${this.name}: no tensor "${this.#prefix}${name}": expected one of shape [${shape.join(', ')}]`);
    const entry = entries.get(full)!;
    if (entry.shape.length !== shape.length || shape.some((size, axis) => size !== entry.shape[axis])) {
      throw new Error(
        `${this.name}: tensor "${full}" has shape [${entry.shape.join(', ')}]: expected [${shape.join(', ')}]`,
      );
    }
    return full;
  }
}

/**
 * A large matrix of the checkpoint, block of rows by block of rows. Where it is to stay in memory, each is read once;
 * else all are read into the same memory, and a block is good until the next one is asked for.
 */
export class MatrixBlocks {
  readonly #kept = new Map<number, Promise<Float32Array>>();
  #buffer: Float32Array | undefined;
  readonly count: number;

  constructor(
    private readonly weights: CheckpointWeights,
    readonly matrix: Matrix,
    readonly blockRows: number,
    private readonly keep: boolean,
  ) {
    this.count = Math.ceil(matrix.shape[0] / blockRows);
  }

  /** Rows [block blockRows, ...), as many as there are up to blockRows. */
  async block(block: number): Promise<Float32Array> {
    const kept = this.#kept.get(block);
    if (kept) return kept;
    const { name, shape } = this.matrix;
    const from = block * this.blockRows;
    const end = Math.min(shape[0], from + this.blockRows);
    if (!this.keep) {
      this.#buffer ??= new Float32Array(Math.min(shape[0], this.blockRows) * shape[1]);
      return this.weights.rows(name, shape, from, end, this.#buffer.subarray(0, (end - from) * shape[1]));
    }
    const rows = this.weights.rows(name, shape, from, end);
    this.#kept.set(block, rows);
    return rows;
  }
}

/** Bytes of all weights in single precision, those that several parts share counted once. */
export function weightBytes(model: LanguageModel): { total: number; layer: number } {
  const count = (shapes: Iterable<readonly number[]>) =>
    [...shapes].reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const layer = 4 * count(model.layer(1).weights.values());
  const matrices = new Map(
    [model.embedding, model.head, model.projection, model.positions].flatMap((matrix) =>
      matrix ? [[matrix.name, matrix.shape]] : [],
    ),
  );
  return { layer, total: model.layers * layer + 4 * (count(matrices.values()) + count(model.final.weights.values())) };
}
