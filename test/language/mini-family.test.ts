import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeSafetensors, tensorOf } from '../../numerics/checkpoints/safetensors.ts';
import { dataSets, miniModel, predictedTokens, vocabulary } from './mini-family.ts';

test('a mini model has the losses that were asked for, by the definition', () => {
  const tokenizer = JSON.parse(
    readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/llm/tokenizers/pythia.json'), 'utf8'),
  ) as Record<string, string>;
  const frequencies = Object.values(dataSets).map((texts) => predictedTokens(texts, tokenizer));
  for (const frequency of frequencies) assert.ok(Math.abs(frequency.reduce((a, b) => a + b) - 1) < 1e-12);
  for (const [m, losses] of [
    [16, [4.75, 4.95]],
    [64, [3.9, 4.1]],
  ] as const) {
    const file = decodeSafetensors(miniModel(m, 1, losses, frequencies).weights);
    const W = tensorOf(file, 'embed_out.weight', 'F32', [vocabulary, m]).data;
    const bias = tensorOf(file, 'gpt_neox.final_layer_norm.bias', 'F32', [m]).data;
    const z = Array.from({ length: vocabulary }, (_, token) =>
      bias.reduce((sum, value, k) => sum + value * W[token * m + k]!, 0),
    );
    const partition = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    frequencies.forEach((f, d) =>
      assert.ok(Math.abs(partition - f.reduce((sum, share, token) => sum + share * z[token]!, 0) - losses[d]!) < 1e-5),
    );
  }
});
