import type { Configuration } from './configuration.ts';
import type { LanguageModel } from './language-model.ts';
import type { OnnxGraph } from './onnx-model.ts';
import { PartGraph } from './part-graph.ts';

/** GPT-2 (Radford et al. 2019). Its matrices are stored as [from, to]. */
export function gpt2(configuration: Configuration): LanguageModel {
  const width = configuration.size('n_embd');
  const heads = configuration.size('n_head');
  const inner = configuration.size('n_inner', 4 * width);
  const vocabulary = configuration.size('vocab_size');
  const maximumLength = configuration.size('n_positions');
  const epsilon = configuration.number('layer_norm_epsilon', 1e-5);
  configuration.choice('activation_function', ['gelu_new'], 'gelu_new');
  configuration.require('scale_attn_weights', true);
  configuration.require('scale_attn_by_inverse_layer_idx', false);
  configuration.divides('n_head', 'n_embd', heads, width);
  configuration.agrees('n_ctx', maximumLength, 'n_positions');

  const layer = (blocks: number): OnnxGraph => {
    const part = new PartGraph(blocks);
    const fused = part.convolution(part.layerNorm(part.x, 'ln_1', width, epsilon), 'attn.c_attn', width, 3 * width);
    const [q, k, v] = part.graph.applyMany('Split', [fused], 3, { axis: 1, num_outputs: 3 });
    const mixed = part.attention({ q: q!, k: k!, v: v! }, { heads, headWidth: width / heads });
    const middle = part.add(part.x, part.convolution(mixed, 'attn.c_proj', width, width));
    const hidden = part.activation(
      part.convolution(part.layerNorm(middle, 'ln_2', width, epsilon), 'mlp.c_fc', width, inner),
      'gelu-tanh',
    );
    return part.finish(part.add(middle, part.convolution(hidden, 'mlp.c_proj', inner, width)));
  };

  const last = new PartGraph();
  const embedding = { name: 'wte.weight', shape: [vocabulary, width] } as const;
  return {
    architecture: 'gpt2',
    layers: configuration.size('n_layer'),
    width,
    maximumLength,
    vocabulary,
    prefixes: ['transformer.', ''],
    embedding,
    positions: { name: 'wpe.weight', shape: [maximumLength, width], offset: 0 },
    layerPrefix: (index) => `h.${index}.`,
    layer,
    final: last.finish(last.layerNorm(last.x, 'ln_f', width, epsilon)),
    head: configuration.flag('tie_word_embeddings', true)
      ? embedding
      : { name: 'lm_head.weight', shape: embedding.shape },
    ownHead: 'lm_head.weight',
  };
}
