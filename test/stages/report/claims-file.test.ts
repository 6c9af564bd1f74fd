import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { claimsSchema } from 'repro';
import type { Part, Selection } from 'repro/claims';
import { selects } from 'repro/claims';
import { gridValues } from '../../../pipeline/parameter-types.ts';
import type { Grid } from '../../../pipeline/parameter-types.ts';
import { coordinates } from '../../../stages/report/claims/coordinates.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { claims } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** "-5/9" is a number of the parameters. */
function withFractions(_: string, value: unknown): unknown {
  const [, above, below] = (typeof value === 'string' && /^(-?\d+)\/(\d+)$/.exec(value)) || [];
  return above !== undefined && below !== undefined ? Number(above) / Number(below) : value;
}

test('the claims of the paper are well formed, and the published schema is that of the code', () => {
  assert.equal(claims.length, 36);
  assert.deepEqual(
    readJson('params/claims.schema.json'),
    JSON.parse(JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...claimsSchema(vocabulary) })),
  );
});

test('claims of the paper and of commentators are told apart by where they are made', () => {
  for (const { id, source, by } of claims)
    assert.equal(by, /blog|summary|ommentar/.test(source) ? 'commentary' : 'paper', id);
});

interface Sweep {
  readonly n: number;
  readonly m: readonly number[];
  readonly alpha: Grid;
  readonly gamma: Grid;
}
const paper = JSON.parse(readFileSync(join(root, 'params/paper.json'), 'utf8'), withFractions) as Readonly<
  Record<'small' | 'wide' | 'breakdown', Sweep>
> & {
  readonly density: Sweep & { readonly density: { readonly levels: number } };
  readonly insensitivity: Sweep & { readonly large: Sweep };
  readonly large: { readonly n: number; readonly m: number[]; readonly distributions: { frequencies: string }[] };
};

const cellsOf = ({ n, m, alpha, gamma }: Sweep) =>
  gridValues(alpha).flatMap((a) =>
    gridValues(gamma).flatMap((g) => m.map((width) => ({ frequencies: 'power-law', alpha: a, gamma: g, n, m: width }))),
  );
type Cell = ReturnType<typeof cellsOf>[number];
const distinctBy = (cells: Cell[], key: (cell: Cell) => unknown): number => new Set(cells.map(key)).size;

/** How many cells the paper's design has for a part about toy models, by what one value of its quantity is about. */
function designOf({ quantity, experiment, cells, against }: Part): number | undefined {
  if (experiment !== 'small' && experiment !== 'wide' && experiment !== 'density' && experiment !== 'unit-norm')
    return undefined;
  const chosen = (selection: Selection | undefined): Cell[] =>
    cellsOf(paper[experiment === 'unit-norm' ? 'small' : experiment]).filter((cell) =>
      selects(cell, selection, coordinates, { measured: false }),
    );
  const all = chosen(cells);
  const fits = (some: Cell[]): number => distinctBy(some, ({ alpha, gamma }) => `${alpha} ${gamma}`);
  if (experiment === 'unit-norm') return distinctBy(all, ({ alpha, m }) => `${alpha} ${m}`);
  if (['represented-alpha-correlation', 'loss-density-slope', 'exponent-density-slope'].includes(quantity))
    return distinctBy(all, ({ gamma }) => gamma);
  if (['weak-overlap-slope', 'strong-loss-slope', 'weak-less-strong-slope'].includes(quantity))
    return distinctBy(all, ({ alpha }) => alpha);
  if (quantity.startsWith('closest')) return 9;
  if (quantity === 'exponent-contrast') return fits(all) + fits(chosen(against));
  return quantity.includes('exponent') ? fits(all) : all.length;
}

test('each part states how many cells the paper’s design has for its rule', () => {
  let checked = 0;
  for (const { id, parts } of claims) {
    parts.forEach((part, i) => {
      const design = designOf(part);
      if (design === undefined) return;
      checked++;
      assert.equal(part.design, design, `${id} ${i}`);
    });
  }
  assert.ok(checked > 30);
  const of = (id: string): number[] => claims.find((claim) => claim.id === id)!.parts.map(({ design }) => design);
  const { m, distributions } = paper.large;
  assert.deepEqual(of('large-strong-exponents'), [
    m.length,
    ...[1, 2].map(() => m.filter((width) => width >= 32).length),
  ]);
  assert.deepEqual(of('one-line'), [distributions.length]);
  const { insensitivity, breakdown } = paper;
  assert.deepEqual(of('insensitivity'), [2 * (cellsOf(insensitivity).length + cellsOf(insensitivity.large).length)]);
  assert.deepEqual(of('breakdown'), [
    breakdown.m.filter((width) => 8 * width <= breakdown.n).length,
    breakdown.m.filter((width) => 2 * width >= breakdown.n).length,
  ]);
});
