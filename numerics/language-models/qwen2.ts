import type { Configuration } from './configuration.ts';
import type { LanguageModel } from './language-model.ts';
import type { OnnxGraph } from './onnx-model.ts';
import { PartGraph } from './part-graph.ts';

/** Qwen2.5 (arXiv 2412.15115): grouped queries, rotary positions, RMS norms, SwiGLU, and biases on q, k and v alone. */
export function qwen2(configuration: Configuration): LanguageModel {
  const width = configuration.size('hidden_size');
  const heads = configuration.size('num_attention_heads');
  const keyHeads = configuration.size('num_key_value_heads', heads);
  const inner = configuration.size('intermediate_size');
  const vocabulary = configuration.size('vocab_size');
  const epsilon = configuration.number('rms_norm_eps', 1e-6);
  configuration.choice('hidden_act', ['silu'], 'silu');
  configuration.require('use_sliding_window', false);
  configuration.divides('num_attention_heads', 'hidden_size', heads, width);
  configuration.divides('num_key_value_heads', 'num_attention_heads', keyHeads, heads);
  const headWidth = width / heads;
  configuration.agrees('head_dim', headWidth, 'hidden_size / num_attention_heads');
  const layers = configuration.size('num_hidden_layers');
  configuration.fullAttention(layers);
  const { base, share } = configuration.rotary(['rope_theta'], [], { base: 10000, share: 1 });
  if (share !== 1) configuration.refuse('rope_parameters', 'a partial_rotary_factor of 1');
  const rotary = { dimensions: headWidth, base };

  const layer = (blocks: number): OnnxGraph => {
    const part = new PartGraph(blocks);
    const normed = part.rootMeanSquareNorm(part.x, 'input_layernorm', width, epsilon);
    const project = (name: string, size: number) => part.linear(normed, `self_attn.${name}_proj`, width, size);
    const projected = {
      q: project('q', width),
      k: project('k', keyHeads * headWidth),
      v: project('v', keyHeads * headWidth),
    };
    const mixed = part.attention(projected, { heads, keyHeads, headWidth, rotary });
    const middle = part.add(part.x, part.linear(mixed, 'self_attn.o_proj', width, width, { bias: false }));
    const second = part.rootMeanSquareNorm(middle, 'post_attention_layernorm', width, epsilon);
    const gate = part.activation(part.linear(second, 'mlp.gate_proj', width, inner, { bias: false }), 'silu');
    const up = part.linear(second, 'mlp.up_proj', width, inner, { bias: false });
    return part.finish(
      part.add(
        middle,
        part.linear(part.graph.apply('Mul', [gate, up]), 'mlp.down_proj', inner, width, { bias: false }),
      ),
    );
  };

  const last = new PartGraph();
  const embedding = { name: 'embed_tokens.weight', shape: [vocabulary, width] } as const;
  return {
    architecture: 'qwen2',
    layers,
    width,
    maximumLength: configuration.size('max_position_embeddings'),
    vocabulary,
    prefixes: ['model.', ''],
    embedding,
    rotary,
    layerPrefix: (index) => `layers.${index}.`,
    layer,
    final: last.finish(last.rootMeanSquareNorm(last.x, 'norm', width, epsilon)),
    head: configuration.flag('tie_word_embeddings', false)
      ? embedding
      : { name: 'lm_head.weight', shape: embedding.shape },
    ownHead: 'lm_head.weight',
  };
}
