import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstError } from 'repro';
import type { ModelSummary } from '../../../stages/toy/artifacts.ts';
import { featuresLeftOut } from '../../../stages/report/beyond/left-out.ts';
import { findingsBeyondClaims } from '../../../stages/report/beyond/findings.ts';
import type { Finding } from '../../../stages/report/beyond/finding.ts';
import { PublishedFigures } from '../../../stages/report/beyond/published.ts';
import type { PublishedFacts } from '../../../stages/report/beyond/published.ts';
import { idealLanguage, idealLoss, languageWorld } from './ideal-language.ts';
import type { LanguageWorld, PublishedModel } from './ideal-language.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';
import type { Mutation } from './ideal-sweeps.ts';

const published = JSON.parse(
  readFileSync(join(process.env['REPRO_TEST_ROOT'] ?? '.', 'params/published/figures.json'), 'utf8'),
) as PublishedFacts;

const find = (pattern: RegExp, mutation: Mutation = () => ({})): Finding => {
  const found = findingsBeyondClaims(idealSources(mutation).sweeps, published).filter(({ finding }) =>
    pattern.test(finding),
  );
  assert.equal(found.length, 1, `${pattern}: ${found.length} findings`);
  return found[0]!;
};
const inSweep =
  (name: string, change: (model: ModelSummary) => Partial<ModelSummary>): Mutation =>
  (model, experiment) =>
    experiment === name ? change(model) : {};

test('the published facts are of their type', () => {
  assert.equal(firstError(PublishedFigures.schema!, published), undefined);
});

/** Each finding in a world where it holds and in one where it does not, with what is printed of it. */
const worlds: [what: string, finding: RegExp, holds: Mutation, not: Mutation, here: RegExp][] = [
  [
    'strong slopes', /strong superposition, exponential/,
    inSweep('large', ({ m, gamma }) => (gamma < 0 ? { loss: m ** -1.0055 * (m === 64 ? 1.05 : 1) } : {})),
    inSweep('large', ({ m, gamma }) => (gamma < 0 ? { loss: m ** -1.3 * (m === 64 ? 1.05 : 1) } : {})),
    /^1\.00\d+ ± 0\.00\d+, R² 1\.00/,
  ],
  [
    'weak power law', /weak superposition, power-law.* αₘ is above α − 1 = 0\.200/,
    inSweep('large', ({ m, gamma, frequencies }) => (gamma > 0 && frequencies === 'power-law' ? { loss: m ** -0.45 * (m === 128 ? 1.01 : 1) } : {})),
    inSweep('large', ({ m, gamma, frequencies }) => (gamma > 0 && frequencies === 'power-law' ? { loss: m ** -0.2 * (m === 128 ? 1.01 : 1) } : {})),
    /^0\.4\d+ ± 0\.00/,
  ],
  [
    'weak linear', /weak superposition, linear.*R² below 0\.95/,
    () => ({}),
    inSweep('large', ({ m, gamma }) => (gamma > 0 ? { loss: m ** -0.08 } : {})),
    /R² 0\.\d+/,
  ],
  [
    'D.5', /factor 4\/3 that it lacks/,
    inSweep('small', ({ loss }) => ({ unlearnedLossIntegral: loss / 1.1 })),
    inSweep('small', ({ loss }) => ({ unlearnedLossIntegral: 1.4 * loss })),
    /^median of loss over formula 1\.47 as printed, 1\.10 with 4\/3$/,
  ],
  [
    'counts', /m = 10: more features are strongly represented than m²\/2 = 50/,
    inSweep('small', ({ alpha }) => ({ stronglyRepresentedFraction: alpha === 1 ? 128 / 256 : 64 / 256 })),
    inSweep('small', ({ alpha }) => ({ stronglyRepresentedFraction: alpha === 1 ? 20 / 256 : 64 / 256 })),
    /^64 to 128 of 256$/,
  ],
  [
    'overlaps', /above κ² at ν = min\(m²\/2, n\)/,
    inSweep('small', ({ strongOverlap: o }) => ({ strongOverlap: o && { ...o, meanSquare: 1.25 * o.welchBoundSquared } })),
    inSweep('small', ({ strongOverlap: o }) => ({ strongOverlap: o && { ...o, meanSquare: 1.05 * o.welchBoundSquared } })),
    /^median 25%, from 25% to 25%$/,
  ],
  [
    'bands', /rises with α; means for α ≤ 0\.625, 0\.75 ≤ α ≤ 1\.25, 1\.375 ≤ α ≤ 1\.5/,
    inSweep('small', ({ m, alpha }) => ({ loss: m ** -(0.8 + 0.4 * alpha!) })),
    inSweep('small', ({ m }) => ({ loss: 1 / m })),
    /^0\.900, 1\.20, 1\.40$/,
  ],
  [
    'Eq. 7', /only roughly/,
    inSweep('small', ({ m, alpha }) => ({ loss: m ** -(Math.max(1, 2 * (alpha! - 1)) + 0.3) })),
    inSweep('small', ({ m, alpha }) => ({ loss: m ** -Math.max(1, 2 * (alpha! - 1)) })),
    /^0\.300$/,
  ],
  [
    'L/E rises', /γ = −1, m = 63: the loss per activation, L\/E, rises/,
    inSweep('density', ({ density, m }) => ({ loss: density ** 1.3 / m })),
    inSweep('density', ({ density, m }) => ({ loss: density ** 0.7 / m })),
    /^0\.0159 to 0\.0241$/,
  ],
  [
    'L/E falls', /γ = 1, m = 63: the loss per activation, L\/E, falls/,
    inSweep('density', ({ density, m }) => ({ loss: density ** 0.7 / m })),
    inSweep('density', ({ density, m }) => ({ loss: density / m })),
    /^0\.0159 to 0\.0105$/,
  ],
  [
    'density and exponent', /γ = −0\.5556: the exponents of the lines at different activation densities lie within 0\.1/,
    inSweep('density', ({ density, m }) => ({ loss: density * m ** -(1 + 0.02 * density) })),
    inSweep('density', ({ density, m }) => ({ loss: density * m ** -(1 + 0.1 * density) })),
    /^1\.02, 1\.\d\d, /,
  ],
]; // prettier-ignore

for (const [what, finding, holds, not, here] of worlds) {
  test(`${what}: confirmed where it is so, refuted where it is not`, () => {
    const yes = find(finding, holds);
    assert.equal(yes.holds, true);
    assert.match(yes.here, here);
    assert.equal(find(finding, not).holds, false);
  });
}

/** The same for language models: by default losses as Eq. 8 has them, and overlaps of 1/m. */
const uneven = ({ family }: PublishedModel, m: number): number => 2 + 30 / m ** (family === 'OPT' ? 0.3 : 0.9);
const languageWorlds: [what: string, finding: RegExp, holds: LanguageWorld, not: LanguageWorld, here: RegExp][] = [
  ['overlap times m', /every head is more than twice 1\/m/, { head: ({ width }) => ({ meanSquare: 100 / width ** 1.3 }) }, {}, /^[5-9]\.\d+ to 15\.\d$/],
  ['slope of overlaps', /falls faster than 1\/m/, { head: ({ width }) => ({ meanSquare: 100 / width ** 1.3 }) }, { head: ({ width }) => ({ meanSquare: 1 / width ** 0.7 }) }, /^−1\.30/],
  ['error of the exponent', /standard error of its exponent is above the 0\.04/, { loss: (model, m, dataset) => idealLoss(model, m, dataset) + 0.3 * Math.sin(m) }, {}, /^\S+ ± 0\.\d+, C = \d/],
  ['one model', /Leaving out one model/, { loss: (model, m, dataset) => idealLoss(model, m, dataset) + (model.model === 'facebook/opt-125m' ? 0.1 : 0) }, {}, /^0\.880 to 0\.952$/],
  ['families', /factor above 2/, { loss: uneven }, {}, /0\.300 \(OPT\)/],
  [
    'opt-350m', /With opt-350m at the width of its head/, {},
    { loss: (model, m, dataset) => idealLoss(model, model.model === 'facebook/opt-350m' ? 512 : m, dataset) }, /^0\.\d+$/,
  ],
]; // prettier-ignore

for (const [what, finding, holds, not, here] of languageWorlds) {
  test(`language models, ${what}: confirmed where it is so, refuted where it is not`, () => {
    const inWorld = (world: LanguageWorld): Finding => {
      const found = findingsBeyondClaims([], published, languageWorld(world)).filter((one) =>
        finding.test(one.finding),
      );
      assert.equal(found.length, 1);
      return found[0]!;
    };
    const yes = inWorld(holds);
    assert.equal(yes.holds, true, yes.here);
    assert.match(yes.here, here);
    const no = inWorld(not);
    assert.equal(no.holds, false, no.here);
  });
}

test('of fewer language models than the figures show nothing is said', () => {
  const { heads, losses } = idealLanguage();
  const fewer = {
    heads: { ...heads!, heads: heads!.heads.slice(1) },
    losses: { ...losses!, points: losses!.points.filter(({ family }) => family === 'OPT') },
  };
  assert.deepEqual(findingsBeyondClaims([], published, fewer), []);
});

test('only findings whose cells exist appear: no other widths, no missing experiment', () => {
  const sweeps = idealSources().sweeps;
  const large = sweeps.find(({ experiment }) => experiment === 'large')!;
  assert.deepEqual(findingsBeyondClaims([], published), []);
  const shorter = { ...large, exponents: large.exponents.map((fit) => ({ ...fit, m: fit.m.slice(0, 4) })) };
  assert.deepEqual(findingsBeyondClaims([shorter], published), []);
  const weakOnly = { ...sweeps[0]!, models: sweeps[0]!.models.filter(({ gamma }) => gamma > 0), exponents: [] };
  assert.deepEqual(findingsBeyondClaims([weakOnly], published), [], 'no integral form, no strong rows');
});

test('features left out: medians by data exponent and by width, of the strong models that have weak rows, then of the weak ones', () => {
  const { sweeps } = idealSources(
    inSweep('small', ({ alpha, m, gamma, dead, weakLoss }) => ({
      dead: {
        ...dead,
        ofWeak: alpha! > 1.5 ? 0.25 : 0.97,
        loss: weakLoss * (gamma < 0 ? 1.1 : 7),
        lowerInitialBias: m === 10 ? 0.8 : gamma < 0 ? 0.996 : 0.9,
      },
    })),
  );
  const [weak, strong, loss, bias, frequency, asRanked, asTheyAre, biasUnlearned] = featuresLeftOut(sweeps).map(
    ({ measured }) => measured,
  ) as [string, string, string, string, string, string, string, string];
  assert.equal(weak, 'α ≤ 1.5: 97%; α > 1.5: 25%');
  assert.equal(strong, 'α ≤ 1.5: 0%; α > 1.5: 0%');
  assert.equal(loss, 'α ≤ 1.5: 1.10; α > 1.5: 1.10');
  assert.match(bias, /^m = 10: 0\.800; m = 12: 0\.996; /);
  assert.match(frequency, /^m = 10: 0\.550; /);
  assert.equal(asRanked, 'α ≤ 1.5: 1.08; α > 1.5: 1.08');
  assert.equal(asTheyAre, 'α ≤ 1.5: 1.01; α > 1.5: 1.01');
  assert.match(biasUnlearned, /^m = 10: 0\.800; m = 12: 0\.900; /);
  assert.deepEqual(featuresLeftOut([]), []);
  // The report says that each cell counts once, by the mean over its seeds: here 0.8 and 0.2.
  const seeds = sweeps[0]!.models.map((model) => ({
    ...model,
    replicate: 1,
    dead: { ...model.dead, lowerInitialBias: model.m === 10 ? 0.2 : model.dead.lowerInitialBias },
  }));
  const twice = featuresLeftOut([{ ...sweeps[0]!, models: [...sweeps[0]!.models, ...seeds] }]);
  assert.match(twice[3]!.measured, /^m = 10: 0\.500; m = 12: 0\.996; /);
  const weakOnly = { ...sweeps[0]!, models: sweeps[0]!.models.filter(({ gamma }) => gamma > 0) };
  assert.ok(featuresLeftOut([weakOnly]).every(({ question }) => question.startsWith('γ > 0')));
});

test('one model is told as one number, not as a range', () => {
  const [small] = idealSources().sweeps;
  const one = small!.models.filter(({ gamma, m, alpha }) => gamma === -1 && m === 10 && alpha === 1);
  const found = findingsBeyondClaims([fitSweep('small', [], one)], published);
  const here = found.filter(({ where }) => where === 'Fig. 6c' || where === 'Fig. 6d').map((finding) => finding.here);
  assert.equal(here.length, 2);
  for (const text of here) assert.match(text, /^(\d+ of 256|\d+%)$/);
});
