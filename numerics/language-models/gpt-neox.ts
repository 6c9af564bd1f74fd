import type { Configuration } from './configuration.ts';
import type { LanguageModel } from './language-model.ts';
import type { OnnxGraph } from './onnx-model.ts';
import { PartGraph } from './part-graph.ts';

/** GPT-NeoX, of which Pythia is (arXiv 2304.01373): both halves of a layer read its input, and a part of each head is turned. */
export function gptNeoX(configuration: Configuration): LanguageModel {
  const width = configuration.size('hidden_size');
  const heads = configuration.size('num_attention_heads');
  const inner = configuration.size('intermediate_size');
  const vocabulary = configuration.size('vocab_size');
  const epsilon = configuration.number('layer_norm_eps', 1e-5);
  const parallel = configuration.flag('use_parallel_residual', true);
  configuration.choice('hidden_act', ['gelu'], 'gelu');
  configuration.require('attention_bias', true);
  configuration.divides('num_attention_heads', 'hidden_size', heads, width);
  const headWidth = width / heads;
  configuration.agrees('head_dim', headWidth, 'hidden_size / num_attention_heads');
  const { base, share } = configuration.rotary(
    ['rotary_emb_base', 'rope_theta'],
    ['rotary_pct', 'partial_rotary_factor'],
    { base: 10000, share: 0.25 },
  );
  const rotary = { dimensions: Math.floor(headWidth * share), base };
  configuration.divides('2', 'rotary dimensions', 2, rotary.dimensions);

  const layer = (blocks: number): OnnxGraph => {
    const part = new PartGraph(blocks);
    const norm = (name: string, x: typeof part.x) => part.layerNorm(x, name, width, epsilon);
    // fused head by head: q, k and v of the first head, then of the second
    const fused = part.linear(norm('input_layernorm', part.x), 'attention.query_key_value', width, 3 * width);
    const mixed = part.linear(part.attention({ fused }, { heads, headWidth, rotary }), 'attention.dense', width, width);
    const middle = part.add(part.x, mixed);
    const hidden = part.linear(
      norm('post_attention_layernorm', parallel ? part.x : middle),
      'mlp.dense_h_to_4h',
      width,
      inner,
    );
    return part.finish(
      part.add(middle, part.linear(part.activation(hidden, 'gelu'), 'mlp.dense_4h_to_h', inner, width)),
    );
  };

  const last = new PartGraph();
  const embedding = { name: 'embed_in.weight', shape: [vocabulary, width] } as const;
  return {
    architecture: 'gpt-neox',
    layers: configuration.size('num_hidden_layers'),
    width,
    maximumLength: configuration.size('max_position_embeddings'),
    vocabulary,
    prefixes: ['gpt_neox.', ''],
    embedding,
    rotary,
    layerPrefix: (index) => `layers.${index}.`,
    layer,
    final: last.finish(last.layerNorm(last.x, 'final_layer_norm', width, epsilon)),
    head: configuration.flag('tie_word_embeddings', false)
      ? embedding
      : { name: 'embed_out.weight', shape: embedding.shape },
    ownHead: 'embed_out.weight',
  };
}
