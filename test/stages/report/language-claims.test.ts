import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeClaims } from 'repro/claims';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import { idealLanguage, idealLoss, languageModels, languageWorld } from './ideal-language.ts';
import type { LanguageWorld } from './ideal-language.ts';
import { claims } from './ideal-sweeps.ts';

const onModels = ['llm-overlap', 'llm-loss', 'llm-linear', 'llm-norms', 'zipf', 'cross-entropy-overlap'];

function judged(id: string, sources: Partial<Sources>) {
  const [result] = judgeClaims(
    claims.filter((claim) => claim.id === id),
    vocabulary,
    { sweeps: [], random: undefined, languageModels, ...idealLanguage(), ...sources },
  );
  const { verdict, parts } = result!;
  const [first] = parts;
  return {
    verdict,
    parts,
    measured: first!.measured,
    uncertainty: first!.standardError,
    detail: parts.map(({ detail }) => detail).join(' '),
  };
}

test('published facts decide their claims, and models as the theory has them reproduce all others', () => {
  const ideal = idealLanguage();
  for (const id of ['llm-room', 'width-size', 'width-size-families', ...onModels]) {
    const { verdict, detail } = judged(id, ideal);
    assert.equal(verdict, 'reproduced', `${id}: ${detail}`);
    assert.doesNotMatch(detail, /NaN|undefined|null/);
  }
});

test("Chinchilla's table gives what the paper says, and the errors stand in quadrature", () => {
  const { measured, uncertainty, detail } = judged('width-size', {});
  assert.ok(
    Math.abs(measured! - 2.523) < 0.0005 && Math.abs(uncertainty! - 0.026) < 0.0005,
    `${measured} ± ${uncertainty}`,
  );
  assert.match(detail, /\(2\.523 ± 0\.026\) times αN = 0\.350 ± 0\.020; errors added in quadrature/);
  assert.equal(judged('width-size', {}).parts[1]!.measuredText, '0.883 ± 0.051');
  const sizes = idealLanguage().sizes;
  const off = (slope: number): Sources['sizes'] => ({
    ...sizes,
    chinchilla: { ...sizes.chinchilla, fit: { ...sizes.chinchilla.fit, slope } },
  });
  assert.equal(judged('width-size', { sizes: off(2.7) }).verdict, 'not-reproduced');
  const other = {
    ...sizes,
    families: { ...sizes.families, lessEmbeddings: { ...sizes.families.lessEmbeddings, slope: 3 } },
  };
  assert.equal(judged('width-size-families', { sizes: other }).verdict, 'not-reproduced');
});

/** For each claim, worlds in which it is wrong. */
const contradictions: [id: string, what: string, world: LanguageWorld, verdict?: string][] = [
  ['llm-overlap', 'constant overlaps', { head: () => ({ meanSquare: 0.01 }) }],
  [
    'llm-overlap',
    'far too scattered',
    { head: ({ width }) => ({ meanSquare: Math.exp(6 * Math.sin(width)) / width }) },
    'inconclusive',
  ],
  [
    'llm-loss',
    'a square root',
    { loss: (model, m, dataset) => idealLoss(model, m, dataset) - 476 / m ** 0.91 + 30 / m ** 0.5 },
  ],
  [
    'llm-loss',
    'scattered',
    { loss: (model, m, dataset) => idealLoss(model, m, dataset) + 0.5 * Math.sin(99 * m) },
    'inconclusive',
  ],
  ['llm-linear', 'not in 1/m', { loss: (_, m) => 2 + Math.sin(m) }],
  [
    'llm-norms',
    'one zero row',
    {
      head: ({ model }) =>
        model === 'openai-community/gpt2' ? { norm: { mean: 2, standardDeviation: 0.1, minimum: 0, maximum: 3 } } : {},
    },
  ],
  [
    'llm-norms',
    'norms grow in one family',
    {
      head: ({ family, width }) =>
        family === 'Pythia'
          ? { norm: { mean: 0.05 * Math.sqrt(width), standardDeviation: 0.1, minimum: 0.1, maximum: 3 } }
          : {},
    },
  ],
  [
    'zipf',
    'three of sixteen too flat',
    { alpha: (tokenizer, dataset) => (tokenizer === 'OPT' && dataset !== 'pile' ? 0.7 : 1) },
  ],
  ['cross-entropy-overlap', 'it does not depend on m', { head: () => ({ crossEntropyOverlap: 3 }) }],
];

for (const [id, what, world, verdict = 'not-reproduced'] of contradictions) {
  test(`${id} is ${verdict} where it should be: ${what}`, () => {
    const found = judged(id, languageWorld(world));
    assert.equal(found.verdict, verdict, found.detail);
  });
}

test('two of sixteen may be off for zipf, as the rule says', () => {
  assert.equal(
    judged(
      'zipf',
      languageWorld({ alpha: (tokenizer, dataset) => (tokenizer === 'OPT' && dataset.length === 4 ? 0.7 : 1) }),
    ).verdict,
    'reproduced',
  );
});

test('a set that reads no models is not run for its scale; one that does, because they were not to be had', () => {
  const nothing = { heads: undefined, losses: undefined, tokens: undefined };
  for (const id of onModels) {
    assert.equal(judged(id, { ...nothing, readsModels: false }).verdict, 'not-run');
    assert.match(
      judged(id, { ...nothing, readsModels: false }).detail,
      /^Out of this set's scale: needs the language models themselves/,
    );
    assert.equal(judged(id, { ...nothing, readsModels: true }).verdict, 'not-run');
    assert.match(
      judged(id, { ...nothing, readsModels: true }).detail,
      /^The language models were not all fetched and evaluated where this ran/,
    );
  }
});

test('beside the exponent of the loss stand the bootstrap, the range without one model, and each family', () => {
  const { detail, measured, uncertainty } = judged('llm-loss', {});
  assert.ok(Math.abs(measured! - 0.91) < 0.03 && uncertainty! < 0.02);
  assert.match(
    detail,
    /^Eq\. 8 with 18 parameters on 108 losses: C = \d+; .* Models drawn again: ± \d.* Without one model: 0\.\d+ \(.+\) to 0\.\d+ \(.+\)\. Each family alone: .*GPT-2/,
  );
  assert.match(judged('llm-linear', {}).detail, /in 16 groups.*F\(15, 76\) = /);
});
