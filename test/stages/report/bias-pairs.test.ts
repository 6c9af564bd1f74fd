import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNumber, formatPercent } from 'repro/claims';
import type { ClaimResult } from 'repro/claims';
import {
  biasPairs,
  exponentsOfLive,
  lossRatio,
  notCompared,
  seedsAt,
} from '../../../stages/report/sections/bias-pairs.ts';
import { betweenRows, betweenText } from '../../../stages/report/sections/biases-between.ts';
import { initialBiasSection } from '../../../stages/report/sections/initial-biases.ts';
import type { ModelSummary } from '../../../stages/toy/artifacts.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';

const { sweeps } = idealSources();
const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.001;
const curve = sweeps[0]!.models.filter(({ gamma, alpha }) => near(gamma, -5 / 9) && alpha === 1);
const widths = curve.map(({ m }) => m);

/** The curve under a seed, its losses those of a power law times `factor`. */
const seed = (replicate: number, exponent: number, factor: number): ModelSummary[] =>
  curve.map((model) => ({ ...model, replicate, loss: factor * model.m ** -exponent }));
const normal = fitSweep('small', [], [...seed(0, 1, 2), ...seed(1, 1, 3), ...seed(2, 1, 4), ...seed(3, 1, 1000)]);
const started = [...seed(0, 2, 1), ...seed(1, 2, 1), ...seed(2, 2, 1), ...seed(4, 5, 1)];

test('both sides of a comparison have the same seeds, and each seed all m', () => {
  const [pair, ...others] = biasPairs([normal, fitSweep('small-zero-bias', [], started)]);
  assert.deepEqual(others, []);
  assert.equal(pair!.seeds, 3);
  assert.deepEqual(pair!.m, widths);
  for (const side of ['normal', 'zero'] as const)
    assert.deepEqual(
      seedsAt(pair!, side, widths[0]!).map(({ replicate }) => replicate),
      [0, 1, 2],
    );
  assert.ok(near(pair!.fits.normal!.exponent, 1) && near(pair!.fits.zero!.exponent, 2));
  assert.equal(pair!.fits.zero!.errorFrom, 'seeds');
  const { mean, low, high } = lossRatio(pair!, widths.at(-1)!);
  // The geometric mean of 2, 3 and 4 times m.
  assert.ok(near(mean / widths.at(-1)!, 24 ** (1 / 3)));
  assert.ok(low < mean && mean < high);

  const half = fitSweep('small-zero-bias', [], [...seed(0, 2, 1), ...seed(1, 2, 1).slice(0, 3)]);
  assert.equal(biasPairs([normal, half])[0]!.seeds, 1, 'a seed without its large m weighs on the others');
  assert.deepEqual(biasPairs([normal, fitSweep('small-zero-bias', [], seed(7, 2, 1))]), []);
});

test('the tables of biases are those of the seeds that both sides have, and what is not finished is said', () => {
  const missing = [curve[0]!, ...curve.map((model) => ({ ...model, gamma: -1 }))].map((model) => ({
    ...model,
    replicate: 3,
  }));
  const zero = fitSweep('small-zero-bias', [], started, missing);
  const pairs = biasPairs([normal, zero]);
  assert.deepEqual(notCompared([normal, zero], pairs), [
    { experiment: 'small', n: curve[0]!.n, curves: 1, planned: 2, gammas: [-1] },
  ]);
  const text = initialBiasSection({ sweeps: [normal, zero], results: [], captions: [] }).join('\n\n');
  assert.match(text, /seed by seed: what only one side has is left out\./);
  assert.match(
    text,
    /\*\*Not finished, so that nothing is said of it:\*\* 1 of the 2 curves of small \(n = 256; γ = −1\.00\)\./,
  );
  assert.match(
    text,
    /\| small, γ = −0\.556, α = 1 \| 10 .* 27 \| 3 \|.*\| 77\.9 \(\d.* to \d.*\) \| 2\.00 \(.*\) \| 1\.00 \(.*\) \|/,
  );
});

test('the part of live features has its exponent over the m at which most are live, and is set against directions', () => {
  const withParts = (models: readonly ModelSummary[], exponent: number, deadAtFirst: number): ModelSummary[] =>
    models.map((model) => ({
      ...model,
      dead: { ...model.dead, fraction: model.m === widths[0] ? deadAtFirst : 0.1 },
      outputLoss: { ...model.outputLoss, live: model.m === widths[0] ? 1e-9 : model.m ** -exponent },
      live: {
        ...model.live,
        overlap: { ...model.strongOverlap!, meanSquare: 0.051, welchBoundSquared: 0.05 },
      },
    }));
  const side = (name: string, exponent: number, deadAtFirst: number) =>
    fitSweep(name, [], withParts(seed(0, exponent, 1), exponent, deadAtFirst));
  const both = [side('small', 1, 0.1), side('small-zero-bias', 1.5, 0.9)];
  const { normal: drawn, zero } = exponentsOfLive(biasPairs(both)[0]!)!;
  for (const [found, wanted] of [
    [drawn.live, 1],
    [drawn.whole, 1],
    [zero.live, 1.5],
  ] as const)
    assert.ok(near(found, wanted), `${found}`);
  const section = (sweeps: typeof both): string => initialBiasSection({ sweeps, results: [], captions: [] }).join('\n');
  assert.match(
    section(both),
    /over Welch’s bound κ², is 1\.02 with random biases, 1\.02 with zero ones \(medians, γ < 0\): the directions are about equally good either way\. .* as means over one curve with α ≤ 1\.375: 1\.00 for the whole loss and 1\.00 for .* 1\.50 for that of the live features alone with zero ones\. So directions at Welch’s bound/,
  );
  assert.doesNotMatch(section([both[0]!, side('small-zero-bias', 1, 0.9)]), /So directions at/);

  // Three curves: their means have an error between curves, and a difference within it is none.
  const three = (name: string, exponents: readonly number[]) =>
    fitSweep(
      name,
      [],
      exponents.flatMap((exponent, i) =>
        withParts(seed(0, exponent, 1), exponent, 0.9).map((model) => ({ ...model, alpha: i / 2 })),
      ),
    );
  const drawnThree = three('small', [1, 1, 1]);
  const clear = section([drawnThree, three('small-zero-bias', [1.4, 1.5, 1.6])]);
  assert.match(
    clear,
    /means over 3 curves with α ≤ 1\.375 \(± between curves\): .* 1\.500 ± 0\.058 for the whole loss and 1\.500 ± 0\.058 for that of the live features alone with zero ones\. So directions/,
  );
  assert.doesNotMatch(section([drawnThree, three('small-zero-bias', [0.6, 1.5, 2.1])]), /So directions/);
});

/** Strong large models of three laws and three seeds, `m ** -exponent` their loss, with m too few for the paper's lines. */
function largeModels(name: string, exponent: number) {
  const laws = [
    { frequencies: 'exponential', alpha: null },
    { frequencies: 'power-law', alpha: 1.2 },
    { frequencies: 'linear', alpha: null },
  ] as const;
  const models = laws.flatMap((law) =>
    [8, 16, 32, 64].flatMap((m) =>
      [0.99, 1, 1.01].map((factor, replicate) => ({
        ...{ ...curve[0]!, ...law, gamma: -1, n: 10240, m, replicate },
        ...{ lossScale: 100, loss: factor * m ** -exponent },
      })),
    ),
  );
  const ranges = (['power-law', 'linear'] as const).map((frequencies) => ({
    ...{ frequencies, superposition: 'strong' as const, minimumM: 32 },
  }));
  return fitSweep(name, ranges, models);
}

test('large models from zero biases are told apart from small ones, with their exponents and every cell', () => {
  const small = [normal, fitSweep('small-zero-bias', [], started)];
  const all = [...small, largeModels('large', 1), largeModels('large-zero-bias', 1.5)];
  const text = initialBiasSection({ sweeps: all, results: [], captions: [] }).join('\n\n');
  assert.match(
    text,
    /Under strong superposition \(small models, n = 256; γ = −0\.556; α = 1; largest m = 27; one curve; 3 seeds\)/,
  );
  // At m = 64 the ratio is 64^0.5.
  assert.match(
    text,
    /Under strong superposition \(large models, n = 10240; γ = −1\.00; α = 1\.2; exponential and linear frequencies; largest m = 64; 3 curves; 3 seeds\) the loss at the largest m is 8\.00 times as high/,
  );
  for (const law of ['exponential frequencies', 'linear frequencies', 'α = 1.2'])
    assert.match(
      text,
      new RegExp(
        `\\| large, γ = −1\\.00, ${law.replace('.', '\\.')} \\| 8 16 32 64 \\| 3 \\|.*\\| 8\\.00 \\(.*\\) \\| 1\\.50 .* \\| 1\\.00 .* \\|`,
      ),
      law,
    );
  // exp of the mean of three logs, and Student's t with two degrees of freedom times their spread.
  assert.match(
    text,
    /\| large, γ = −1\.00, linear frequencies \| 64 \| 3 \| 0\.00195 \(0\.00191 to 0\.00200\) \| 0\.0156 \(/,
  );
  const cells = text.slice(text.indexOf('<details>'));
  assert.equal(cells.match(/^\| (small|large),/gm)!.length, widths.length + 3 * 4);
});

test('what features beyond reach make of the loss is said at the smallest and the largest m, of models with random biases', () => {
  const zero = fitSweep('small-zero-bias', [], started);
  const text = (models: readonly ModelSummary[]): string =>
    initialBiasSection({ sweeps: [fitSweep('small', [], models), zero], results: [], captions: [] }).join('\n\n');
  const models = seed(0, 1, 2);
  assert.doesNotMatch(text(models), /Features beyond reach/);
  const [first, last] = [widths[0]!, widths.at(-1)!];
  // L = 2/m; if none of them fired their loss would be (4/3) 0.03 = 0.04.
  const measured = models.map((model) => ({
    ...model,
    initialBias: { mean: 0, standardDeviation: 1 },
    beyondReach: { fraction: 0.02, frequency: 0.03, loss: model.m === last ? 0.03 : 0.04 },
  }));
  const share = (loss: number, m: number): string => formatPercent((loss * m) / 2);
  assert.ok(
    text(measured).includes(
      `In the small models (n = 256) the ratio is 1.00 at m = ${first} and 0.750 at m = ${last}, where they make ${share(0.04, first)} and ${share(0.03, last)} of the loss (medians).`,
    ),
    /\*Features beyond reach.*/.exec(text(measured))?.[0],
  );
  assert.match(text(measured), /so low with probability 2\.3%\. .* would be 0\.0303 in expectation/);
  const others = [{ alpha: 2 }, { initialBias: { mean: 0, standardDeviation: 0.3 } }];
  for (const other of others)
    assert.doesNotMatch(text(measured.map((model) => ({ ...model, ...other }))), /Features beyond reach/);
});

test('how far training has made up for low biases is said of the four widest strong large models', () => {
  const zero = fitSweep('small-zero-bias', [], started);
  const text = (models: readonly ModelSummary[]): string =>
    initialBiasSection({
      sweeps: [fitSweep('small', [], seed(0, 1, 2)), zero, fitSweep('large', [], models)],
      ...{ results: [], captions: [] },
    }).join('\n\n');
  const [base] = seed(0, 1, 2).filter(({ gamma }) => gamma < 0);
  const large = [8, 16, 32, 64, 128].flatMap((m) =>
    (['linear', 'exponential'] as const).map((frequencies, i): ModelSummary => ({
      ...{ ...base!, frequencies, alpha: null, m, initialBias: { mean: 0, standardDeviation: 1 } },
      lowStart: { frequency: 0.1 + i / 20, loss: m / 400 + i / 20 },
    })),
  );
  assert.match(
    text(large),
    / below −1 make, of the loss of all live ones, 4% to 9% at m = 16, 8% to 13% at m = 32, 16% to 21% at m = 64, 32% to 37% at m = 128, where they have 10% to 15% of the frequency\.\n/,
  );
  const zeroOnes = large.map((model) => ({ ...model, initialBias: { mean: 0, standardDeviation: 0 } }));
  for (const others of [zeroOnes, large.map((model) => ({ ...model, gamma: 0.1 })), large.slice(0, 2)])
    assert.doesNotMatch(text(others), /Features that began low/);
});

test('every γ and α that was trained both ways is a row', () => {
  const both = (name: string, exponent: number) =>
    fitSweep(
      name,
      [],
      sweeps[0]!.models.map((model) => ({ ...model, loss: model.m ** -exponent })),
    );
  const pairs = biasPairs([both('small', 1), both('small-zero-bias', 1.5)]);
  const cells = new Set(sweeps[0]!.models.map(({ gamma, alpha }) => `${gamma} ${alpha}`));
  assert.equal(pairs.length, cells.size);
  assert.ok(pairs.every(({ fits }) => near(fits.normal!.exponent, 1) && near(fits.zero!.exponent, 1.5)));
  const text = initialBiasSection({
    sweeps: [both('small', 1), both('small-zero-bias', 1.5)],
    results: [],
    captions: [],
  });
  assert.equal(
    text
      .join('\n')
      .split('<details>')[0]!
      .match(/^\| small, .* ± /gm)!.length,
    cells.size,
  );
});

test('how many features are represented is said of both, and the paper’s number where it is reproduced', () => {
  const weak = (name: string, represented: number) =>
    fitSweep(
      name,
      [],
      seed(0, 1, 2).map((model) => ({
        ...model,
        gamma: 1 / 3,
        representedFraction: model.m === widths[1] ? (represented * model.m) / model.n : 0,
      })),
    );
  const pairs = [weak('small', 2), weak('small-zero-bias', 3)];
  const section = (results: readonly ClaimResult[]): string =>
    initialBiasSection({ sweeps: pairs, results, captions: [] }).join('\n');
  assert.ok(
    section([]).includes('At γ > 0 up to 3.00 m features are represented (φ½ n) from zero biases, up to 2.00 m from'),
  );
  const part = (measured: number, measuredText: string) => ({ parts: [{ id: 'a', measured, measuredText }] });
  const central = (verdict: string) =>
    ({
      ...{ id: 'strong-near-one', verdict, ...part(1.02, '1.02 ± 0.03') },
      alternatives: { published: { verdict, ...part(0.985, '') } },
    }) as unknown as ClaimResult;
  assert.ok(
    section([central('reproduced')]).includes(
      'is reproduced in its own setting, in which b is drawn from N(0, 1): αₘ under strong superposition, for α ≤ 1.375, is 1.02 ± 0.03 in the mean, against 0.985 of the authors’ own points',
    ),
  );
  for (const results of [[central('not-reproduced')], []])
    assert.doesNotMatch(section(results), /is reproduced in its own setting/);
});

test('one verdict that changes has, two have', () => {
  const result = (id: string, verdict: 'reproduced' | 'not-reproduced') =>
    ({ id, verdict: 'reproduced', alternatives: { 'zero-biases': { verdict } } }) as unknown as ClaimResult;
  const section = (results: readonly ClaimResult[]): string =>
    initialBiasSection({ sweeps: [normal, fitSweep('small-zero-bias', [], started)], results, captions: [] }).join(
      '\n',
    );
  const [changed, same] = [result('a', 'not-reproduced'), result('b', 'reproduced')];
  assert.match(section([changed, same]), /Of 2 claims that .* decide, 1 has another verdict with zero biases: \[`a`\]/);
  assert.match(section([same]), /Of the one claim that .* decide, 0 have another verdict with zero biases\./);
});

test('biases in between: each row has the m that all have, and the sentence is that of the losses', () => {
  const drawn = (mean: number, standardDeviation: number, exponent: number, factor: number): ModelSummary[] =>
    seed(0, exponent, factor).map((model) => ({ ...model, initialBias: { mean, standardDeviation } }));
  const random = fitSweep('small', [], [...drawn(0, 1, 1, 3), ...seed(1, 1, 3)]);
  const zero = fitSweep('small-zero-bias', [], drawn(0, 0, 2, 1));
  const narrow = drawn(0, 0.3, 2, 1.2);
  const between = fitSweep('initial-biases', [], [...narrow.slice(1), ...drawn(-0.1, 0, 2, 0.5)]);
  const [row, ...others] = betweenRows([random, zero, between]);
  assert.deepEqual(others, []);
  assert.deepEqual(row!.m, widths.slice(1), 'one of them lacks the smallest m');
  assert.deepEqual(
    row!.curves.map(({ bias, exponent }) => [bias.mean, bias.standardDeviation, Math.round(exponent * 1e6) / 1e6]),
    [
      [0, 0, 2],
      [-0.1, 0, 2],
      [0, 0.3, 2],
      [0, 1, 1],
    ],
  );
  const text = betweenText([random, zero, between]).join('\n\n');
  const largest = formatNumber(3 * widths.at(-1)!);
  assert.ok(
    text.startsWith(
      '*Biases in between* (one seed). Under strong superposition (γ = −0.556; one row) with N(0, 0.3²) the loss is that from zero biases within a factor of 1.20, at every m. ' +
        'With b = −0.1 it is 0.500 times as high over all m, 0.500 times at the largest. ' +
        `With the paper’s N(0, 1²) it is ${largest} times as high at the largest m. ` +
        'It begins to change between the standard deviations 0.3 and 1; none between these was trained.',
    ),
    text,
  );
  // Just above the factor that is called alike, at one m alone.
  const wider = narrow.map((model) => (model.m === widths[2] ? { ...model, loss: 1.05 * model.loss } : model));
  assert.match(
    betweenText([random, zero, fitSweep('initial-biases', [], wider)])[0]!,
    /With N\(0, 0\.3²\) it is 1\.20 to 1\.26 times as high over all m, 1\.20 times at the largest\. .* between the standard deviations 0 and 0\.3;/,
  );
  assert.match(text, /\| γ = −0\.556, α = 1 \| N\(0, 0\.3²\) \|/);
  assert.deepEqual(betweenText([random, zero]), []);
  assert.deepEqual(betweenText([random, between]), [], 'without both ends nothing is in between');
});

test('where no model has more live features than m, nothing is said of their overlaps', () => {
  const pairs = [normal, fitSweep('small-zero-bias', [], started)];
  const text = initialBiasSection({ sweeps: pairs, results: [], captions: [] }).join('\n\n');
  assert.match(text, /\n\n\*Geometry\.\* Over the m at which/);
  assert.doesNotMatch(text, /undefined|mean square overlap of live features, over/);
});

test('seeds that have as many m but other ones are not one curve', () => {
  const halves = [...seed(0, 2, 1).slice(0, 3), ...seed(1, 2, 1).slice(3)];
  const [pair] = biasPairs([normal, fitSweep('small-zero-bias', [], halves)]);
  assert.equal(pair!.seeds, 1);
  assert.deepEqual(pair!.m, widths.slice(0, 3));
});
