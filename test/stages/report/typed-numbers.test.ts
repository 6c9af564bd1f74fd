/**
 * Numbers that somebody typed into the reasons of claims.json (`why`, `effect`, `changes`): each is a constant of the part
 * itself, or is computed here to the digits shown, or is history and says of which commit.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partId } from 'repro/claims';
import type { Quantity } from 'repro/claims';
import { readModels } from '../../../bench/checks/read-models.ts';
import { ln } from '../../../numerics/elementary.ts';
import { welchBoundSquared } from '../../../numerics/geometry/overlaps.ts';
import { mean, median, standardDeviation } from '../../../numerics/statistics/moments.ts';
import { publishedSources } from '../../../stages/report/claims/published-sources.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { claims } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const points = JSON.parse(read('params/published/points.json')) as Parameters<typeof publishedSources>[0];
const paper = JSON.parse(read('params/paper.json')) as {
  small: { n: number; m: number[] };
  large: { fitted: { frequencies: string; superposition: string; minimumM: number }[] };
};
/** As published: standard errors of the parts of a claim. */
const standardErrors = (claim: string): number[] =>
  (JSON.parse(read('reports/quick/claims.json')) as { id: string; parts: { standardError: number }[] }[])
    .find(({ id }) => id === claim)!
    .parts.map(({ standardError }) => standardError);
const { series } = points;
const authors = publishedSources(points);
const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((x) => x * x)));

const r2 = (isPowerLaw: boolean): number[] =>
  series.largeFits.rows
    .filter(({ frequencies, regime }) => (regime === 'strong' || frequencies === 'power-law') === isPowerLaw)
    .map((row) => row.r2);
const alphas = Array.from({ length: 17 }, (_, i) => i / 8);
const ruled = (alpha: number): number => Math.max(1, 2 * (alpha - 1));
const closest = series.exponentsClosestToNoSuperposition.rows;
const { n, m: widths } = paper.small;
const ratios = widths.map((m) => n / m);
/** Mean square overlap of random vectors, 1/m, over Welch's bound of as many as can be strong. */
const randomOverWelch = widths.map((m) => 1 / (m * welchBoundSquared(Math.min(n, Math.floor((m * m) / 2)), m)));
const densities = series.lossesByDensity.rows.map(({ density }) => density);
const densityRange = Math.max(...densities) - Math.min(...densities);
const linesFrom = (frequencies: string): number =>
  paper.large.fitted.find((fit) => fit.frequencies === frequencies && fit.superposition === 'strong')!.minimumM;
const [ofAll, lessEmbeddings] = standardErrors('width-size-families') as [number, number];

/** Medians over the cells, by m, of a quantity of a claim's part. */
function byWidth(quantity: string, gammaAtMost: number): number[] {
  const nothing = { random: undefined, languageModels: undefined, sizes: undefined, heads: undefined };
  const sweeps = readModels(read('test/stages/report/stored-values/paper-cpu.csv'), []);
  const sources = { sweeps, ...nothing, readsModels: false, losses: undefined, tokens: undefined };
  const found = (vocabulary.quantities as readonly Quantity<Sources>[]).find(({ id }) => id === quantity)!;
  return widths.map((m) => {
    const cells = { gamma: { atMost: gammaAtMost }, m: { is: m } };
    const part = { experiment: 'small', design: 1, why: '', quantity, cells, rule: 'median', expectation: {} } as const;
    const evidence = found.measure(part, sources);
    assert.equal(evidence.kind, 'cells');
    return median(evidence.cells.map(({ value }) => value));
  });
}
const biasOverOverlap = byWidth('strong-bias-over-overlap', -0.333);

type Values = Readonly<Record<string, number>>;
/** Text of a number -> what it is. Where a text has it more than once, it is the same number. */
const computed: Readonly<Record<string, Values>> = {
  'large-strong-exponents b why': { '32': linesFrom('power-law') },
  'large-strong-exponents c why': { '32': linesFrom('linear') },
  'large-r2 a why': { '0.964': Math.min(...r2(true)), '0.867': Math.max(...r2(false)) },
  'strong-near-one b why': {
    '0': 0,
    '2': Math.max(...series.exponents.rows.map(({ exponent }) => exponent)),
    '0.16': standardDeviation(
      series.exponents.rows
        .filter(({ gamma, alpha }) => gamma <= -0.333 && alpha <= 1.375)
        .map(({ exponent }) => exponent),
    ),
  },
  'strong-skewed-steeper a effect': { '1.5': alphas.find((alpha) => ruled(alpha + 0.1) > 1)! },
  'exponent-rule a why': {
    '0.18': rootMeanSquare(series.strongExponents.rows.map(({ alpha, exponent }) => exponent - ruled(alpha))),
  },
  'exponent-rule a effect': { '0.33': rootMeanSquare(alphas.map((alpha) => 1 - ruled(alpha))) },
  'decay-tunes-superposition b why': { '10': Math.min(...ratios), '100': Math.max(...ratios) },
  'unlearned-loss a why': { '1.25': 1.25, '0.223': ln(1.25) },
  'weak-exponent a why': { '0.11': mean(closest.map(({ standardError }) => standardError)) },
  'weak-exponent a effect': { '0.43': mean(closest.map(({ alpha }) => Math.abs(0.3 - (alpha - 1)))) },
  'etf-count a why': { '10': Math.min(...ratios), '100': Math.max(...ratios) },
  'strong-overlap a why': { '1.05': Math.min(...randomOverWelch), '1.23': Math.max(...randomOverWelch) },
  'strong-overlap b why': { '1.4': 10 ** 0.15 },
  'density-proportional a why': {
    '7': Math.max(...densities) / Math.min(...densities),
    '2': (Math.max(...densities) / Math.min(...densities)) ** 0.4,
  },
  'density-exponent a why': { '0.3': 0.05 * densityRange },
  'llm-norms b why': { '2': 10 ** 0.3 },
  'width-size-families a why': { '0.07': ofAll, '0.08': lessEmbeddings },
  'small-negative-bias a changes': { '0.5': Math.min(...biasOverOverlap), '1.7': Math.max(...biasOverOverlap) },
};

/** What a text chooses or names, and nothing measured: bounds in other words, a part of a design, a level. */
const chosen: Readonly<Record<string, readonly string[]>> = {
  'strong-near-one a why': ['0.2'],
  'strong-near-one b why': ['0.35'],
  'strong-skewed-steeper a why': ['95%'],
  'exponent-rule a effect': ['1'],
  'exponent-rule-wide a effect': ['0.4'],
  'stronger-is-better a why': ['5%'],
  'decay-tunes-superposition c why': ['0', '1'],
  'preferred-when-uniform a why': ['3', '4'],
  'weak-exponent a effect': ['0.3', '1'],
  'strong-overlap a why': ['25%'],
  'strong-overlap b why': ['0.15'],
  'weak-rows-overlap a why': ['5%', '10'],
  'small-negative-bias a why': ['10'],
  'small-negative-bias a changes': ['3'],
  'loss-decomposition b why': ['95%'],
  'loss-decomposition b changes': ['0'],
  'density-proportional a why': ['0.4'],
  'insensitivity a why': ['10%'],
  'llm-norms b why': ['10'],
  'zipf a why': ['2'],
  'width-size-families a effect': ['0.4', '2.5'],
  'random-geometry b why': ['1%'],
  'random-geometry c why': ['5%'],
  'preferred-when-uniform a changes': ['−1', '9'],
};

/** Without references, formulas and commits, which are no numbers. */
function numbersOf(text: string): string[] {
  const plain = text
    .replace(/\b(Figs?|Eq|App|Sec)\. [A-Z]?\.?\d*(\.\d+)?[a-z]?(, \d+[a-z]?(?![.\d]))*/g, '')
    .replace(/1\/√?m|1\/\(|m²\/2|commit [0-9a-f]{7}/g, '');
  return plain.match(/−?\d+(?:\.\d+)?%?/g) ?? [];
}

const valueOf = (text: string): number =>
  Number(text.replace('−', '-').replace('%', '')) / (text.endsWith('%') ? 100 : 1);
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-4;

/** Every number of a part's own members but of its texts. */
function constantsOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => name !== 'why' && name !== 'acknowledged')
    .flatMap(([, member]) => constantsOf(member));
}

const isOwn = (text: string, constants: readonly number[]): boolean =>
  constants.some((constant) => close(constant, valueOf(text)) || close(-constant, valueOf(text)));

const texts = claims.flatMap(({ id, parts, changes = [] }) => [
  ...parts.flatMap((part, i) => [
    { where: `${id} ${partId(i)} why`, text: part.why, constants: constantsOf(part) },
    { where: `${id} ${partId(i)} effect`, text: part.effect?.why ?? '', constants: constantsOf(part) },
  ]),
  ...changes.map(({ part, reason }) => ({ where: `${id} ${part} changes`, text: reason, constants: [] as number[] })),
]);

test('a typed number is a constant of its part, or chosen, or computed here, or history of a commit', () => {
  const unknown = texts.flatMap(({ where, text, constants }) => {
    const isHistory = /at commit [0-9a-f]{7}.*|\(commit [0-9a-f]{7}\)/.test(text);
    return isHistory
      ? []
      : numbersOf(text)
          .filter((shown) => !isOwn(shown, constants))
          .filter((shown) => !(shown in (computed[where] ?? {})) && !(chosen[where] ?? []).includes(shown))
          .map((shown) => `${where}: ${shown} in "${text}"`);
  });
  assert.deepEqual(unknown, []);
});

test('what is computed is the number shown, to its digits, and is in its text', () => {
  for (const [where, values] of Object.entries(computed)) {
    const found = texts.find((one) => one.where === where);
    assert.ok(found, where);
    for (const [shown, value] of Object.entries(values)) {
      assert.ok(numbersOf(found.text).includes(shown), `${where}: no ${shown} in "${found.text}"`);
      const digits = shown.split('.')[1]?.length ?? 0;
      assert.ok(Math.abs(value - Number(shown)) <= 0.5 * 10 ** -digits + 1e-9, `${where}: ${shown} is ${value}`);
    }
  }
  for (const [where, shown] of Object.entries(chosen))
    for (const number of shown)
      assert.ok(numbersOf(texts.find((one) => one.where === where)!.text).includes(number), `${where}: ${number}`);
});

test('odds that are said of random vectors and of Fig. 3b are so', () => {
  // Seven tests at p > 0.01 fail a true law one time in fifteen.
  assert.equal(Math.round(1 / (1 - 0.99 ** 7)), 15);
  // 1% is about ten standard errors of the mean of cos² over two million pairs: its relative variance is near 2.
  assert.ok(Math.abs(0.01 / Math.sqrt(2 / 2e6) - 10) < 0.5);
  const { rows } = series.representedCorrelations;
  assert.deepEqual([rows.filter(({ correlation }) => correlation > -0.9).length, rows.length], [3, 8]);
  assert.ok(authors.representedCorrelations);
});
