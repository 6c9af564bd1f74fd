/**
 * The lists of where our numbers differ from the authors': each number once, its cause, and a spread that is borrowed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readModels } from '../../../bench/checks/read-models.ts';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import { publishedSweeps } from '../../../stages/report/claims/published-sources.ts';
import { lendSpreads } from '../../../stages/report/replication/borrowed.ts';
import { cellsOfSeries } from '../../../stages/report/replication/cells.ts';
import { knownCauses, staleCauses } from '../../../stages/report/replication/causes.ts';
import type { Cause } from '../../../stages/report/replication/causes.ts';
import { compareWithPublished } from '../../../stages/report/replication/compare.ts';
import { replicationSection } from '../../../stages/report/sections/replication.ts';
import type { FittedSweepContent, ModelSummary } from '../../../stages/toy/artifacts.ts';
import type { FitRange } from '../../../stages/toy/fit-exponents/fit.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const points = JSON.parse(read('params/published/points.json')) as PublishedPointsContent;
const theirs = publishedSweeps(points);
const [small, density, large] = theirs as [FittedSweepContent, FittedSweepContent, FittedSweepContent];
const { fitted } = (JSON.parse(read('params/paper.json')) as { large: { fitted: FitRange[] } }).large;
const report = (sweeps: readonly FittedSweepContent[], causes?: readonly Cause[]): string =>
  replicationSection(sweeps, points, causes).join('\n\n');
const rowsOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('| '));

/** The authors' small sweep, but for the seeds of the exponents at some γ and α. */
function withSeeds(
  seeds: readonly { gamma: string; alpha: number; exponents: readonly number[] }[],
): FittedSweepContent {
  const exponents = small.exponents.flatMap((fit) => {
    const own = seeds.find(({ gamma, alpha }) => gamma === fit.gamma.toFixed(3) && alpha === fit.alpha);
    if (!own) return [];
    const { exponents } = own;
    return [
      { ...fit, replicates: { ...fit.replicates!, count: exponents.length, exponents: [...exponents], m: [...fit.m] } },
    ];
  });
  return { experiment: 'small', models: small.models, exponents };
}

test('a number that several figures show is one row, counts once, and is theirs as read most exactly', () => {
  const text = report([
    withSeeds([
      { gamma: '-0.556', alpha: 1.25, exponents: [2, 2.01, 2.02] },
      { gamma: '0.333', alpha: 1.25, exponents: [2, 2.01, 2.02] },
      { gamma: '0.333', alpha: 0.5, exponents: [2, 2.01, 2.02] },
    ]),
  ]);
  const list = text.slice(text.indexOf('### Where'));
  assert.match(list, /3 of the 3 numbers with a spread are outside .* 5% would be, 0\.150 of them/);
  const { exponent } = points.series.strongExponents.rows.find(
    ({ gamma, alpha }) => gamma.toFixed(3) === '-0.556' && alpha === 1.25,
  )!;
  const rows = rowsOf(list).filter((row) => row.includes('αₘ'));
  assert.equal(rows.length, 3);
  assert.ok(rows[0]!.startsWith('| 4b, 6e | αₘ, γ = −0.556, α = 1.25 | 2.01 '), rows[0]);
  assert.ok(rows[0]!.includes(` | ${exponent.toPrecision(3)} | `), rows[0]);
  assert.deepEqual(
    rows.map((row) => row.split(' | ')[0]),
    ['| 4b, 6e', '| 4b', '| 4b, 5b'],
  );
  // The table of figures still has a line for each.
  assert.match(text, /\| 4b \| αₘ \| .* \| 3 of 170 \| 3 \|/);
  assert.match(text, /\| 6e \| αₘ, strong superposition \| .* \| 1 of 51 \| 1 \|/);
});

test('large and small models, and models of other E, are other numbers', () => {
  const all = compareWithPublished(theirs, points);
  const cells = cellsOfSeries(all);
  const count = (figures: string): number => cells.filter((cell) => cell.figures === figures).length;
  // Fig. 7b has 6 widths at 5 densities, and of each density one width is in Fig. 7a.
  assert.deepEqual([count('1b'), count('1d'), count('3a'), count('6c'), count('7a, 7b')], [24, 24, 60, 102, 5]);
  const shown = all.reduce((sum, { points: found }) => sum + found.length, 0);
  assert.equal(
    cells.reduce((sum, { all: series }) => sum + series.length, 0),
    shown,
  );
});

test('one place at another n is another number', () => {
  const [series] = compareWithPublished(theirs, points).filter(({ figure }) => figure === '6e');
  const larger = series!.points.map((point) => ({ ...point, origin: { ...point.origin!, n: 10240 } }));
  assert.equal(cellsOfSeries([series!, series!]).length, 51);
  assert.equal(cellsOfSeries([series!, { ...series!, points: larger }]).length, 102);
});

test('of theirs: E = 1 alone is 10 of 90 points of Fig. 7a and 6 of 30 of Fig. 7b', () => {
  const models = density.models.filter(({ density: level }) => level === 1);
  const text = report([small, { experiment: 'density', models, exponents: [] }]);
  assert.match(text, /\| Figure \| What \| .* \| Ours of theirs \|/);
  assert.match(text, /\| 7a \| loss \| .* \| 10 of 90 \|/);
  assert.match(text, /\| 7b \| loss \| .* \| 6 of 30 \|/);
});

test('a declared cause is in the row of its number, whichever figure names it', () => {
  const sweep = withSeeds([{ gamma: '-0.556', alpha: 1.25, exponents: [2, 2.01, 2.02] }]);
  const place = 'γ = −0.556, α = 1.25';
  const causeIn = (cause: Cause): string | undefined =>
    rowsOf(report([sweep], [cause]))
      .find((row) => row.startsWith('| 4b, 6e |'))
      ?.split(' | ')
      .at(-1);
  assert.equal(causeIn({ figure: '4b', what: 'αₘ', place, cause: 'the seeds' }), 'the seeds |');
  assert.equal(causeIn({ figure: '6e', what: 'αₘ, strong superposition', place, cause: 'the seeds' }), 'the seeds |');
  assert.equal(causeIn({ figure: '4b', what: 'αₘ', place: 'γ = 0.333, α = 1', cause: 'the seeds' }), 'not known |');
  assert.equal(causeIn({ figure: '1d', what: 'αₘ', place, cause: 'the seeds' }), 'not known |');
});

test('each declared cause names a point that the published report of paper has', () => {
  const all = compareWithPublished(readModels(read('reports/paper/models.csv'), fitted), points);
  assert.deepEqual(staleCauses(knownCauses, all), []);
  const there = { figure: '1d', what: 'loss', place: 'γ = −1.00, linear, m = 1024', cause: '' };
  const stale = [
    { ...there, figure: '1b' },
    { ...there, what: 'αₘ' },
    { ...there, place: 'γ = −1.00, linear, m = 1025' },
  ];
  assert.deepEqual(staleCauses([there, ...stale], all), stale);
});

test('each declared cause is what the published table of paper shows', () => {
  const models = readModels(read('reports/paper/models.csv'), fitted).find(
    ({ experiment }) => experiment === 'large',
  )!.models;
  const strong = (law: string, width: number): ModelSummary =>
    models.find(({ frequencies, gamma, m }) => frequencies === law && gamma < 0 && m === width)!;
  for (const law of ['exponential', 'power-law', 'linear']) {
    const { loss, frequency } = strong(law, 1024).lowStart!;
    assert.ok(
      loss > 0.45 && loss < 0.55 && frequency < 0.16,
      `${law}: ${loss} of the loss, ${frequency} of the frequency`,
    );
    assert.ok(strong(law, 256).lowStart!.loss < 0.2, law);
  }
  const { dead, loss, alpha, n } = strong('power-law', 128);
  assert.equal(dead.mostFrequent, 3);
  const weights = Array.from({ length: n }, (_, i) => (i + 1) ** -alpha!);
  const third = weights[2]! / weights.reduce((a, b) => a + b);
  assert.ok(((4 / 3) * third) / loss > 0.5, `${((4 / 3) * third) / loss} of the loss`);
  assert.equal(knownCauses.length, 4, 'each has its numbers here');
});

/** Models of the small sweep with losses e^value, a seed each. */
const seedsAt = (gamma: number, alpha: number, m: number, values: readonly number[]): ModelSummary[] =>
  values.map((value, replicate) => ({ ...small.models[0]!, gamma, alpha, m, replicate, loss: Math.exp(value) }));
const smallOf = (models: readonly ModelSummary[]): FittedSweepContent => ({
  experiment: 'small',
  models: [...models],
  exponents: [],
});
/** Standard deviation 1, 2 and 3. */
const [one, two, three] = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-3, 0, 3],
] as const;

test('a spread is borrowed on the same side of γ = 0, within 0.25 of α, at the nearest m/n, pooled by degrees of freedom', () => {
  const { borrow, rows } = lendSpreads([
    smallOf([
      ...seedsAt(-0.5556, 1, 10, one),
      ...seedsAt(-0.5556, 1.25, 10, [...two, 0]),
      ...seedsAt(-0.5556, 1.25, 100, three),
      ...seedsAt(-0.5556, 1.625, 10, three),
      ...seedsAt(0.3333, 1.25, 10, three),
      ...seedsAt(-1, 1.25, 10, [0, 9]),
    ]),
  ]);
  assert.deepEqual(rows, [-0.5556, 0.3333]);
  const power = { frequencies: 'power-law', n: 1000, m: 10 } as const;
  const strong = borrow('loss', { ...power, gamma: -1, alpha: 1.25 })!;
  assert.deepEqual([strong.degrees, strong.from], [5, 'rows']);
  assert.ok(Math.abs(strong.deviation - Math.sqrt((2 + 8) / 5)) < 1e-12);
  const at = (m: number, n = 1000) => borrow('loss', { ...power, n, m, gamma: -1, alpha: 1.25 })!;
  assert.deepEqual([at(10).degrees, at(100).degrees], [5, 2]);
  // 0.05 is nearer to 0.1 than to 0.01, by ratio.
  assert.deepEqual([Math.round(at(100).deviation), at(512, 10240).degrees, at(16, 10240).degrees], [3, 2, 5]);
  // α = 1 is 0.25 away; 1.625 is not.
  assert.equal(borrow('loss', { ...power, gamma: -1, alpha: 0.75 })!.degrees, 2);
  assert.equal(borrow('loss', { ...power, gamma: -1, alpha: 0.7 }), undefined);
  const weak = borrow('loss', { ...power, gamma: 1, alpha: 1.25 })!;
  assert.deepEqual([weak.degrees, Math.round(weak.deviation)], [2, 3]);
  // A law without α: those of at most 1.
  assert.equal(borrow('loss', { frequencies: 'linear', alpha: null, gamma: -1, n: 10240 })!.degrees, 2);
  assert.equal(borrow('loss', { frequencies: 'linear', alpha: null, gamma: 1, n: 10240 }), undefined);
});

test('a curve that has seeds at other m lends its own spread, and exponents those of near cells', () => {
  const linear = large.models.filter(({ frequencies, gamma, m }) => frequencies === 'linear' && gamma < 0 && m === 8);
  const seeds = two.map((value, replicate) => ({ ...linear[0]!, replicate, loss: Math.exp(value) }));
  const rows = smallOf(seedsAt(-0.5556, 1, 10, one));
  const { borrow } = lendSpreads([rows, { experiment: 'large', models: seeds, exponents: [] }]);
  const { frequencies, alpha, gamma, n } = linear[0]!;
  const own = borrow('loss', { frequencies, alpha, gamma, n })!;
  assert.deepEqual([own.from, own.degrees, Math.round(own.deviation)], ['curve', 2, 2]);
  assert.equal(borrow('loss', { frequencies: 'exponential', alpha, gamma, n })!.from, 'rows');
  const exponents = lendSpreads([withSeeds([{ gamma: '-0.556', alpha: 1.25, exponents: three }])]);
  const near = { frequencies: 'power-law', alpha: 1.5, gamma: -1, n: 1000 } as const;
  assert.equal(Math.round(exponents.borrow('exponent', near)!.deviation), 3);
  assert.equal(exponents.borrow('exponent', { ...near, gamma: 1 }), undefined);
});

/**
 * The authors' strong large models times a factor each, and seeds of the small sweep at α = 1 and 1.25, of spread 0.1.
 */
function listOf(factorAt: (model: ModelSummary) => number): string {
  const models = large.models.filter(({ gamma }) => gamma < 0);
  const near = one.map((value) => value / 10);
  const text = report(
    [
      smallOf([...seedsAt(-0.5556, 1, 10, near), ...seedsAt(-0.5556, 1.25, 10, near)]),
      {
        experiment: 'large',
        models: models.map((model) => ({ ...model, loss: factorAt(model) * model.loss })),
        exponents: [],
      },
    ],
    [],
  );
  return text.slice(text.indexOf('### Without seeds of their own'));
}

test('a number without seeds is listed where it is outside the interval of the spread that it borrows', () => {
  // One more draw about one of ours: 0.1 √2 t, with 4 degrees of freedom at α = 1.2 and 2 for the laws without α.
  const [power, law] = [Math.exp(0.1 * Math.SQRT2 * 2.776), Math.exp(0.1 * Math.SQRT2 * 4.303)];
  const within = (share: number): string => listOf(({ alpha }) => (alpha === null ? law : power) ** share);
  assert.match(within(0.99), /0 of the 24 numbers are outside .* 5% would be, 1\.20 of them\./);
  assert.equal(rowsOf(within(0.99)).length, 0);
  assert.match(within(1.01), /24 of the 24 numbers are outside/);
  const single = listOf(({ m, frequencies }) => (m === 1024 && frequencies === 'linear' ? 0.25 : 1));
  assert.match(single, /1 of the 24 numbers is outside/);
  assert.match(
    single,
    /\| 1d \| loss, γ = −1\.00, linear, m = 1024 \| 0\.\d+ \| 0\.\d+ \| × 0\.250 \| a factor of 1\.11 \(2 degrees of freedom\) \| not known \|/,
  );
});

test('what is borrowed, of which n, is said, and that a row is no finding', () => {
  const text = listOf(() => 1);
  for (const said of [
    'It is **borrowed**',
    'the rows of the small sweep that have seeds (γ = −0.556)',
    'For n = 10240 it comes from n = 1000, and may not hold there.',
    'not a finding',
  ])
    assert.ok(text.includes(said), `${said}\n${text}`);
});

test('the list has the 12 largest differences, the largest first, and counts the rest by figure', () => {
  const text = listOf(({ m }) => 4 + Math.log2(m));
  const rows = rowsOf(text).slice(2);
  assert.equal(rows.length, 12);
  const factors = rows.map((row) => Number(/× ([\d.]+)/.exec(row)![1]));
  assert.deepEqual(factors, [14, 14, 14, 13, 13, 13, 12, 12, 12, 11, 11, 11]);
  assert.match(text, / And 12 more, by figure: 12 in 1d\./);
});

test('at another scale nothing is borrowed', () => {
  const models = small.models.map((model) => ({ ...model, n: 256 }));
  const exponents = withSeeds([{ gamma: '-0.556', alpha: 1.25, exponents: three }]).exponents;
  const others = small.exponents.map((fit) => ({ ...fit, n: 256 }));
  const text = report([{ experiment: 'small', models, exponents: [...exponents, ...others] }]);
  assert.match(text, /The scale is another one/);
  assert.doesNotMatch(text, /borrowed/);
});
