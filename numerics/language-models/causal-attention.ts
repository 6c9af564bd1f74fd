import type { OnnxGraph, Value } from './onnx-model.ts';

/** Queries are taken in blocks of this many, each with the keys up to its last one only: half of the work is never done. */
export const queryBlock = 128;

/** For sequences of how many blocks a graph must be built: the only thing about its length that a graph depends on. */
export function queryBlocks(length: number): number {
  return Math.ceil(length / queryBlock);
}

/**
 * softmax(q k + causal mask) v, without the scale of q. q: [B, ..., S, d], kTransposed: [B, ..., d, S], v: [B, ..., S, d],
 * all of rank `rank`, where the dimensions between broadcast; S in ((blocks - 1), blocks] queryBlock. `ends`: the number
 * of queries in the last block, and S, each of shape [1]. Returns [B, ..., S, d].
 */
export function causalAttention(
  graph: OnnxGraph,
  {
    q,
    kTransposed,
    v,
    rank,
    blocks,
    ends,
  }: { q: Value; kTransposed: Value; v: Value; rank: number; blocks: number; ends: { last: Value; length: Value } },
): Value {
  const width = blocks * queryBlock;
  // the mask of the last block; those before it are what is left of it when columns are cut from its left
  const mask = new Float32Array(queryBlock * width);
  for (let row = 0; row < queryBlock; row++) {
    mask.fill(masked, row * width + width - queryBlock + row + 1, (row + 1) * width);
  }
  const wholeMask = graph.constant([queryBlock, width], mask);
  const slice = (value: Value, axis: number, from: number, to: Value) =>
    graph.apply('Slice', [value, graph.integers(from), to, graph.integers(axis)]);

  const outputs: Value[] = [];
  for (let block = 0; block < blocks; block++) {
    const isLast = block === blocks - 1;
    const from = block * queryBlock;
    const to = graph.integers(from + queryBlock);
    const keys = isLast ? kTransposed : slice(kTransposed, rank - 1, 0, to);
    const values = isLast ? v : slice(v, rank - 2, 0, to);
    const queries = blocks === 1 ? q : slice(q, rank - 2, from, to);
    const blockMask = isLast
      ? slice(slice(wholeMask, 0, 0, ends.last), 1, 0, ends.length)
      : slice(wholeMask, 1, width - from - queryBlock, graph.integers(width));
    const scores = graph.apply('Add', [graph.apply('MatMul', [queries, keys]), blockMask]);
    outputs.push(graph.apply('MatMul', [graph.apply('Softmax', [scores], { axis: -1 }), values]));
  }
  return blocks === 1 ? outputs[0]! : graph.apply('Concat', outputs, { axis: rank - 2 });
}

/** Added to the score of a key that a query must not see: its exponential is 0 beside any other. */
const masked = -1e30;
