import type { OnnxGraph } from './onnx-model.ts';
import type { Rotary } from './part-graph.ts';

/** A matrix of the checkpoint: its name without the prefix that some files have, and its shape. */
export interface Matrix {
  readonly name: string;
  readonly shape: readonly [rows: number, columns: number];
}

/**
 * How one language model is computed, part by part, from its checkpoint: rows of `embedding`, projected where there is a
 * projection, plus rows of `positions`; the layers; `final`; and the products with the rows of `head`, the logits.
 */
export interface LanguageModel {
  readonly architecture: string;
  readonly layers: number;
  /** Of the residual stream. */
  readonly width: number;
  /** Longest sequence the model was made for. */
  readonly maximumLength: number;
  readonly vocabulary: number;
  /** What names in a checkpoint may begin with; the first that fits is taken. */
  readonly prefixes: readonly string[];
  readonly embedding: Matrix;
  /** From the width of the embedding to that of the residual stream. */
  readonly projection?: Matrix;
  /** Learned positions, the first token's at row `offset`. */
  readonly positions?: Matrix & { readonly offset: number };
  readonly rotary?: Rotary;
  /** What the names of a layer's weights begin with. */
  readonly layerPrefix: (layer: number) => string;
  /** One graph for all layers, with weights named without `layerPrefix`, for sequences of so many blocks of queries. */
  readonly layer: (blocks: number) => OnnxGraph;
  /** From the last layer to the input of the head. */
  readonly final: OnnxGraph;
  readonly head: Matrix;
  /** What a head of its own is called in a checkpoint: where there is one, it is read even if the configuration ties the head, as that of opt-66b. */
  readonly ownHead: string;
}

/** The model with the head that a checkpoint with these tensors has. */
export function withHeadOf(model: LanguageModel, tensors: ReadonlyMap<string, unknown>): LanguageModel {
  return tensors.has(model.ownHead) ? { ...model, head: { name: model.ownHead, shape: model.head.shape } } : model;
}
