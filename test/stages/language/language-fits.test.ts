import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../packages/repro/test/temporary-directory.ts';
import { run as runFitLosses } from '../../../stages/language/fit-losses/run.ts';
import { fitHeads } from '../../../stages/language/fit-heads/fit.ts';
import { fitLosses } from '../../../stages/language/fit-losses/fit.ts';
import type { LossPoint } from '../../../stages/language/fit-losses/fit.ts';
import { fitTokens } from '../../../stages/language/fit-tokens/fit.ts';
import type { HeadSummary } from '../../../stages/language/artifacts.ts';
import { idealLanguage, languageModels, sizeTable } from '../report/ideal-language.ts';

const near = (actual: number | null | undefined, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual! - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);

/** Parameters of a transformer by its own layout, as config.json has its fields. */
const layouts = {
  opt: (d: number, layers: number, head = d) => ({
    inside: layers * (12 * d * d + 13 * d) + (head === d ? 2 * d : 2 * d * head),
    embeddings: 50272 * head + 2050 * d,
  }),
  qwen: (d: number, layers: number, keys: number, inner: number, vocabulary: number, tied: boolean) => ({
    inside: layers * (2 * d * d + 3 * d + 2 * keys * (d + 1) + 3 * d * inner) + d,
    embeddings: (tied ? 1 : 2) * vocabulary * d,
  }),
  gpt2: (d: number, layers: number) => ({
    inside: layers * (12 * d * d + 13 * d) + 2 * d,
    embeddings: (50257 + 1024) * d,
  }),
  pythia: (d: number, layers: number, vocabulary: number) => ({
    inside: layers * (12 * d * d + 13 * d) + 2 * d,
    embeddings: 2 * vocabulary * d,
  }),
};

test('published parameter counts are those of the architectures', () => {
  const of = (name: string) =>
    languageModels.families.flatMap(({ models }) => models).find(({ model }) => model === name)!;
  const cases: [string, { inside: number; embeddings: number }][] = [
    ['facebook/opt-125m', layouts.opt(768, 12)],
    ['facebook/opt-350m', layouts.opt(1024, 24, 512)],
    ['facebook/opt-66b', layouts.opt(9216, 64)],
    ['Qwen/Qwen2.5-0.5B', layouts.qwen(896, 24, 128, 4864, 151936, true)],
    ['Qwen/Qwen2.5-72B', layouts.qwen(8192, 80, 1024, 29568, 152064, false)],
    ['openai-community/gpt2', layouts.gpt2(768, 12)],
    ['openai-community/gpt2-xl', layouts.gpt2(1600, 48)],
    ['EleutherAI/pythia-70m', layouts.pythia(512, 6, 50304)],
    ['EleutherAI/pythia-12b', layouts.pythia(5120, 36, 50688)],
  ];
  for (const [name, { inside, embeddings }] of cases) {
    assert.equal(of(name).parametersLessEmbeddings, inside, name);
    assert.equal(of(name).parameters, inside + embeddings, name);
  }
  assert.equal(languageModels.families.flatMap(({ models }) => models).length, 27);
  assert.equal(sizeTable.models.length, 50);
});

test('sizes: one exponent over families of different constants, and Chinchilla’s as published', () => {
  const { families, chinchilla, models } = idealLanguage().sizes;
  near(chinchilla.fit.slope, 2.5226, 0.0001);
  near(chinchilla.fit.standardError, 0.0258, 0.0001);
  near(chinchilla.modelExponent.value, 0.883, 0.0005);
  near(chinchilla.modelExponent.uncertainty, 0.0513, 0.0002);
  near(families.lessEmbeddings.slope, 2.549, 0.001);
  near(families.total.slope, 2.318, 0.001);
  assert.equal(
    models.find(({ model }) => model === 'facebook/opt-350m')!.m,
    1024,
    'its layers are wider than its head',
  );
  assert.ok(chinchilla.fit.bootstrap.standardError > 0.01 && chinchilla.fit.bootstrap.standardError < 0.06);
});

function points(exponent: number): LossPoint[] {
  return ['x', 'y'].flatMap((family, k) =>
    [512, 700 + 100 * k, 1024, 2048, 4096].flatMap((m) =>
      ['a', 'b'].map((dataset, d) => ({
        model: `${family}-${m}`,
        family,
        dataset,
        m,
        loss: 300 / m ** exponent + k + 2 * d + 1e-4 * Math.sin(m + d),
        texts: 10,
        tokens: 1000,
      })),
    ),
  );
}

test('losses: the law, what each model does to it, each family alone, and lines in 1/m', () => {
  const { law, leaveOneOut, families, linear, commonSlope, bootstrap } = fitLosses(points(0.9), 30, { k0: 1, k1: 2 });
  near(law.exponent, 0.9, 0.002);
  near(law.coefficient, 300, 4);
  assert.equal(leaveOneOut.length, 10);
  for (const { exponent } of [...leaveOneOut, ...families]) near(exponent, 0.9, 0.01);
  assert.equal(linear.length, 4);
  assert.ok(linear.every(({ r2 }) => r2 > 0.98));
  assert.deepEqual([commonSlope!.d1, commonSlope!.d2], [3, 12]);
  assert.ok(bootstrap.standardError < 0.02);
  assert.throws(() => fitLosses([...points(0.9), points(0.9)[0]!], 30, { k0: 1, k1: 2 }), /two losses of x-512 on a/);
  const shuffled = fitLosses([...points(0.9)].reverse(), 30, { k0: 1, k1: 2 });
  assert.deepEqual(shuffled.law, law, 'the order in which losses come does not count');
});

test('heads: one line for overlaps, a constant for each family for Eq. 14, and null where widths are too few', () => {
  const base = idealLanguage().heads!.heads[0]!;
  const head = (family: string, m: number, change: Partial<HeadSummary> = {}): HeadSummary => ({
    ...base,
    model: `${family}-${m}`,
    family,
    m,
    meanSquare: 3 / m ** 1.2,
    crossEntropyOverlap: (family === 'x' ? 1 : 50) / m,
    norm: { ...base.norm, mean: family === 'x' ? m ** 0.1 : 2 },
    ...change,
  });
  const { overlap, crossEntropy, crossEntropyOneLine, norms } = fitHeads([
    head('y', 800),
    head('y', 3000),
    head('x', 512),
    head('x', 1024),
    head('x', 2048),
  ]);
  near(overlap!.slope, -1.2, 1e-9);
  near(crossEntropy!.slope, -1, 1e-9);
  assert.ok(Math.abs(crossEntropyOneLine!.slope + 1) > 0.3, 'families of different constants bend a single line');
  near(norms.find(({ family }) => family === 'x')!.slope, 0.1, 1e-9);
  near(norms.find(({ family }) => family === 'y')!.slope, 0, 1e-9);
  const few = fitHeads([head('x', 512), head('y', 512)]);
  assert.deepEqual([few.overlap, few.crossEntropy, few.norms.map(({ slope }) => slope)], [null, null, [null, null]]);
  assert.throws(() => fitHeads([head('x', 512), head('x', 512)]), /two measurements of the head of x-512/);
});

test('tokens: exponent, number of distinct ones, and a curve short enough for a figure', () => {
  const row = fitTokens({
    tokenizer: 'x',
    dataset: 'a',
    tokens: 9,
    texts: 1,
    counts: Array.from({ length: 3000 }, (_, i) => Math.round(1e9 / (i + 1) ** 0.95)),
  });
  near(row.exponent, 0.95, 0.001);
  assert.equal(row.distinct, 3000);
  assert.ok(row.rank.length < 130 && row.rank[0] === 1 && Math.abs(row.rank.at(-1)! - 3000) < 1e-3);
});

test('too few losses to fit: one line names some of those that are not to be had, and counts the others', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'loss.json');
  writeFileSync(path, JSON.stringify({ model: 'acme/1', dataset: 'c4', loss: 3, texts: 1, tokens: 9 }));
  const params = {
    models: Array.from({ length: 20 }, (_, i) => ({ model: `acme/${i}`, family: 'acme', m: i + 1 })),
    dataSets: ['c4', 'pile'],
    draws: 10,
    seed: 1,
  };
  const withLosses = (losses: object[]) => runFitLosses({ params, inputs: { losses }, outputs: {} } as never);
  await assert.rejects(withLosses([{ node: 'eval-llm', path }]), {
    message:
      'no family has losses at two widths on one data set; not to be had: acme/0 on c4, acme/0 on pile, acme/1 on pile and 36 more',
  });
  await assert.rejects(withLosses([]), { message: 'none of the losses could be had' });
});
