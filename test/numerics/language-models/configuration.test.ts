import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { languageModel } from '../../../numerics/language-models/configuration.ts';

const fixtures = join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures');
type Json = Record<string, unknown>;
const readConfig = (path: string): Json => JSON.parse(readFileSync(join(fixtures, path), 'utf8')) as Json;

const version5 = readConfig('foreign/configs/qwen2-rope-parameters.json');
const { rope_parameters: _, ...version4 } = version5;
const neox = readConfig('llm/models/pythia/f32/config.json');
const gpt2 = readConfig('llm/models/gpt2/f32/config.json');
const opt = readConfig('llm/models/opt/f32/config.json');
const families: Readonly<Record<string, Json>> = { qwen2: version5, gpt_neox: neox, gpt2, opt };

test('rope_parameters of transformers 5 and rope_theta of its earlier versions give one base', () => {
  assert.deepEqual(languageModel(version5, 'c').rotary, { dimensions: 64, base: 1e6 });
  assert.deepEqual(languageModel({ ...version4, rope_theta: 1e6 }, 'c').rotary, { dimensions: 64, base: 1e6 });
  assert.deepEqual(languageModel({ ...version5, rope_theta: 1e6 }, 'c').rotary, { dimensions: 64, base: 1e6 });
  const { rotary_pct: __, rotary_emb_base: ___, rope_theta: ____, partial_rotary_factor: _____, ...bare } = neox;
  const rope = { rope_theta: 20000, rope_type: 'default', partial_rotary_factor: 0.5 };
  assert.deepEqual(languageModel({ ...bare, rope_parameters: rope }, 'c').rotary, { dimensions: 8, base: 20000 });
  assert.deepEqual(languageModel({ ...bare, rotary_pct: 0.5, rotary_emb_base: 20000 }, 'c').rotary, {
    dimensions: 8,
    base: 20000,
  });
});

/** A family, members that change its configuration, and the one line. */
const refused: readonly (readonly [family: string, change: Json, message: RegExp])[] = [
  [
    'qwen2',
    { rope_theta: 10000 },
    /^c: rope_parameters\.rope_theta = 1000000: expected 10000, since rope_theta is that$/,
  ],
  [
    'qwen2',
    { rope_parameters: { rope_theta: 1e6, rope_type: 'yarn', factor: 4 } },
    /^c: rope_parameters\.rope_type = "yarn": expected rope_type "default" and nothing more/,
  ],
  ['qwen2', { rope_parameters: { rope_theta: 1e6, factor: 4 } }, /^c: rope_parameters\.factor = 4: expected /],
  ['qwen2', { rope_parameters: { rope_theta: '1e6' } }, /^c: rope_parameters\.rope_theta = "1e6": expected a number/],
  ['qwen2', { rope_parameters: { rope_theta: 1e6, partial_rotary_factor: 0.5 } }, /partial_rotary_factor of 1$/],
  ['qwen2', { rope_parameters: [1e6] }, /^c: rope_parameters = \[1000000\]: expected an object$/],
  ['qwen2', { rope_scaling: { type: 'yarn', factor: 4 } }, /^c: rope_scaling\.type = "yarn": expected/],
  ['qwen2', { quantization_config: { bits: 4 } }, /^c: quantization_config = {"bits":4}: expected no such member/],
  ['qwen2', { head_dim: 128 }, /^c: head_dim = 128: expected 64, which is hidden_size \/ num_attention_heads$/],
  ['qwen2', { use_mrope: true }, /^c: use_mrope = true: expected false, which is all that is implemented$/],
  [
    'qwen2',
    { layer_types: ['sliding_attention'] },
    /^c: layer_types = .*: expected "full_attention" for each of the 6/,
  ],
  [
    'qwen2',
    { architectures: ['Qwen2ForRewardModel'] },
    /^c: architectures = \["Qwen2ForRewardModel"\]: expected \["Qwen2F/,
  ],
  ['qwen2', { auto_map: { AutoModel: 'x.Y' } }, /^c: auto_map = /],
  ['gpt_neox', { head_dim: 8 }, /^c: head_dim = 8: expected 16/],
  ['gpt_neox', { rope_theta: 500 }, /^c: rope_theta = 500: expected 10000, since rotary_emb_base is that$/],
  [
    'gpt_neox',
    { partial_rotary_factor: 1 },
    /^c: partial_rotary_factor = 1: expected 0\.25, since rotary_pct is that$/,
  ],
  ['gpt_neox', { logit_scale: 2 }, /^c: logit_scale = 2: expected no such member/],
  ['gpt2', { n_ctx: 7 }, /^c: n_ctx = 7: expected 136, which is n_positions$/],
  ['gpt2', { n_special: 2 }, /^c: n_special = 2: expected 0/],
  ['gpt2', { add_cross_attention: true }, /^c: add_cross_attention = true: expected false/],
  ['gpt2', { pruned_heads: { '0': [1] } }, /^c: pruned_heads = {"0":\[1\]}: expected {}/],
  ['opt', { layer_norm_eps: 1e-6 }, /^c: layer_norm_eps = 0.000001: expected no such member/],
  ['opt', { is_encoder_decoder: true }, /^c: is_encoder_decoder = true: expected false/],
  ['opt', { hidden_size: 2 ** 50 }, /^c: hidden_size = 1125899906842624: expected at most/],
  ['opt', { '\u001b[31m\u009b': 1 }, /^c: \\u001b\[31m\\u{9b} = 1: expected no such member/],
];
for (const [family, change, message] of refused)
  test(`${family} with ${JSON.stringify(change)}: one line`, () => {
    assert.throws(
      () => languageModel({ ...families[family]!, ...change }, 'c'),
      (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        return true;
      },
    );
  });

/** What the published checkpoints of each family say besides what is computed. */
const published: Readonly<Record<string, Json>> = {
  qwen2: {
    use_mrope: false,
    max_window_layers: 24,
    sliding_window: 32768,
    torch_dtype: 'bfloat16',
    quantization_config: null,
    rope_scaling: null,
    head_dim: 64,
  },
  gpt_neox: { hidden_dropout_prob: 0.1, rope_scaling: { rope_type: 'default' }, head_dim: 16, is_decoder: true },
  gpt2: {
    n_ctx: 136,
    n_special: 0,
    predict_special_tokens: true,
    output_past: true,
    task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
  },
  opt: {
    _name_or_path: 'facebook/opt-13b',
    activation_dropout: 0,
    output_projection: true,
    prefix: '</s>',
    architectures: ['OPTForCausalLM'],
  },
};
for (const [family, members] of Object.entries(published))
  test(`what published configurations of ${family} say besides changes nothing`, () => {
    const plain = languageModel(families[family]!, 'c');
    const more = languageModel({ ...families[family]!, ...members }, 'c');
    assert.equal(JSON.stringify(more), JSON.stringify(plain));
  });
