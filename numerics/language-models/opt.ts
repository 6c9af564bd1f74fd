import type { Configuration } from './configuration.ts';
import type { LanguageModel } from './language-model.ts';
import type { OnnxGraph } from './onnx-model.ts';
import { PartGraph } from './part-graph.ts';

/** torch's default, which OPT does not change. */
const epsilon = 1e-5;

/** OPT (arXiv 2205.01068). opt-350m alone normalises after each half of a layer, and embeds in half its width. */
export function opt(configuration: Configuration): LanguageModel {
  const width = configuration.size('hidden_size');
  const embedded = configuration.size('word_embed_proj_dim', width);
  const heads = configuration.size('num_attention_heads');
  const inner = configuration.size('ffn_dim');
  const vocabulary = configuration.size('vocab_size');
  const maximumLength = configuration.size('max_position_embeddings');
  const activation = configuration.choice('activation_function', ['relu', 'gelu'], 'relu');
  const normFirst = configuration.flag('do_layer_norm_before', true);
  configuration.require('enable_bias', true);
  configuration.require('layer_norm_elementwise_affine', true);
  configuration.divides('num_attention_heads', 'hidden_size', heads, width);
  const removed = configuration.flag('_remove_final_layer_norm', false);
  const finalNorm = normFirst && !removed;

  const layer = (blocks: number): OnnxGraph => {
    const part = new PartGraph(blocks);
    const norm = (name: string, x: typeof part.x) => part.layerNorm(x, name, width, epsilon);
    const attention = (x: typeof part.x) => {
      const project = (name: string) => part.linear(x, `self_attn.${name}_proj`, width, width);
      const mixed = part.attention(
        { q: project('q'), k: project('k'), v: project('v') },
        { heads, headWidth: width / heads },
      );
      return part.linear(mixed, 'self_attn.out_proj', width, width);
    };
    const feedForward = (x: typeof part.x) =>
      part.linear(part.activation(part.linear(x, 'fc1', width, inner), activation), 'fc2', inner, width);
    if (normFirst) {
      const middle = part.add(part.x, attention(norm('self_attn_layer_norm', part.x)));
      return part.finish(part.add(middle, feedForward(norm('final_layer_norm', middle))));
    }
    const middle = norm('self_attn_layer_norm', part.add(part.x, attention(part.x)));
    return part.finish(norm('final_layer_norm', part.add(middle, feedForward(middle))));
  };

  const last = new PartGraph();
  const normed = finalNorm ? last.layerNorm(last.x, 'decoder.final_layer_norm', width, epsilon) : last.x;
  const final = last.finish(
    embedded === width ? normed : last.linear(normed, 'decoder.project_out', width, embedded, { bias: false }),
  );

  const embedding = { name: 'decoder.embed_tokens.weight', shape: [vocabulary, embedded] } as const;
  return {
    architecture: 'opt',
    layers: configuration.size('num_hidden_layers'),
    width,
    maximumLength,
    vocabulary,
    prefixes: ['model.', ''],
    embedding,
    ...(embedded === width
      ? {}
      : { projection: { name: 'decoder.project_in.weight', shape: [width, embedded] } as const }),
    positions: { name: 'decoder.embed_positions.weight', shape: [maximumLength + 2, width], offset: 2 },
    layerPrefix: (index) => `decoder.layers.${index}.`,
    layer,
    final,
    head: configuration.flag('tie_word_embeddings', true)
      ? embedding
      : { name: 'lm_head.weight', shape: embedding.shape },
    ownHead: 'lm_head.weight',
  };
}
