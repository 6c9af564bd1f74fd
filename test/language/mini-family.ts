/**
 * A family of tiny GPT-NeoX models whose overlaps and losses are known in advance. Rows of a head are drawn at random, so
 * their mean square overlap is 1/m. All else is zero but the last bias: the hidden state is that bias whatever the text,
 * and so are the logits z. The loss of a text is then ln sum_j e^z_j less the mean z of its tokens, and the bias is
 * solved for the losses that Eq. 8 gives.
 */
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import type { Tensor } from '../../numerics/checkpoints/safetensors.ts';
import { textTokenizer } from '../../numerics/tokenizers/tokenizer.ts';

export const vocabulary = 768;

/** Eq. 8 as it is built in. */
export const law = { exponent: 0.9, coefficient: 14 };
export const offset = (family: number, dataset: number): number => 3.6 + 0.3 * family + 0.2 * dataset;

/** Texts of two words each, the second three times as rare, so that both data sets can be given any loss at once. */
export const dataSets: Readonly<Record<string, readonly string[]>> = {
  red: Array.from({ length: 6 }, (_, i) => ' the and the the'.repeat(4 + i)),
  blue: Array.from({ length: 6 }, (_, i) => ' of to of of'.repeat(4 + i)),
};

/**
 * How often each token is predicted, texts weighted by their token counts, as losses are: the loss is ln sum e^z less the
 * product of z with this.
 */
export function predictedTokens(
  texts: readonly string[],
  tokenizerFiles: Readonly<Record<string, string>>,
): Float64Array {
  const tokenizer = textTokenizer(tokenizerFiles, 'mini');
  const share = new Float64Array(vocabulary);
  let total = 0;
  for (const text of texts) {
    const ids = tokenizer.encode(text, { special: true });
    total += ids.length;
    for (let i = 1; i < ids.length; i++) share[ids[i]!]! += ids.length / (ids.length - 1);
  }
  return share.map((value) => value / total);
}

/** config.json and model.safetensors of a model of width m whose losses on the data sets are `losses`. */
export function miniModel(
  m: number,
  seed: number,
  losses: readonly number[],
  frequencies: readonly Float64Array[],
): { config: string; weights: Uint8Array } {
  const { W } = initialWeights(vocabulary, m, { k0: seed, k1: m });
  const bias = solveBias(W, m, losses, frequencies);
  const zeros = (...shape: number[]): Tensor => ({
    dtype: 'F32',
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b)),
  });
  const inner = 8;
  const layer = 'gpt_neox.layers.0.';
  const weights = encodeSafetensors({
    'embed_out.weight': { dtype: 'F32', shape: [vocabulary, m], data: W },
    'gpt_neox.embed_in.weight': { dtype: 'F32', shape: [vocabulary, m], data: W },
    'gpt_neox.final_layer_norm.weight': zeros(m),
    'gpt_neox.final_layer_norm.bias': { dtype: 'F32', shape: [m], data: bias },
    [`${layer}input_layernorm.weight`]: zeros(m),
    [`${layer}input_layernorm.bias`]: zeros(m),
    [`${layer}post_attention_layernorm.weight`]: zeros(m),
    [`${layer}post_attention_layernorm.bias`]: zeros(m),
    [`${layer}attention.query_key_value.weight`]: zeros(3 * m, m),
    [`${layer}attention.query_key_value.bias`]: zeros(3 * m),
    [`${layer}attention.dense.weight`]: zeros(m, m),
    [`${layer}attention.dense.bias`]: zeros(m),
    [`${layer}mlp.dense_h_to_4h.weight`]: zeros(inner, m),
    [`${layer}mlp.dense_h_to_4h.bias`]: zeros(inner),
    [`${layer}mlp.dense_4h_to_h.weight`]: zeros(m, inner),
    [`${layer}mlp.dense_4h_to_h.bias`]: zeros(m),
  });
  const config = JSON.stringify({
    model_type: 'gpt_neox', architectures: ['GPTNeoXForCausalLM'], attention_bias: true, hidden_act: 'gelu', hidden_size: m, intermediate_size: inner, layer_norm_eps: 1e-5,
    max_position_embeddings: 256, num_attention_heads: 2, num_hidden_layers: 1, rope_scaling: null, rotary_emb_base: 10000, rotary_pct: 0.25, tie_word_embeddings: false,
    use_parallel_residual: true, vocab_size: vocabulary,
  }); // prettier-ignore
  return { config, weights };
}

/** bias = W^T (s_0 f_0 + s_1 f_1), with s by Newton's method. */
function solveBias(
  W: Float32Array,
  m: number,
  losses: readonly number[],
  frequencies: readonly Float64Array[],
): Float32Array {
  const directions = frequencies.map((f) =>
    Float64Array.from({ length: m }, (_, k) => f.reduce((sum, share, token) => sum + share * W[token * m + k]!, 0)),
  );
  const pulls = directions.map((direction) =>
    Float64Array.from({ length: vocabulary }, (_, token) =>
      direction.reduce((sum, value, k) => sum + value * W[token * m + k]!, 0),
    ),
  );
  let s = frequencies.map(() => 1);
  for (let step = 0; step < 200; step++) {
    const z = Float64Array.from({ length: vocabulary }, (_, token) =>
      s.reduce((sum, scale, e) => sum + scale * pulls[e]![token]!, 0),
    );
    const partition = z.reduce((sum, value) => sum + Math.exp(value), 0);
    const product = (a: Float64Array, b: Float64Array): number =>
      a.reduce((sum, value, token) => sum + value * b[token]!, 0);
    const probability = z.map((value) => Math.exp(value) / partition);
    const rest = frequencies.map((f, d) => Math.log(partition) - product(f, z) - losses[d]!);
    if (Math.max(...rest.map(Math.abs)) < 1e-10) break;
    const slope = frequencies.map((f) => pulls.map((pull) => product(probability, pull) - product(f, pull)));
    const [[a, b], [c, d]] = slope as [[number, number], [number, number]];
    const determinant = a * d - b * c;
    const change = [(d * rest[0]! - b * rest[1]!) / determinant, (a * rest[1]! - c * rest[0]!) / determinant];
    // Half steps at first keep it from running past the other side.
    const part = Math.min(1, 2 / Math.max(...change.map(Math.abs)));
    s = s.map((scale, e) => scale - part * change[e]!);
    if (step === 199) throw new Error(`no bias gives the losses ${losses.join(' and ')} at m = ${m}`);
  }
  return Float32Array.from({ length: m }, (_, k) => s.reduce((sum, scale, e) => sum + scale * directions[e]![k]!, 0));
}
