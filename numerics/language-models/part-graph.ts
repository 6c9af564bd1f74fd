/** The parts that a language model is evaluated in, and the layers that architectures share. Activations are [tokens, width]. */
import { causalAttention } from './causal-attention.ts';
import { OnnxGraph } from './onnx-model.ts';
import type { Value } from './onnx-model.ts';

/** Rotary positions (RoFormer): the first `dimensions` of each head are turned, the first half of them against the second. */
export interface Rotary {
  readonly dimensions: number;
  /** Of the geometric series of wavelengths. */
  readonly base: number;
}

interface Attention {
  /** Query heads, and heads of keys and values, each shared by consecutive query heads. */
  readonly heads: number;
  readonly keyHeads?: number;
  readonly headWidth: number;
  readonly rotary?: Rotary;
}

/**
 * One part of a model: takes `x`, [tokens, width], gives `y`, [tokens, width']. A part with attention takes also
 * `batch` = [texts, tokens of each], `last` and `length` (see causalAttention) and, with rotary positions, `cos` and `sin`,
 * [length, dimensions / 2].
 */
export class PartGraph {
  readonly graph = new OnnxGraph();
  readonly x = this.graph.input('x', 'float32', 2);

  /** `blocks`: see queryBlocks. */
  constructor(readonly blocks = 1) {}

  finish(y: Value): OnnxGraph {
    this.graph.output('y', y, 'float32', 2);
    return this.graph;
  }

  add(a: Value, b: Value): Value {
    return this.graph.apply('Add', [a, b]);
  }

  /** x W^T + b, with W: [to, from] as torch's Linear has it. */
  linear(x: Value, name: string, from: number, to: number, { bias = true } = {}): Value {
    const inputs = [
      x,
      this.graph.weight(`${name}.weight`, [to, from]),
      ...(bias ? [this.graph.weight(`${name}.bias`, [to])] : []),
    ];
    return this.graph.apply('Gemm', inputs, { transB: 1 });
  }

  /** x W + b, with W: [from, to] as GPT-2's Conv1D has it. */
  convolution(x: Value, name: string, from: number, to: number): Value {
    return this.graph.apply('Gemm', [
      x,
      this.graph.weight(`${name}.weight`, [from, to]),
      this.graph.weight(`${name}.bias`, [to]),
    ]);
  }

  layerNorm(x: Value, name: string, width: number, epsilon: number): Value {
    return this.graph.apply(
      'LayerNormalization',
      [x, this.graph.weight(`${name}.weight`, [width]), this.graph.weight(`${name}.bias`, [width])],
      {
        axis: -1,
        epsilon: { float: epsilon },
      },
    );
  }

  rootMeanSquareNorm(x: Value, name: string, width: number, epsilon: number): Value {
    const { graph } = this;
    const meanSquare = graph.apply('ReduceMean', [graph.apply('Mul', [x, x]), graph.integers(-1)], { keepdims: 1 });
    const root = graph.apply('Sqrt', [graph.apply('Add', [meanSquare, graph.scalar(epsilon)])]);
    return graph.apply('Mul', [graph.apply('Div', [x, root]), graph.weight(`${name}.weight`, [width])]);
  }

  activation(x: Value, kind: ActivationKind): Value {
    if (kind === 'relu') return this.graph.apply('Relu', [x]);
    if (kind === 'silu') return this.graph.apply('Mul', [x, this.graph.apply('Sigmoid', [x])]);
    return this.graph.apply('Gelu', [x], { approximate: kind === 'gelu' ? 'none' : 'tanh' });
  }

  /** q: [tokens, heads headWidth]; k, v: [tokens, keyHeads headWidth], or all three per head, fused: [tokens, heads 3 headWidth]. */
  attention(
    projected: { q: Value; k: Value; v: Value } | { fused: Value },
    { heads, keyHeads = heads, headWidth, rotary }: Attention,
  ): Value {
    const { graph, blocks } = this;
    const batch = graph.input('batch', 'int64', 1);
    const ends = { last: graph.input('last', 'int64', 1), length: graph.input('length', 'int64', 1) };
    const shared = heads / keyHeads;
    const queryDimensions = shared === 1 ? [heads] : [keyHeads, shared];
    const keyDimensions = shared === 1 ? [keyHeads] : [keyHeads, 1];
    const split = (value: Value, dimensions: readonly number[]) => {
      return graph.apply('Reshape', [
        value,
        graph.apply('Concat', [batch, graph.integers(...dimensions, headWidth)], { axis: 0 }),
      ]);
    };
    let q: Value, k: Value, v: Value;
    if ('fused' in projected) {
      const parts = graph.applyMany('Split', [split(projected.fused, [heads, 3])], 3, { axis: 3, num_outputs: 3 });
      [q, k, v] = parts.map((part) => graph.apply('Squeeze', [part, graph.integers(3)])) as [Value, Value, Value];
    } else {
      [q, k, v] = [
        split(projected.q, queryDimensions),
        split(projected.k, keyDimensions),
        split(projected.v, keyDimensions),
      ];
    }

    const rank = queryDimensions.length + 3;
    const inner = Array.from(queryDimensions, (_, i) => i + 2);
    const byHead = (value: Value) => graph.apply('Transpose', [value], { perm: [0, ...inner, 1, rank - 1] });
    [q, k, v] = [byHead(q), byHead(k), byHead(v)];
    if (rotary) {
      const tables = { cos: graph.input('cos', 'float32', 2), sin: graph.input('sin', 'float32', 2) };
      const turn = (value: Value) => this.#turn(value, headWidth, rotary.dimensions, tables);
      [q, k] = [turn(q), turn(k)];
    }
    q = graph.apply('Mul', [q, graph.scalar(1 / Math.sqrt(headWidth))]);
    const leading = Array.from({ length: rank - 2 }, (_, i) => i);
    const kTransposed = graph.apply('Transpose', [k], { perm: [...leading, rank - 1, rank - 2] });
    const mixed = causalAttention(graph, { q, kTransposed, v, rank, blocks, ends });
    const byToken = graph.apply('Transpose', [mixed], {
      perm: [0, rank - 2, ...inner.map((axis) => axis - 1), rank - 1],
    });
    return graph.apply('Reshape', [byToken, graph.integers(-1, heads * headWidth)]);
  }

  #turn(value: Value, headWidth: number, dimensions: number, { cos, sin }: { cos: Value; sin: Value }): Value {
    const { graph } = this;
    const half = dimensions / 2;
    const still = headWidth - dimensions;
    const sizes = still ? [half, half, still] : [half, half];
    const [first, second, rest] = graph.applyMany('Split', [value, graph.integers(...sizes)], sizes.length, {
      axis: -1,
    });
    const product = (a: Value, b: Value) => graph.apply('Mul', [a, b]);
    const turned = [
      graph.apply('Sub', [product(first!, cos), product(second!, sin)]),
      graph.apply('Add', [product(second!, cos), product(first!, sin)]),
    ];
    return graph.apply('Concat', rest ? [...turned, rest] : turned, { axis: -1 });
  }
}

/** `gelu-tanh` is the approximation by tanh that GPT-2 has. */
export type ActivationKind = 'relu' | 'silu' | 'gelu' | 'gelu-tanh';
