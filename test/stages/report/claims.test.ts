import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomRow } from '../../../stages/toy/random-geometry/geometry.ts';
import { judgeClaims as judgeAll } from 'repro/claims';
import type { Claim } from 'repro/claims';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import type { ModelSummary } from '../../../stages/toy/artifacts.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { cellsOf } from '../../../stages/report/claims/cells.ts';
import { withZeroBiases } from '../../../stages/report/claims/zero-biases.ts';
import { claims, idealSources } from './ideal-sweeps.ts';
import type { Mutation } from './ideal-sweeps.ts';

/** Judged in language-claims.test.ts. */
const unreadHere = ['llm-overlap', 'llm-loss', 'llm-linear', 'llm-norms', 'zipf', 'cross-entropy-overlap'];

const judgeClaims = (some: readonly Claim[], sources: Sources) => judgeAll(some, vocabulary, sources);
/** What is told of how the parts were measured. */
const detailOf = ({ parts }: { parts: readonly { detail: string }[] }): string =>
  parts.map(({ detail }) => detail).join(' ');

const verdictOf = (id: string, sources: Sources): string => {
  const [result] = judgeClaims(
    claims.filter((claim) => claim.id === id),
    sources,
  );
  return result!.verdict;
};

test('on sweeps as the theory has them every claim is reproduced, but those on language models, which are not run', () => {
  for (const result of judgeClaims(claims, idealSources())) {
    const { id, verdict, parts } = result;
    assert.equal(verdict, unreadHere.includes(id) ? 'not-run' : 'reproduced', `${id}: ${JSON.stringify(parts)}`);
  }
});

const small =
  (change: (model: ModelSummary) => Partial<ModelSummary>): Mutation =>
  (model, experiment) =>
    experiment === 'small' ? change(model) : {};
const inSweep =
  (name: string, change: (model: ModelSummary) => Partial<ModelSummary>): Mutation =>
  (model, experiment) =>
    experiment === name ? change(model) : {};
const strongOnly = (change: (model: ModelSummary) => Partial<ModelSummary>) =>
  small((model) => (model.gamma < 0 ? change(model) : {}));
const weakOnly = (change: (model: ModelSummary) => Partial<ModelSummary>) =>
  small((model) => (model.gamma > 0 ? change(model) : {}));

/** For each part of each claim, a world in which that part is wrong. */
const contradictions: [id: string, what: string, mutation: Mutation][] = [
  ['decay-tunes-superposition', 'growth leaves features out', strongOnly(() => ({ representedFraction: 0.9 }))],
  ['decay-tunes-superposition', 'decay leaves most features in', weakOnly(() => ({ representedFraction: 0.6 }))],
  ['decay-tunes-superposition', 'norms are not bimodal', weakOnly(() => ({ middleNormFraction: 0.2 }))],
  ['preferred-when-uniform', 'skewed features superpose more', strongOnly(({ alpha }) => ({ representedFraction: 0.5 + 0.2 * alpha! }))],
  ['stronger-is-better', 'equal losses', small(({ m }) => ({ loss: 1 / m }))],
  ['strong-near-one', 'steep', strongOnly(({ m }) => ({ loss: m ** -1.5 }))],
  ['strong-near-one', 'right on average only', strongOnly(({ m, alpha }) => ({ loss: m ** -(alpha! < 0.7 ? 0.5 : 1.5) }))],
  ['weak-slow', 'fast', weakOnly(({ m }) => ({ loss: 1 / m }))],
  ['strong-skewed-steeper', 'falling', strongOnly(({ m, alpha }) => ({ loss: m ** -(2 - alpha! / 2) }))],
  ['strong-skewed-steeper', 'rising too little', strongOnly(({ m, alpha }) => ({ loss: m ** -(1 + alpha! / 10) }))],
  ['unlearned-loss', 'twice Eq. 4', weakOnly(({ loss }) => ({ unlearnedLoss: loss / 2 }))],
  ['unlearned-loss', 'half of Eq. 4', weakOnly(({ loss }) => ({ unlearnedLoss: 2 * loss }))],
  ['unlearned-loss', 'strong superposition obeys it too', strongOnly(({ loss }) => ({ unlearnedLoss: loss }))],
  ['weak-exponent', 'another exponent', weakOnly(({ m, alpha }) => ({ loss: m ** -(alpha! - 0.5) }))],
  ['weak-exponent', 'closest at small alpha', small(({ alpha }) => ({ ambiguity: alpha! }))],
  ['norms-split-at-one', 'no valley', strongOnly(() => ({ normDensityAtOne: 5 }))],
  ['norms-split-at-one', 'one peak', strongOnly(() => ({ normDensityBelowOne: 0 }))],
  ['norms-split-at-one', 'rank does not matter', strongOnly(() => ({ strongRankTest: { z: 0.1, p: 0.46 } }))],
  ['etf-count', 'a fifth of the bound', strongOnly(({ stronglyRepresentedFraction: f }) => ({ stronglyRepresentedFraction: f / 5 }))],
  ['etf-count', 'only 2 m', strongOnly(({ m, n }) => ({ stronglyRepresentedFraction: (2 * m) / n }))],
  ['strong-overlap', 'far above the bound', strongOnly((model) => overlapTimes(model, 1.5))],
  ['strong-overlap', 'constant', strongOnly((model) => overlapTimes(model, 0.13 * model.m))],
  ['exponent-rule', 'always 1', strongOnly(({ m }) => ({ loss: 1 / m }))],
  ['overlap-variance', 'as random', strongOnly(({ strongOverlap: o }) => ({ strongOverlap: o && { ...o, varianceAbsolute: 2.2 * o.varianceAbsolute } }))],
  ['weak-rows-overlap', 'below 1/m', strongOnly(({ m, weakOverlap: o }) => ({ weakOverlap: o && { ...o, meanSquare: 0.9 / m } }))],
  ['weak-rows-overlap', 'never large', strongOnly(({ m, weakOverlap: o }) => ({ weakOverlap: o && { ...o, meanSquare: 1.2 / m } }))],
  ['weak-rows-robust', 'constant at one alpha', strongOnly(({ alpha, weakOverlap: o }) => ({ weakOverlap: alpha === 0.5 ? o && { ...o, meanSquare: 0.3 } : o }))],
  ['small-negative-bias', 'positive', strongOnly(({ m }) => ({ strongBiasMedian: 0.1 / m }))],
  ['small-negative-bias', 'far above the overlaps', strongOnly(({ strongOverlap: o }) => ({ strongOverlap: o && { ...o, maximumAbsolute: 0.03 } }))],
  ['small-negative-bias', 'ten times larger', strongOnly(({ strongBiasMedian: b }) => ({ strongBiasMedian: b && 10 * b }))],
  ['loss-decomposition', 'strong part constant', strongOnly(() => ({ strongLoss: 0.1 }))],
  ['loss-decomposition', 'weak part flatter', strongOnly(({ m }) => ({ weakLoss: m ** -0.5 }))],
  ['exponent-rule-wide', 'steep', inSweep('wide', ({ m }) => ({ loss: m ** -2 }))],
  ['exponent-rule-wide', 'on the line 2(alpha - 1)', inSweep('wide', ({ m, alpha }) => ({ loss: m ** -Math.max(1, 2.1 * (alpha! - 1)) }))],
  ['density-proportional', 'square', inSweep('density', ({ density, m }) => ({ loss: density ** 2 / m }))],
  ['density-exponent', 'depends on E at one gamma', inSweep('density', ({ density, gamma, m }) => ({ loss: m ** -(gamma === 1 ? 0.1 * density : 1) }))],
  ['large-strong-exponents', 'one is off', inSweep('large', ({ frequencies, gamma, m }) => (frequencies === 'linear' && gamma < 0 ? { loss: m ** -1.1 } : {}))],
  ['large-r2', 'a strong one is not a line', inSweep('large', ({ frequencies, gamma, m }) => (frequencies === 'linear' && gamma < 0 ? { loss: 1.3 - (m / 1100) ** 2 } : {}))],
  ['large-r2', 'weak exponential is a line', inSweep('large', ({ frequencies, gamma, m }) => (frequencies === 'exponential' && gamma > 0 ? { loss: m ** -0.1 } : {}))],
  ['one-line', 'another prefactor', inSweep('large', ({ frequencies, loss }) => (frequencies === 'linear' ? { loss: 3 * loss } : {}))],
  ['insensitivity', 'more steps help', inSweep('insensitivity', ({ steps, loss }) => (steps > 20000 ? { loss: 0.7 * loss } : {}))],
  ['breakdown', 'on to the end', inSweep('breakdown', ({ m }) => ({ loss: 1 / m }))],
  ['breakdown', 'a loss that explodes at m = n', inSweep('breakdown', ({ m }) => (m === 256 ? { loss: 10 } : {}))],
  ['breakdown', 'never a power law', inSweep('breakdown', () => ({ loss: 0.1 }))],
  ['unit-norm', 'worse than decay', inSweep('unit-norm', () => ({ loss: 2 }))],
]; // prettier-ignore

function overlapTimes({ strongOverlap: o }: ModelSummary, factor: number): Partial<ModelSummary> {
  return { strongOverlap: o && { ...o, meanSquare: factor * o.meanSquare } };
}

for (const [id, what, mutation] of contradictions) {
  test(`${id} fails where it should: ${what}`, () => {
    assert.equal(verdictOf(id, idealSources(mutation)), 'not-reproduced');
  });
}

test('every claim with evidence of its own has a world in which it fails', () => {
  const covered = new Set(contradictions.map(([id]) => id));
  const rest = claims.map(({ id }) => id).filter((id) => !covered.has(id) && !unreadHere.includes(id));
  assert.deepEqual(rest, ['llm-room', 'width-size', 'width-size-families', 'random-geometry']);
});

test('vectors that are not uniform, or a model too narrow, contradict', () => {
  const sources = idealSources();
  const row = sources.random!.rows[1]!;
  const spoilt = (change: Partial<typeof row>) =>
    verdictOf('random-geometry', { ...sources, random: { rows: [row, row, { ...row, ...change }] } });
  assert.equal(spoilt({}), 'reproduced');
  assert.equal(spoilt({ overlap: { ...row.overlap, meanSquare: 1.02 * row.overlap.meanSquare } }), 'not-reproduced');
  assert.equal(spoilt({ varianceSquare: 1.1 * row.varianceSquare }), 'not-reproduced');
  assert.equal(spoilt({ kolmogorovSmirnov: { ...row.kolmogorovSmirnov, p: 0.004 } }), 'not-reproduced');
  assert.equal(spoilt({ overlap: { ...row.overlap, maximumAbsolute: 0.1 } }), 'not-reproduced');
  // Directions of another dimension than claimed.
  assert.equal(
    verdictOf('random-geometry', {
      ...sources,
      random: { rows: [row, row, { ...randomRow(15, 1000, { k0: 1, k1: 2 }), meanTheory: 1 / 16 }] },
    }),
    'not-reproduced',
  );
  const narrow = {
    model: 'narrow',
    width: 256,
    vocabulary: 50000,
    layers: 1,
    parameters: 2,
    parametersLessEmbeddings: 1,
  };
  assert.equal(
    verdictOf('llm-room', {
      ...sources,
      languageModels: {
        counting: '',
        families: [{ family: 'x', bytesPerNumber: 2, source: 'y', models: Array<typeof narrow>(7).fill(narrow) }],
      },
    }),
    'not-reproduced',
  );
});

test('vectors too few to have to overlap say nothing of the Welch bound', () => {
  const sources = { ...idealSources(), random: { rows: [randomRow(64, 40, { k0: 1, k1: 2 })] } };
  const claim = claims.find(({ id }) => id === 'random-geometry')!;
  const { verdict, detail } = judgeClaims([{ ...claim, parts: [claim.parts[3]!] }], sources)[0]!.parts[0]!;
  assert.equal(verdict, 'not-run');
  assert.match(detail, /needs more vectors than dimensions/);
});

test('what a set does not have is not run, with the reason', () => {
  const sources = idealSources();
  const without = judgeClaims(claims, {
    ...sources,
    sweeps: sources.sweeps.filter(({ experiment }) => experiment === 'small'),
    random: undefined,
  });
  const find = (id: string) => without.find((result) => result.id === id)!;
  assert.equal(find('density-exponent').verdict, 'not-run');
  assert.match(detailOf(find('density-exponent')), /needs the experiment "density"/);
  assert.match(detailOf(find('random-geometry')), /needs the random vectors/);
  assert.equal(find('strong-near-one').verdict, 'reproduced');
  const weak = withModels(sources, 'small', ({ gamma }) => gamma > 0);
  const overlap = judgeClaims(
    claims.filter(({ id }) => id === 'strong-overlap'),
    weak,
  )[0]!;
  assert.equal(overlap.verdict, 'not-run');
  assert.match(detailOf(overlap), /needs γ < 0 in "small"/);
});

/** The same with some models of one experiment only, fitted again. */
function withModels(sources: Sources, name: string, keep: (model: ModelSummary) => boolean): Sources {
  const sweeps = sources.sweeps.map((sweep) =>
    sweep.experiment === name ? fitSweep(name, [], sweep.models.filter(keep)) : sweep,
  );
  return { ...sources, sweeps };
}

test('too few cells are inconclusive: under a quarter of the design, under 80% with a value, fewer than three', () => {
  const sources = idealSources();
  const claim = claims.filter(({ id }) => id === 'stronger-is-better');
  const judged = (some: Sources) => judgeClaims(claim, some)[0]!.parts[0]!;
  const few = judged(withModels(sources, 'small', ({ alpha, m }) => alpha! < 1 && m < 20));
  assert.equal(few.verdict, 'inconclusive');
  assert.deepEqual(few.cells, { used: 16, planned: 16, design: 102 });
  assert.match(few.detail, /Too few cells: this set has 16 of the design's 102, and 26 are needed/);
  assert.equal(judged(withModels(sources, 'small', ({ alpha, m }) => alpha! < 1.75 && m < 20)).verdict, 'reproduced');
  // Of the models that decay, those with m < 15 are gone: a third of the ratios has no value.
  const holes = judged(withModels(sources, 'small', ({ gamma, m }) => gamma < 0 || m > 12));
  assert.equal(holes.verdict, 'inconclusive');
  assert.match(holes.detail, /Too few cells: 36 of 54 have a value, and 80% are needed/);
  const one = judged(withModels(sources, 'small', ({ alpha, m }) => alpha === 1 && m === 10));
  assert.equal(one.verdict, 'inconclusive');
});

test('a run that is not finished: 80% of the cells of the set must be there, and what is told says how many are', () => {
  const sources = idealSources();
  const judged = (id: string, left: (model: ModelSummary) => boolean) => {
    const sweeps = sources.sweeps.map((sweep) =>
      sweep.experiment === 'small'
        ? fitSweep(
            'small',
            [],
            sweep.models.filter((model) => !left(model)),
            sweep.models.filter(left),
          )
        : sweep,
    );
    const chosen = claims.filter((claim) => claim.id === id);
    return judgeClaims(chosen, { ...sources, sweeps })[0]!;
  };
  // Cells are models: 9 alphas by 6 widths, each at two gammas.
  const few = judged('stronger-is-better', ({ alpha }) => alpha! > 1.5);
  assert.equal(few.verdict, 'inconclusive');
  assert.match(detailOf(few), /Too few cells: 84 of the 108 of this set are finished, and 80% are needed/);
  assert.equal(judged('stronger-is-better', ({ alpha }) => alpha! > 1.75).verdict, 'reproduced');
  // Cells are curves: 3 gammas or 4 by 6 alphas, of which those at alpha 1 and above lack one m each.
  const curves = judged('strong-near-one', ({ alpha, m }) => alpha! >= 1 && m === 10);
  assert.equal(curves.verdict, 'inconclusive');
  assert.match(detailOf(curves), /Too few cells: 16 of the 24 of this set are finished/);
  assert.ok(curves.parts[0]!.measured !== null, 'what is measured is told all the same');
  const nothing = judged('strong-near-one', ({ gamma }) => gamma < 0);
  assert.equal(nothing.verdict, 'not-run');
  assert.match(detailOf(nothing), /Not finished: none of the 24 cells that this set has for it/);
});

test('the bounds of a measured fraction are exact: phi_1 between 0.05 and 0.95, neither included', () => {
  const inside = (fraction: number): number => {
    const sources = idealSources(
      small(({ gamma, alpha, m }) =>
        Math.abs(gamma + 5 / 9) < 0.01 && alpha === 1 && m === 10
          ? { stronglyRepresentedFraction: fraction }
          : { stronglyRepresentedFraction: 1 },
      ),
    );
    const [result] = judgeClaims(
      claims.filter(({ id }) => id === 'norms-split-at-one'),
      sources,
    );
    return result!.parts[0]!.cells.used;
  };
  assert.deepEqual([0.05, 0.051, 0.949, 0.95].map(inside), [0, 1, 1, 0]);
});

test('a reading that leaves cells out says so: overlaps of few rows, the sum over strong features', () => {
  const told = (id: string, mutation: Mutation): string =>
    detailOf(
      judgeClaims(
        claims.filter((claim) => claim.id === id),
        idealSources(mutation),
      )[0]!,
    );
  // Where rows are few, overlaps do not depend on m: the rule is about all of them, and fails.
  const few = strongOnly(({ m, strongOverlap: o }) => ({
    strongOverlap: o && o.welchBoundSquared * m < 0.85 ? { ...o, meanSquare: 0.3 } : o,
  }));
  const [, among, used, many] =
    /One slope for all \(α, γ\), over (\d+) models; over the (\d+) of them with κ² m ≥ 0.85, where the bound itself is about 1\/m, −(\d\.\d+)/
      .exec(told('strong-overlap', few))!
      .map(Number) as [number, number, number, number];
  assert.ok(used < among);
  assert.ok(many < 1.1, 'the flat part is followed by a steep fall');
  assert.equal(verdictOf('strong-overlap', idealSources(few)), 'not-reproduced');
  const growing = strongOnly(({ m }) => ({ strongLoss: 0.5 / m, strongFrequency: 0.02 * m ** 0.5 }));
  assert.match(
    told('loss-decomposition', growing),
    /Per activation of a strong feature \(more features are strong at larger m\) the slopes run from −1\.50 to −1\.50, mean −1\.50\./,
  );
  // What each such activation costs goes as 1/m, but not the part: not reproduced.
  assert.equal(
    verdictOf(
      'loss-decomposition',
      idealSources(strongOnly(({ m }) => ({ strongLoss: 0.5 / m ** 0.4, strongFrequency: 0.02 * m ** 0.6 }))),
    ),
    'not-reproduced',
  );
  // The weak part falls faster on average, but at some α the other way: the mean is not told from 0.
  const scattered = strongOnly(({ m, alpha }) => ({ strongLoss: 0.5 / m, weakLoss: m ** -(alpha === 2 ? 0.6 : 1.6) }));
  assert.equal(verdictOf('loss-decomposition', idealSources(scattered)), 'inconclusive');
  assert.match(
    told('loss-decomposition', scattered),
    /of which \d of \d are below 0: from −0\.\d+ to 0\.\d+\. 95% interval −\d\.\d+ to \d\.\d+/,
  );
  const unranked = small(({ alpha, strongRankTest }) => ({ strongRankTest: alpha === 0.5 ? null : strongRankTest }));
  assert.match(told('norms-split-at-one', unranked), /Not defined in \d+ of \d+ cells/);
});

/** The small sweep with seeds whose exponents scatter by `spread` about those of the first. */
function seeded(seeds: number, spread: number, gammas: (gamma: number) => boolean): Sources {
  const sources = idealSources();
  const sweeps = sources.sweeps.map((sweep) => {
    if (sweep.experiment !== 'small') return sweep;
    const models = sweep.models.flatMap((model) =>
      Array.from({ length: gammas(model.gamma) ? seeds : 1 }, (_, replicate) => ({
        ...model,
        replicate,
        loss: model.loss * model.m ** (spread * (replicate - (gammas(model.gamma) ? (seeds - 1) / 2 : 0))),
      })),
    );
    return fitSweep('small', [], models);
  });
  return { ...sources, sweeps };
}

test('the coordinates of a cell are those of its seeds to the last bit', () => {
  const [small] = idealSources().sweeps;
  const [model] = small!.models;
  // The mean of three such numbers is another.
  const gamma = -1 + (2 * 3) / 9;
  const models = [0, 1, 2].map((replicate) => ({ ...model!, gamma, replicate, loss: 1 + replicate }));
  const [cell] = cellsOf({ ...small!, models });
  assert.deepEqual([cell!.gamma, cell!.loss, cell!.seeds], [gamma, 2, 3]);
});

test('a cell is the mean over its seeds, and its error their spread where there are three', () => {
  const part = (sources: Sources) =>
    judgeClaims(
      claims.filter(({ id }) => id === 'strong-near-one'),
      sources,
    )[0]!.parts[0]!;
  const three = part(seeded(3, 0.02, () => true));
  assert.deepEqual(three.seeds, { least: 3, most: 3 });
  assert.match(
    three.detail,
    /Standard error of an exponent, on average: 0\.0115 from the spread between seeds \(24 cells\)\./,
  );
  assert.match(
    three.detail,
    /Between seeds αₘ has a standard deviation of 0\.0200 \(median of the 24 cells with replicates\)/,
  );
  assert.match(
    three.detail,
    /its mean over these cells is, over 3 seeds, 1\.000 ± 0\.012, 95% interval 0\.946 to 1\.05/,
  );
  const two = part(seeded(2, 0.02, () => true));
  assert.match(two.detail, /of the fit, which measures the curvature of log L over log m \(24 cells\)/);
  assert.doesNotMatch(two.detail, /from the spread between seeds/);
  // What a seed changes of the mean over cells is the error of an estimate over them, if all have seeds.
  const slope = (sources: Sources) =>
    judgeClaims(
      claims.filter(({ id }) => id === 'strong-skewed-steeper'),
      sources,
    )[0]!.parts[1]!;
  assert.equal(slope(seeded(3, 0.02, () => true)).errorFrom, 'seeds');
  assert.equal(slope(seeded(3, 0.02, (gamma) => gamma === -1)).errorFrom, 'cells');
});

test('the error of a large exponent is that of its seeds, told with that of its fit', () => {
  const sources = idealSources();
  const large = sources.sweeps.find(({ experiment }) => experiment === 'large')!;
  const models = large.models.flatMap((model) =>
    (model.gamma < 0 && model.m <= 256 ? [-0.02, 0, 0.02] : [0]).map((shift, replicate) => ({
      ...model,
      replicate,
      loss: model.loss * model.m ** -shift,
    })),
  );
  const sweep = fitSweep('large', [], models);
  const [result] = judgeClaims(
    claims.filter(({ id }) => id === 'large-strong-exponents'),
    { ...sources, sweeps: [sweep] },
  );
  assert.equal(result!.verdict, 'reproduced');
  for (const part of result!.parts) {
    assert.equal(part.errorFrom, 'seeds');
    assert.ok(Math.abs(part.standardError! - 0.02 / Math.sqrt(3)) < 1e-9);
    assert.match(part.detail, /Over 3 seeds, m = 8 to 256: \d\.\d+ ± 0\.012/);
    assert.match(part.detail, /error of the fit, which measures curvature: /);
  }
});

test('insensitivity asks for five seeds a side, and for the whole interval', () => {
  const claim = claims.filter(({ id }) => id === 'insensitivity');
  const judged = (keep: (model: ModelSummary) => boolean, change: Mutation = () => ({})) =>
    judgeClaims(claim, withModels(idealSources(change), 'insensitivity', keep))[0]!.parts[0]!;
  assert.equal(judged(() => true).verdict, 'reproduced');
  const half = judged(({ replicate }) => replicate < 3);
  assert.equal(half.verdict, 'inconclusive');
  assert.match(half.detail, /Too few seeds: a cell has 3, and 5 are needed/);
  const base = Math.min(
    ...idealSources()
      .sweeps.find((one) => one.experiment === 'insensitivity')!
      .models.map(({ steps }) => steps),
  );
  const alone = judged(({ steps, batch }) => steps === base && batch === 2048);
  assert.match(alone.detail, /^No model is there at two settings\./, 'no list of nothing');
  const noisy = inSweep('insensitivity', ({ loss, replicate }) => ({
    loss: loss * [0.6, 0.8, 1, 1.2, 1.4][replicate]!,
  }));
  assert.equal(judged(() => true, noisy).verdict, 'inconclusive');
});

test('preferred-when-uniform looks at every gamma at which phi varies, and tells each', () => {
  const claim = claims.filter(({ id }) => id === 'preferred-when-uniform');
  const judged = (mutation: Mutation) => judgeClaims(claim, idealSources(mutation))[0]!.parts[0]!;
  const ideal = judged(() => ({}));
  assert.equal(ideal.cells.used, 6, 'at four gamma all features are represented');
  assert.match(ideal.detail, /at γ = −1\.00, where φ½ is above 0\.99 throughout/);
  // The other way at one gamma of six, then at two.
  const turned = (gammas: number) =>
    small(({ gamma, alpha, m, n }) =>
      gamma > 1 - 0.3 * gammas ? { representedFraction: (m / n) * (1 + 0.1 * alpha!) } : {},
    );
  assert.equal(judged(turned(1)).verdict, 'not-reproduced', '4 of 6 are below three quarters');
  assert.equal(
    judged(
      small(({ gamma, alpha, m, n }) => (gamma === 1 ? { representedFraction: (m / n) * (1 + 0.1 * alpha!) } : {})),
    ).verdict,
    'reproduced',
  );
});

test('other initial biases are a second verdict, by the same rules, and never the first', () => {
  const sources = idealSources();
  const [smallSweep] = sources.sweeps;
  const zero = {
    ...fitSweep(
      'small-zero-bias',
      [],
      smallSweep!.models.map((model) => ({ ...model, loss: model.m ** -2 })),
    ),
  };
  const both = { ...sources, sweeps: [...sources.sweeps, zero] };
  const again = withZeroBiases(both)!;
  assert.deepEqual(
    again.sweeps.map(({ experiment }) => experiment),
    ['small'],
  );
  const results = judgeAll(claims, vocabulary, both, { 'zero-biases': { sources: again } });
  const found = results.find(({ id }) => id === 'strong-near-one')!;
  assert.equal(found.verdict, 'reproduced');
  assert.equal(found.alternatives['zero-biases']!.verdict, 'not-reproduced');
  assert.equal(results.find(({ id }) => id === 'llm-room')!.alternatives['zero-biases'], undefined);
  assert.equal(withZeroBiases(sources), undefined);
});

test('a measurement that cannot be one is refused, with its model', () => {
  const judged = (mutation: Mutation) => () => judgeClaims(claims, idealSources(mutation));
  assert.throws(
    judged(small(({ alpha, gamma, m }) => (alpha === 1 && gamma === -1 && m === 10 ? { strongBiasMedian: NaN } : {}))),
    /small: frequencies power-law, alpha 1, gamma -1, density 1, m 10, replicate 0: strongBiasMedian is not a finite number: measure this model again/,
  );
  assert.throws(
    judged(strongOnly((model) => overlapTimes(model, 0.9))),
    /small: .*the mean square overlap \S+ of \d+ rows is below Welch's bound \S+, which no unit vectors can be/,
  );
});

test('the medians of L/Eq. 4 that are told are medians, of an even number of cells too', () => {
  const claim = claims.filter(({ id }) => id === 'unlearned-loss');
  // Of 30 cells at each alpha half are at 1.1 and half at 1.3.
  const halves = weakOnly(({ m, loss }) => ({ unlearnedLoss: loss / (m <= 15 ? 1.1 : 1.3) }));
  assert.match(
    detailOf(judgeClaims(claim, idealSources(halves))[0]!),
    /Median of L\/Eq\. 4 by α: 1\.20 at 0, 1\.20 at /,
  );
});

test('a slope over m takes three m of curves that have two, and not those of single models', () => {
  const claim = claims.filter(({ id }) => id === 'weak-rows-robust');
  const enough = (m: number, gamma: number): boolean => (gamma < -0.9 ? m <= 12 : gamma < -0.7 && m === 27);
  // At one gamma m = 10 and 12 have weak rows enough, at another m = 27: that is a line through two points.
  const sources = idealSources(
    strongOnly(({ m, gamma, weakOverlap: o }) => ({ weakOverlap: enough(m, gamma) ? o : o && { ...o, count: 5 } })),
  );
  const { detail, verdict } = judgeClaims(claim, sources)[0]!.parts[0]!;
  assert.equal(verdict, 'inconclusive');
  assert.match(detail, /Not defined in 5 of 5 cells\./);
});

test('settings are compared with the base setting, and not with each other where that is not finished', () => {
  const claim = claims.filter(({ id }) => id === 'insensitivity');
  const sources = idealSources();
  const sweeps = sources.sweeps.map((sweep) => {
    if (sweep.experiment !== 'insensitivity') return sweep;
    const isBase = ({ batch, steps }: ModelSummary): boolean => batch === 2048 && steps === 20000;
    return fitSweep(
      sweep.experiment,
      [],
      sweep.models.filter((model) => !isBase(model)),
      sweep.models.filter(isBase),
    );
  });
  assert.match(judgeClaims(claim, sources)[0]!.parts[0]!.detail, /at m = 10, batch 8192/);
  assert.match(judgeClaims(claim, { ...sources, sweeps })[0]!.parts[0]!.detail, /^No model is there at two settings\./);
});

test('rows at unit norm: a run with less than 80% of the pairs that it plans gives no verdict', () => {
  const claim = claims.filter(({ id }) => id === 'unit-norm');
  const judged = (experiment: string, left: (model: ModelSummary) => boolean) => {
    const sources = idealSources();
    const sweeps = sources.sweeps.map((sweep) =>
      sweep.experiment === experiment
        ? fitSweep(
            experiment,
            [],
            sweep.models.filter((model) => !left(model)),
            sweep.models.filter(left),
          )
        : sweep,
    );
    return judgeClaims(claim, { ...sources, sweeps })[0]!.parts[0]!;
  };
  assert.equal(judged('unit-norm', () => false).verdict, 'reproduced');
  const held = judged('unit-norm', ({ alpha }) => alpha! >= 1);
  assert.equal(held.verdict, 'inconclusive');
  assert.match(held.detail, /Too few cells: 24 of the 54 of this set are finished, and 80% are needed/);
  const free = judged('small', ({ alpha, gamma }) => alpha! < 1 && Math.abs(gamma - 5 / 9) < 0.01);
  assert.match(free.detail, /Too few cells: 30 of the 54 of this set are finished/);
  const nothing = judged('unit-norm', () => true);
  assert.equal(nothing.verdict, 'not-run');
  assert.match(nothing.detail, /^Not finished: none of the 54 cells/);
});
