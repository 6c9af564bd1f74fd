import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judge, partId } from 'repro/claims';
import type { Part, Quantity } from 'repro/claims';
import { readModels } from '../../../bench/checks/read-models.ts';
import type { FitRange } from '../../../stages/toy/fit-exponents/fit.ts';
import { publishedSources } from '../../../stages/report/claims/published-sources.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import { closestToNoSuperposition } from '../../../stages/toy/closest-to-no-superposition.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { claims } from './ideal-sweeps.ts';
import { authors, further, grounds } from './reasons.ts';
import type { Ground, Stored } from './reasons.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const tables: Readonly<Record<Exclude<Stored, 'authors'>, string>> = {
  quick: read('reports/quick/models.csv'),
  paper: read('reports/paper/models.csv'),
  'paper-cpu': read('test/stages/report/stored-values/paper-cpu.csv'),
};
const quantities = [...vocabulary.quantities, ...further] as readonly Quantity<Sources>[];

/** From which m on the curves of large models are fitted. */
const { fitted } = (JSON.parse(read('params/paper.json')) as { large: { fitted: FitRange[] } }).large;

function ofTable(text: string): Sources {
  const nothing = { random: undefined, languageModels: undefined, sizes: undefined, heads: undefined };
  return { sweeps: readModels(text, fitted), ...nothing, readsModels: false, losses: undefined, tokens: undefined };
}

const stored: Readonly<Record<Stored, Sources>> = {
  quick: ofTable(tables.quick),
  paper: ofTable(tables.paper),
  'paper-cpu': ofTable(tables['paper-cpu']),
  authors: publishedSources(authors),
};

const partOf = (ground: Ground): Part => ({ experiment: 'small', design: 1, why: '', ...ground });

function judgeGround(ground: Ground, sources: Readonly<Record<Stored, Sources>>) {
  const quantity = quantities.find(({ id }) => id === ground.quantity)!;
  return judge(partOf(ground), quantity.measure(partOf(ground), sources[ground.of]), { enough: false });
}

const all = Object.entries(grounds).flatMap(([where, sentences]) =>
  sentences.flatMap(([sentence, found]) => found.map((ground) => ({ name: `${where}: ${sentence}`, ground }))),
);

test('a reason says what its grounds say, sentence by sentence, and nothing else', () => {
  const reasons = claims.flatMap(({ id, parts }) =>
    parts.flatMap(({ acknowledged }, i) =>
      Object.entries(acknowledged ?? {}).map(([set, { reason }]) => [`${id} ${partId(i)} ${set}`, reason] as const),
    ),
  );
  const told = Object.entries(grounds).map(
    ([where, sentences]) => [where, sentences.map(([sentence]) => sentence).join(' ')] as const,
  );
  assert.deepEqual(Object.fromEntries(reasons), Object.fromEntries(told));
});

test('every sentence of a reason holds of the stored values', () => {
  const wrong = all.flatMap(({ name, ground }) => {
    const { verdict, measured, note } = judgeGround(ground, stored);
    return verdict === 'reproduced' ? [] : [`${name}\n  ${ground.quantity}: measured ${measured}. ${note}`];
  });
  assert.deepEqual(wrong, []);
});

test('each finding that is acknowledged has its verdict, and a value in its range, by the stored values', () => {
  for (const { id, parts } of claims)
    parts.forEach((part, i) => {
      for (const [set, { verdict, low = -Infinity, high = Infinity }] of Object.entries(part.acknowledged ?? {})) {
        const quantity = quantities.find((known) => known.id === part.quantity)!;
        const found = judge(part, quantity.measure(part, stored[set as Stored]));
        assert.equal(found.verdict, verdict, `${id} ${partId(i)} ${set}`);
        assert.ok(found.measured! >= low && found.measured! <= high, `${id} ${partId(i)} ${set}: ${found.measured}`);
      }
    });
});

test('all of Fig. 5b, by the authors’ points, lie at γ ≤ 5/9, and five of our nine cells at γ ≥ 7/9', () => {
  const gammas = (of: Stored): number[] => {
    const sweep = stored[of].sweeps.find(({ experiment }) => experiment === 'small')!;
    return closestToNoSuperposition(sweep.exponents).map(({ gamma }) => gamma);
  };
  assert.deepEqual([gammas('authors').length, gammas('authors').filter((gamma) => gamma > 0.56).length], [9, 0]);
  assert.deepEqual([gammas('paper').length, gammas('paper').filter((gamma) => gamma > 0.77).length], [9, 5]);
});

/** Column of models.csv that a quantity is made of. */
const columns: Readonly<Record<string, string>> = {
  'represented-alpha-correlation': 'representedFraction',
  'norm-valley': 'normDensityAtOne',
  'strong-rank-p': 'strongRankTestP',
  'weak-overlap': 'weakOverlapMeanSquare',
  'weak-overlap-slope': 'weakOverlapMeanSquare',
  'dead-of-weak': 'deadOfWeak',
  'dead-lower-bias': 'deadLowerInitialBias',
  'dead-less-frequent': 'deadLessFrequent',
  'dead-loss-share': 'deadLoss',
  'dead-most-frequent': 'deadMostFrequent',
  'unrepresented-loss-factor': 'unrepresentedLoss',
  'closest-error-moderate-decay': 'loss',
  'closest-error-strong-decay': 'loss',
  'exponent-alpha-slope': 'loss',
  'weak-less-strong-slope': 'weakLoss',
  'beyond-reach-share': 'beyondReachLoss',
  'beyond-reach-loss': 'beyondReachLoss',
  'low-start-loss': 'lowStartLoss',
  'low-start-frequency': 'lowStartFrequency',
  'model-exponent': 'loss',
  'live-overlap-times-width': 'liveOverlapMeanSquare',
  'loss-over-authors': 'loss',
  'live-loss-over-half': 'outputLossLive',
  'dead-loss-over-half': 'outputLossDead',
  'loss-times-width': 'loss',
  'above-twice-in-intervals': 'loss',
  'fit-r2': 'loss',
};

/** Each value of a column turned round within its range, put to one end of it, or with ten times its logarithm. */
const changes: readonly ((value: number, least: number, most: number) => number)[] = [
  (value, least, most) => least + most - value,
  (_, least) => least,
  (_, __, most) => most,
  (value, _, most) => most * (value / most) ** 10,
];
type Change = (typeof changes)[number];

function changeAll(values: readonly (number | undefined)[], change: Change): (number | undefined)[] {
  const known = values.filter((value) => value !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return values.map((value) => value && change(value, least, most));
}

function changeColumn(text: string, experiment: string, column: string, change: Change): string {
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const meant = rows.filter(([of]) => of === experiment);
  const at = head!.indexOf(column);
  const values = changeAll(
    meant.map((row) => (row[at] === '' ? undefined : Number(row[at]))),
    change,
  );
  return [head!, ...meant.map((row, i) => row.with(at, String(values[i] ?? '')))]
    .map((row) => row.join(','))
    .join('\n');
}

const mutated = new Map<string, Sources>();
function mutate({ of, quantity, experiment = 'small' }: Ground, change: Change): Sources {
  if (of === 'authors') {
    const rows = stored.authors.representedCorrelations!;
    const values = changeAll(
      rows.map(({ correlation }) => correlation),
      change,
    );
    return { ...stored.authors, representedCorrelations: rows.map((row, i) => ({ ...row, correlation: values[i]! })) };
  }
  const column = columns[quantity]!;
  const key = [of, experiment, column, changes.indexOf(change)].join(' ');
  const known = mutated.get(key) ?? ofTable(changeColumn(tables[of], experiment, column, change));
  mutated.set(key, known);
  return known;
}

function holds(ground: Ground, sources: Readonly<Record<Stored, Sources>>): boolean {
  try {
    return judgeGround(ground, sources).verdict === 'reproduced';
  } catch (error) {
    // Overlaps that no unit vectors have are refused.
    assert.match(String(error), /measure this model again/);
    return false;
  }
}

test('the values of each ground, changed, no longer bear its sentence', () => {
  const unmoved = all.filter(({ ground }) =>
    changes.every((change) => holds(ground, { ...stored, [ground.of]: mutate(ground, change) })),
  );
  assert.deepEqual(
    unmoved.map(({ name, ground }) => [name, ground.quantity]),
    [],
  );
});

test('paper-cpu: where the published report of paper has the same models, their losses are the same, to what a device rounds', () => {
  const losses = (text: string): Map<string, number> => {
    const [head, ...rows] = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const of = (row: readonly string[], name: string): string => row[head!.indexOf(name)]!;
    return new Map(
      rows
        .filter(
          (row) =>
            of(row, 'experiment') === 'small' &&
            of(row, 'projection') === 'none' &&
            of(row, 'replicate') === '0' &&
            Number(of(row, 'gamma')) < 0,
        )
        .map((row) => [
          [of(row, 'alpha'), of(row, 'm'), Number(of(row, 'gamma')).toFixed(3)].join(' '),
          Number(of(row, 'loss')),
        ]),
    );
  };
  const [theirs, ours] = [losses(tables.paper), losses(tables['paper-cpu'])];
  const apart = [...ours].map(([cell, loss]) => Math.abs(theirs.get(cell)! / loss - 1)).sort((a, b) => a - b);
  assert.ok(apart.length > 100 && apart.at(-1)! < 0.01, `${apart.length} models, the last ${apart.at(-1)} apart`);
  assert.ok(apart[Math.floor(apart.length / 2)]! < 1e-4);
});
