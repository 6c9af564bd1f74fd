import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openWeights } from '../../../../numerics/checkpoints/open.ts';
import type { TensorSource } from '../../../../numerics/checkpoints/tensor-source.ts';
import { languageModel } from '../../../../numerics/language-models/configuration.ts';
import { weightBytes } from '../../../../numerics/language-models/checkpoint-weights.ts';
import { batchesByLength, rowsOf } from '../../../../numerics/language-models/text-batches.ts';
import { decodeSafetensors, tensorOf } from '../../../../numerics/checkpoints/safetensors.ts';
import { ModelEvaluation } from '../../../../stages/language/eval-llm/model-evaluation.ts';
import type { EvaluationOptions } from '../../../../stages/language/eval-llm/model-evaluation.ts';

const models = join(process.env.REPRO_TEST_ROOT!, 'test/fixtures/llm/models');
const scratch = mkdtempSync(join(tmpdir(), 'eval-llm-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const variants = ['opt', 'opt-350m', 'gpt2', 'qwen2.5-tied', 'qwen2.5', 'pythia'];
const dtypes = ['f32', 'f16', 'bf16'];
const checkpoints = {
  safetensors: (directory: string) =>
    openWeights(directory, { format: 'safetensors', files: ['model.safetensors'], shards: null }),
  torch: (directory: string) => openWeights(directory, { format: 'torch', files: ['pytorch_model.bin'], shards: null }),
};
const resident: EvaluationOptions = { provider: 'cpu', maxResidentBytes: Infinity, scratch, threads: 1 };

function reference(directory: string) {
  const file = decodeSafetensors(readFileSync(join(directory, 'expected.safetensors')));
  const tokens = tensorOf(file, 'tokens', 'I32').data;
  const losses = tensorOf(file, 'losses', 'F32').data;
  const texts: Int32Array[] = [];
  const expected: Float32Array[] = [];
  let from = 0;
  for (const length of tensorOf(file, 'lengths', 'I32').data) {
    texts.push(tokens.slice(from, from + length));
    expected.push(losses.slice(from - texts.length + 1, from - texts.length + length));
    from += length;
  }
  return { texts, losses: expected, logits: tensorOf(file, 'logits', 'F32') };
}

function modelOf(directory: string) {
  return languageModel(
    JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Record<string, unknown>,
    directory,
  );
}

async function lossesOf(
  directory: string,
  source: TensorSource,
  texts: readonly Int32Array[],
  options: EvaluationOptions,
  batchTokens = 100,
): Promise<Float32Array[]> {
  const evaluation = new ModelEvaluation(modelOf(directory), source, directory, options);
  const losses: Float32Array[] = [];
  for (const shard of evaluation.shards(
    batchesByLength(
      texts.map(({ length }) => length),
      batchTokens,
    ),
  )) {
    for (const { text, losses: ofText } of await evaluation.losses(texts, shard)) losses[text] = ofText;
  }
  await evaluation.close();
  return losses;
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

for (const variant of variants) {
  for (const dtype of dtypes) {
    for (const [format, open] of Object.entries(checkpoints)) {
      test(`${variant}, ${format}, ${dtype}: logits within 1e-4 and mean loss within 1e-5 of transformers'`, async (t) => {
        const directory = join(models, variant, dtype);
        const source = await open(directory);
        const expected = reference(directory);
        const model = modelOf(directory);
        const evaluation = new ModelEvaluation(model, source, directory, resident);
        const batches = batchesByLength(
          expected.texts.map(({ length }) => length),
          10,
        );
        const hidden = await evaluation.hidden(expected.texts, batches);
        const [vocabulary, width] = model.head.shape;
        const headName = [...source.entries().keys()].find((name) => name.endsWith(model.head.name))!;
        const head = await source.readRows(headName, 0, vocabulary);
        let worstLogit = 0;
        const compare = (text: number, position: number, row: number) => {
          const activations = hidden.get(batches.findIndex(({ texts }) => texts[0] === text));
          for (let id = 0; id < vocabulary; id++) {
            let logit = 0;
            for (let i = 0; i < width; i++) logit += activations[position * width + i]! * head[id * width + i]!;
            worstLogit = Math.max(worstLogit, Math.abs(logit - expected.logits.data[row * vocabulary + id]!));
          }
        };
        const { length } = expected.texts[1]!;
        for (let position = 0; position < length; position++) compare(1, position, position);
        compare(3, expected.texts[3]!.length - 1, length);
        hidden.close();

        const losses: Float32Array[] = [];
        for (const { text, losses: ofText } of await evaluation.losses(expected.texts, batches)) losses[text] = ofText;
        await evaluation.close();
        const worstLoss = Math.max(
          ...expected.losses.map((values, text) => Math.abs(mean(values) - mean(losses[text]!))),
        );
        await source.close();
        t.diagnostic(
          `largest difference: logits ${worstLogit.toExponential(1)}, mean loss ${worstLoss.toExponential(1)}`,
        );
        assert.ok(worstLogit <= 1e-4, `a logit differs by ${worstLogit}`);
        assert.ok(worstLoss <= 1e-5, `a mean loss differs by ${worstLoss}`);
      });
    }
  }
}

for (const variant of variants) {
  test(`${variant}: weights read layer by layer, activations spilled, another number of threads: the same bits`, async () => {
    const directory = join(models, variant, 'bf16');
    const { texts } = reference(directory);
    const many = Array.from({ length: 5 }, () => texts).flat();
    const source = await checkpoints.safetensors(directory);
    const whole = await lossesOf(directory, source, many, resident);
    const { layer, total } = weightBytes(modelOf(directory));
    assert.ok(layer < total);
    assert.deepEqual(await lossesOf(directory, source, many, { ...resident, maxResidentBytes: layer }), whole);
    assert.deepEqual(await lossesOf(directory, source, many, { ...resident, maxResidentBytes: 0, threads: 2 }), whole);
    await source.close();
  });
}

test('a head of its own is read where the checkpoint has one, though the configuration ties it', async () => {
  const directory = join(models, 'opt/f32');
  const source = await checkpoints.safetensors(directory);
  const { head } = modelOf(directory);
  assert.equal(head.name, 'decoder.embed_tokens.weight');
  const { texts } = reference(directory);
  const own = { name: 'lm_head.weight', dtype: 'F32', shape: head.shape } as const;
  const withOwn: TensorSource = {
    ...source,
    entries: () => new Map([...[...source.entries()].filter(([name]) => name !== own.name), [own.name, own]]),
    readRows: async (name, begin, end) =>
      name === own.name ? new Float32Array((end - begin) * head.shape[1]) : source.readRows(name, begin, end),
  };
  // Logits that are all zero: each token is as likely as any.
  for (const loss of (await lossesOf(directory, withOwn, texts, resident)).flatMap((values) => [...values]))
    assert.ok(Math.abs(loss - Math.log(head.shape[0])) < 1e-5, `${loss}`);
  await source.close();
});

test('batches: like lengths together, no more filling than that, no text lost, none of a single token', () => {
  const lengths = Array.from({ length: 500 }, (_, i) => 1 + ((i * 37) % 211));
  const batches = batchesByLength(lengths, 300);
  assert.deepEqual(
    batches.flatMap(({ texts }) => texts).sort((a, b) => a - b),
    lengths.flatMap((length, i) => (length >= 2 ? [i] : [])),
  );
  for (const batch of batches) {
    assert.ok(rowsOf(batch) <= 300 || batch.texts.length === 1);
    assert.equal(batch.length, Math.max(...batch.texts.map((text) => lengths[text]!)));
  }
  const filled =
    batches.reduce((sum, batch) => sum + rowsOf(batch), 0) /
    lengths.reduce((sum, length) => sum + (length >= 2 ? length : 0), 0);
  assert.ok(filled < 1.03, `${filled} times the tokens`);
});
