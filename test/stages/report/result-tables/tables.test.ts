import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { parquetReadObjects } from 'hyparquet';
import { columnsOf } from '../../../../stages/report/result-tables/columns.ts';
import { csv } from '../../../../stages/report/result-tables/csv.ts';
import { dataPackage } from '../../../../stages/report/result-tables/data-package.ts';
import { parquet } from '../../../../stages/report/result-tables/parquet.ts';
import {
  exponents,
  fitPoints,
  models,
  rowsOf,
  seedExponents,
  tables,
} from '../../../../stages/report/result-tables/tables.ts';
import type { Table } from '../../../../stages/report/result-tables/tables.ts';
import type { FittedSweepContent } from '../../../../stages/toy/artifacts.ts';
import { fitPowerLaw } from '../../../../numerics/statistics/regression.ts';
import { fitSweep, missingModels } from '../../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from '../ideal-sweeps.ts';

/** The table as its file, read again. */
function read(table: Table, sweeps: readonly FittedSweepContent[]): Record<string, string>[] {
  const [head, ...lines] = csv(table.columns, rowsOf(table, sweeps))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map((line) => {
    assert.equal(line.length, head!.length);
    return Object.fromEntries(head!.map((name, i) => [name, line[i]!]));
  });
}

test('every model of every experiment has a row: which it is, then what was measured', () => {
  const { sweeps } = idealSources(({ alpha }) => ({ lossStandardDeviation: alpha === 0 ? 1 / 3 : 0.01 }));
  assert.deepEqual(
    models.columns.slice(0, 17).map(({ name }) => name),
    'experiment frequencies alpha n m density gamma batch steps projection replicate initialBiasMean initialBiasStandardDeviation lossScale epsilon loss lossStandardDeviation'.split(
      ' ',
    ),
  );
  const rows = read(models, sweeps);
  assert.equal(
    rows.length,
    sweeps.reduce((sum, sweep) => sum + sweep.models.length, 0),
  );
  const model = sweeps[0]!.models.find(({ alpha, gamma, m }) => alpha === 0 && gamma === -1 && m === 10)!;
  const row = rows.find(
    ({ experiment, alpha, gamma, m }) => experiment === 'small' && alpha === '0' && gamma === '-1' && m === '10',
  )!;
  assert.equal(Number(row['loss']), Number(model.loss.toPrecision(9)));
  assert.equal(row['lossStandardDeviation'], '0.333333333', 'nine significant digits');
  assert.equal(Number(row['strongOverlapMeanSquare']), Number(model.strongOverlap!.meanSquare.toPrecision(9)));
  assert.equal(row['strongRankTestP'], '', 'a value that does not exist is an empty cell');
  assert.equal(row['normMaximum'], '1.2');
});

const replicates = {
  count: 2,
  exponents: [1, 1.2],
  mean: 1.1,
  standardError: 0.1,
  low: -0.17,
  high: 2.37,
  m: [10, 12, 15],
};

/** The ideal sweeps, with two seeds behind the first fit. */
function withSeeds(): FittedSweepContent[] {
  const [small, ...sweeps] = idealSources().sweeps;
  const [first, ...others] = small!.exponents;
  const again = small!.models
    .filter(({ gamma, alpha, m }) => gamma === first!.gamma && alpha === first!.alpha && replicates.m.includes(m))
    .map((model) => ({ ...model, replicate: 1 }));
  const models = [...small!.models, ...again];
  return [{ ...small!, models, exponents: [{ ...first!, replicates }, ...others] }, ...sweeps];
}

test('every fit has a row, every point of it and every seed behind it one of their own: no cell holds a list', () => {
  const sweeps = withSeeds();
  const fits = read(exponents, sweeps);
  assert.equal(
    fits.length,
    sweeps.reduce((sum, sweep) => sum + sweep.exponents.length, 0),
  );
  const names = ['experiment', 'alpha', 'gamma', 'exponent', 'replicatesCount', 'replicatesLow95'];
  assert.deepEqual(
    names.map((name) => fits[0]![name]),
    ['small', '0', '-1', '1', '2', '-0.17'],
  );
  assert.equal(fits[1]!['replicatesCount'], '');
  const points = read(fitPoints, sweeps);
  assert.deepEqual(
    points.slice(0, 6).map(({ m, everySeed }) => [m, everySeed]),
    [10, 12, 15, 18, 22, 27].map((m) => [String(m), String(m <= 15)]),
  );
  for (const { loss, fittedLoss } of points.slice(0, 6))
    assert.ok(Math.abs(Number(loss) / Number(fittedLoss) - 1) < 1e-6, 'the ideal losses are on their line');
  assert.deepEqual(
    read(seedExponents, sweeps).map(({ replicate, exponent }) => [replicate, exponent]),
    [
      ['0', '1'],
      ['1', '1.2'],
    ],
  );
});

test('a seed that a run did not finish has no part in the points and no row, and the others keep their numbers', () => {
  const [small] = idealSources().sweeps;
  const { alpha, gamma, m: widths } = small!.exponents[0]!;
  const curve = small!.models.filter((model) => model.alpha === alpha && model.gamma === gamma);
  const seeds = [0, 1, 2, 3].flatMap((replicate) =>
    curve.map((model) => ({ ...model, replicate, loss: model.loss * (1 + 0.1 * replicate) ** model.m })),
  );
  const isMissing = ({ replicate, m }: { replicate: number; m: number }) => replicate === 1 && m > widths[0]!;
  const finished = seeds.filter((model) => !isMissing(model));
  const sweep = fitSweep('small', [], finished, missingModels('small', seeds, finished));
  const points = read(fitPoints, [sweep]);
  const line = fitPowerLaw(
    points.map(({ m }) => Number(m)),
    points.map(({ loss }) => Number(loss)),
  );
  assert.ok(Math.abs(-line.slope - sweep.exponents[0]!.exponent) < 1e-7, 'the line through the points is the fit');
  assert.deepEqual(
    read(seedExponents, [sweep]).map(({ replicate }) => replicate),
    ['0', '2', '3'],
  );
});

test('the key of each table tells its rows apart', () => {
  for (const table of tables) {
    const rows = read(table, withSeeds());
    assert.ok(rows.length > 1, table.name);
    assert.equal(new Set(rows.map((row) => table.key.map((name) => row[name]).join())).size, rows.length, table.name);
  }
});

test('every column of every table is described, once, where its type is', () => {
  const { resources } = dataPackage('Some set', tables) as unknown as {
    resources: { path: string; schema: { fields: { name: string; type: string; description: string }[] } }[];
  };
  assert.deepEqual(
    resources.map(({ path }) => path),
    ['models.csv', 'exponents.csv', 'fit-points.csv', 'seed-exponents.csv'],
  );
  for (const { path, schema } of resources) {
    for (const { name, type, description } of schema.fields) {
      assert.ok(description.length > 2, `${path}: ${name}`);
      assert.match(type, /^(string|integer|number|boolean)$/, `${path}: ${name}`);
    }
  }
  const described = resources[0]!.schema.fields.find(({ name }) => name === 'strongOverlapMeanSquare')!.description;
  assert.equal(
    described,
    'Rows with norm above 1, as unit vectors; none with fewer than 2: mean of (w_i · w_j)² over pairs',
  );
  assert.throws(
    () => columnsOf(Type.Object({ a: Type.Object({ b: Type.Number() }, { description: 'A' }) })),
    /^Error: a\.b: it has no description$/,
  );
});

test('text with commas or quotes is quoted', () => {
  const columns = columnsOf(Type.Object({ name: Type.String({ description: 'Any text' }) }));
  assert.equal(csv(columns, [{ name: 'a, "b"' }, { name: 'c' }]), 'name\n"a, ""b"""\nc\n');
});

test('the Parquet tables hold the values of the CSV, with types, and the same bytes each time', async () => {
  const { sweeps } = idealSources(({ alpha }) => ({
    loss: 1 / 3,
    lossStandardDeviation: alpha === 0 ? 1e-12 / 3 : 0.01,
  }));
  for (const table of [models, exponents]) {
    const bytes = parquet(table.columns, rowsOf(table, sweeps));
    assert.deepEqual(parquet(table.columns, rowsOf(table, sweeps)), bytes);
    const { buffer } = bytes;
    const rows = await parquetReadObjects({ file: buffer as ArrayBuffer });
    const written = read(table, sweeps);
    assert.equal(rows.length, written.length);
    rows.forEach((row, i) => {
      for (const { name, type } of table.columns) {
        const value = row[name] as string | number | boolean | null | undefined;
        assert.equal(value === null || value === undefined ? '' : String(value), written[i]![name], name);
        if (type === 'number' && value !== null && value !== undefined) assert.equal(typeof value, 'number', name);
      }
    });
  }
});
