import { performance } from 'node:perf_hooks';
import { queryBlock, queryBlocks } from '../../../numerics/language-models/causal-attention.ts';
import { CheckpointWeights, MatrixBlocks, weightBytes } from '../../../numerics/language-models/checkpoint-weights.ts';
import { withHeadOf } from '../../../numerics/language-models/language-model.ts';
import type { LanguageModel } from '../../../numerics/language-models/language-model.ts';
import { OnnxGraph } from '../../../numerics/language-models/onnx-model.ts';
import { rotaryTables } from '../../../numerics/language-models/rotary-tables.ts';
import { rowsOf } from '../../../numerics/language-models/text-batches.ts';
import type { TextBatch, TokenIds } from '../../../numerics/language-models/text-batches.ts';
import { CrossEntropies, vocabularyBlock } from '../../../numerics/language-models/vocabulary-block.ts';
import type { TensorSource } from '../../../numerics/checkpoints/tensor-source.ts';
import { Activations } from './activations.ts';
import { PartSessions } from './part-sessions.ts';
import type { Feeds, Provider, Weights } from './part-sessions.ts';

export interface EvaluationOptions {
  readonly provider: Provider;
  /** Weights in memory at most, in bytes of single precision: beyond it they are read layer by layer. Changes no bit of a result. */
  readonly maxResidentBytes: number;
  /** Directory for activations that are too many for memory. */
  readonly scratch: string;
  /** Of the CPU provider; absent: all cores. */
  readonly threads?: number;
  /** Called between runs with the share of the work that one run is; may throw to stop. */
  readonly advance?: (share: number) => void;
}

/** Rows of the embedding or head at a time. */
const blockRows = 2048;

/** Fewer tokens for one pass over the weights would have reading take longer than computing. */
const shardTokens = 131072;

/** A checkpoint, evaluated on batches of texts, in as much memory as the options give it. */
export class ModelEvaluation {
  readonly #weights: CheckpointWeights;
  readonly #sessions: PartSessions;
  /** Whether all weights stay in memory once they were read. */
  readonly isResident: boolean;
  readonly #kept = new Map<string, Weights>();
  /** Where weights do not stay: by the names within a part, the memory that every layer is read into in turn. */
  readonly #reused = new Map<string, Weights>();
  readonly #layerGraphs = new Map<number, OnnxGraph>();
  readonly #embedding: MatrixBlocks;
  readonly #head: MatrixBlocks;
  #rotary: { length: number; cos: Float32Array; sin: Float32Array } = {
    length: 0,
    cos: new Float32Array(0),
    sin: new Float32Array(0),
  };
  /** Milliseconds spent on reading weights, which is part of what little memory costs. */
  readingMilliseconds = 0;

  readonly model: LanguageModel;

  /** `name` names the checkpoint in errors. */
  constructor(
    described: LanguageModel,
    source: TensorSource,
    name: string,
    private readonly options: EvaluationOptions,
  ) {
    const model = withHeadOf(described, source.entries());
    this.model = model;
    this.#weights = new CheckpointWeights(source, model, name);
    this.isResident = weightBytes(model).total <= options.maxResidentBytes;
    this.#sessions = new PartSessions(options.provider, options.threads);
    this.#embedding = new MatrixBlocks(this.#weights, model.embedding, blockRows, this.isResident);
    this.#head =
      model.head.name === model.embedding.name
        ? this.#embedding
        : new MatrixBlocks(this.#weights, model.head, blockRows, this.isResident);
  }

  /** Consecutive batches for one pass over the weights: as many as activations fit, but no more than `mostTokens`; or, where weights are read anew, as repay that. */
  shards(batches: readonly TextBatch[], mostTokens = Infinity): TextBatch[][] {
    const fitting = Math.floor(this.#activationBudget() / (4 * this.model.width));
    const most = this.isResident ? Math.min(fitting, mostTokens) : Math.max(fitting, shardTokens);
    const shards: TextBatch[][] = [];
    let tokens = Infinity;
    for (const batch of batches) {
      if (tokens + rowsOf(batch) > most) {
        shards.push([]);
        tokens = 0;
      }
      tokens += rowsOf(batch);
      shards.at(-1)!.push(batch);
    }
    return shards;
  }

  /** For each text of the batches, its position in `texts` and the loss of each of its tokens but the first, in nats. */
  async losses(
    texts: readonly TokenIds[],
    batches: readonly TextBatch[],
  ): Promise<{ text: number; losses: Float32Array }[]> {
    const activations = await this.hidden(texts, batches);
    try {
      const entropies = batches.map((batch) => new CrossEntropies(targetsOf(texts, batch)));
      const [, width] = this.model.head.shape;
      for (let block = 0; block < this.#head.count; block++) {
        const w = await this.#timed(this.#head.block(block));
        const from = block * blockRows;
        const rows = w.length / width;
        await this.#sessions.with(
          `vocabulary ${rows}`,
          () => vocabularyBlock(rows, width),
          new Map([['w', w]]),
          async (run) => {
            for (const [index, batch] of batches.entries()) {
              const tokens = rowsOf(batch);
              const target = { data: entropies[index]!.targetsIn(from, rows), shape: [tokens, 1] };
              const { largest, sum, atTarget } = await run({
                x: { data: activations.get(index), shape: [tokens, width] },
                target,
              });
              entropies[index]!.add(from, rows, { largest: largest!, sum: sum!, atTarget: atTarget! });
              this.#advance(tokens * rows * width);
            }
          },
        );
      }
      return batches.flatMap((batch, index) => {
        const losses = entropies[index]!.losses();
        return batch.texts.map((text, i) => ({
          text,
          losses: losses.slice(i * batch.length, i * batch.length + texts[text]!.length - 1),
        }));
      });
    } finally {
      activations.close();
    }
  }

  /** What the head is applied to: for each batch [texts, length, width of the head]. To be closed by the caller. */
  async hidden(texts: readonly TokenIds[], batches: readonly TextBatch[]): Promise<Activations> {
    const { model } = this;
    const activations = new Activations(
      batches.map((batch) => rowsOf(batch) * model.width),
      this.#activationBudget(),
      this.options.scratch,
    );
    try {
      await this.#embed(texts, batches, activations);
      const layerElements = weightBytes(model).layer / 4;
      for (let layer = 0; layer < model.layers; layer++) {
        const weights = await this.#partWeights(model.layerPrefix(layer), this.#layerGraph(1));
        // batches come longest first, so that each graph is taken up once
        for (let from = 0, to = 0; from < batches.length; from = to) {
          const blocks = queryBlocks(batches[from]!.length);
          while (to < batches.length && queryBlocks(batches[to]!.length) === blocks) to++;
          await this.#sessions.with(
            `layer ${blocks}`,
            () => this.#layerGraph(blocks),
            weights,
            async (run) => {
              for (let index = from; index < to; index++) {
                const { y } = await run(this.#layerFeeds(batches[index]!, activations.get(index)));
                activations.set(index, y!);
                this.#advance(rowsOf(batches[index]!) * layerElements);
              }
            },
          );
        }
      }
      const weights = await this.#partWeights('', model.final);
      await this.#sessions.with(
        'final',
        () => model.final,
        weights,
        async (run) => {
          for (const [index, batch] of batches.entries()) {
            const { y } = await run({ x: { data: activations.get(index), shape: [rowsOf(batch), model.width] } });
            activations.set(index, y!);
          }
        },
      );
      return activations;
    } catch (error) {
      activations.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#sessions.close();
  }

  /** Rows of the embedding, projected where the model does so, and of the learned positions. */
  async #embed(texts: readonly TokenIds[], batches: readonly TextBatch[], activations: Activations): Promise<void> {
    const { model } = this;
    const [, embedded] = model.embedding.shape;
    const embeddings = batches.map((batch) => new Float32Array(rowsOf(batch) * embedded));
    const places = batches.map((batch) => tokensOf(texts, batch));
    const wanted = new Set(places.flatMap((tokens) => [...new Set(tokens.map((id) => Math.floor(id / blockRows)))]));
    for (const block of [...wanted].sort((a, b) => a - b)) {
      const rows = await this.#timed(this.#embedding.block(block));
      for (const [index, tokens] of places.entries()) {
        for (const [at, id] of tokens.entries()) {
          const row = id - block * blockRows;
          if (row >= 0 && row < blockRows)
            embeddings[index]!.set(rows.subarray(row * embedded, (row + 1) * embedded), at * embedded);
        }
      }
    }
    const { projection, positions } = model;
    const table =
      positions && (await this.#partWeights('', single(positions.name, positions.shape))).get(positions.name)!;
    const project = async (
      index: number,
      batch: TextBatch,
      run?: (feeds: Feeds) => Promise<Record<string, Float32Array>>,
    ): Promise<void> => {
      const rows = embeddings[index]!;
      const x = run ? (await run({ x: { data: rows, shape: [rowsOf(batch), embedded] } })).y! : rows;
      if (table) addPositions(x, table, positions.offset, batch.length, model.width);
      activations.set(index, x);
      embeddings[index] = new Float32Array(0);
    };
    if (!projection) {
      for (const [index, batch] of batches.entries()) await project(index, batch);
      return;
    }
    const graph = projectionGraph(projection.name, projection.shape);
    const weights = await this.#partWeights('', graph);
    await this.#sessions.with(
      'projection',
      () => graph,
      weights,
      async (run) => {
        for (const [index, batch] of batches.entries()) await project(index, batch, run);
      },
    );
  }

  #layerFeeds({ texts, length }: TextBatch, x: Float32Array): Feeds {
    const integers = (...values: number[]) => ({ data: BigInt64Array.from(values, BigInt), shape: [values.length] });
    const { rotary, width } = this.model;
    const feeds: Record<string, Feeds[string]> = {
      x: { data: x, shape: [texts.length * length, width] },
      batch: integers(texts.length, length),
      last: integers(length - (queryBlocks(length) - 1) * queryBlock),
      length: integers(length),
    };
    if (!rotary) return feeds;
    if (this.#rotary.length < length) this.#rotary = { length, ...rotaryTables(rotary, length) };
    const shape = [length, rotary.dimensions / 2];
    const table = (data: Float32Array) => ({ data: data.subarray(0, (length * rotary.dimensions) / 2), shape });
    return { ...feeds, cos: table(this.#rotary.cos), sin: table(this.#rotary.sin) };
  }

  #layerGraph(blocks: number): OnnxGraph {
    const made = this.#layerGraphs.get(blocks) ?? this.model.layer(blocks);
    this.#layerGraphs.set(blocks, made);
    return made;
  }

  async #partWeights(prefix: string, graph: OnnxGraph): Promise<Weights> {
    const names = [...graph.weights.keys()].join();
    const kept = this.#kept.get(prefix + names);
    if (kept) return kept;
    const before = this.#reused.get(names);
    const weights = new Map<string, Float32Array>();
    for (const [name, shape] of graph.weights)
      weights.set(name, await this.#timed(this.#weights.read(prefix + name, shape, before?.get(name))));
    if (this.isResident) this.#kept.set(prefix + names, weights);
    else if (prefix !== '') this.#reused.set(names, weights);
    return weights;
  }

  async #timed<T>(reading: Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await reading;
    this.readingMilliseconds += performance.now() - begun;
    return result;
  }

  /** A quarter of what weights may take: the rest of a model that is read layer by layer is a layer, or a block of the head. */
  #activationBudget(): number {
    return Math.min(this.options.maxResidentBytes / 4, 2 ** 31);
  }

  #advance(multiplications: number): void {
    this.options.advance?.(multiplications);
  }
}

/** Token ids with the filling, which is token 0. */
function tokensOf(texts: readonly TokenIds[], { texts: chosen, length }: TextBatch): Int32Array {
  const tokens = new Int32Array(chosen.length * length);
  for (const [i, text] of chosen.entries()) tokens.set(texts[text]!, i * length);
  return tokens;
}

/** What each position predicts: the token after it. Nothing is made of what the last one and the filling predict. */
function targetsOf(texts: readonly TokenIds[], batch: TextBatch): Int32Array {
  const targets = tokensOf(texts, batch);
  targets.copyWithin(0, 1);
  return targets;
}

function addPositions(x: Float32Array, table: Float32Array, offset: number, length: number, width: number): void {
  for (let row = 0; row * width < x.length; row++) {
    const position = (row % length) + offset;
    for (let i = 0; i < width; i++) x[row * width + i]! += table[position * width + i]!;
  }
}

function single(name: string, shape: readonly number[]): OnnxGraph {
  const graph = new OnnxGraph();
  graph.weight(name, shape);
  return graph;
}

function projectionGraph(name: string, shape: readonly number[]): OnnxGraph {
  const graph = new OnnxGraph();
  graph.output(
    'y',
    graph.apply('Gemm', [graph.input('x', 'float32', 2), graph.weight(name, shape)], { transB: 1 }),
    'float32',
    2,
  );
  return graph;
}
