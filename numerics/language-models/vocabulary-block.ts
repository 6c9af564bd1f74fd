import { exp, ln } from '../elementary.ts';
import { OnnxGraph } from './onnx-model.ts';

/**
 * A block of the vocabulary: from `x`, [tokens, width], and the weight `w`, [rows, width], the logits x w^T, of which only
 * three numbers a token leave the graph: the largest, `sum` of exp(logit - largest), and the one at `target`, [tokens, 1].
 */
export function vocabularyBlock(rows: number, width: number): OnnxGraph {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', 2);
  const w = graph.weight('w', [rows, width]);
  const target = graph.input('target', 'int64', 2);
  const logits = graph.apply('Gemm', [x, w], { transB: 1 });
  const largest = graph.apply('ReduceMax', [logits, graph.integers(1)], { keepdims: 1 });
  const exponentials = graph.apply('Exp', [graph.apply('Sub', [logits, largest])]);
  graph.output('largest', largest, 'float32', 2);
  graph.output('sum', graph.apply('ReduceSum', [exponentials, graph.integers(1)], { keepdims: 1 }), 'float32', 2);
  graph.output('atTarget', graph.apply('GatherElements', [logits, target], { axis: 1 }), 'float32', 2);
  return graph;
}

/** Cross-entropies -log softmax(logits)[target] of some tokens, from the blocks of the vocabulary one after the other. */
export class CrossEntropies {
  readonly #largest: Float64Array;
  readonly #sum: Float64Array;
  readonly #atTarget: Float64Array;

  /** `targets`: a token id for each row. */
  constructor(private readonly targets: Int32Array) {
    this.#largest = new Float64Array(targets.length).fill(-Infinity);
    this.#sum = new Float64Array(targets.length);
    this.#atTarget = new Float64Array(targets.length).fill(NaN);
  }

  /** Where the targets lie in the block of `rows` token ids from `from`; 0 for those that do not. */
  targetsIn(from: number, rows: number): BigInt64Array {
    return BigInt64Array.from(this.targets, (id) => (id >= from && id < from + rows ? BigInt(id - from) : 0n));
  }

  add(from: number, rows: number, block: { largest: Float32Array; sum: Float32Array; atTarget: Float32Array }): void {
    for (let i = 0; i < this.targets.length; i++) {
      const before = this.#largest[i]!;
      const largest = Math.max(before, block.largest[i]!);
      this.#sum[i] =
        this.#sum[i]! * (before === largest ? 1 : exp(before - largest)) +
        block.sum[i]! * exp(block.largest[i]! - largest);
      this.#largest[i] = largest;
      const id = this.targets[i]!;
      if (id >= from && id < from + rows) this.#atTarget[i] = block.atTarget[i]!;
    }
  }

  /** In nats. */
  losses(): Float32Array {
    return Float32Array.from(this.targets, (_, i) => this.#largest[i]! + ln(this.#sum[i]!) - this.#atTarget[i]!);
  }
}
