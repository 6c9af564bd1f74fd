import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentTable, modelTable } from '../../../../stages/report/result-tables/tables.ts';
import { idealSources } from '../ideal-sweeps.ts';

const parse = (csv: string): Record<string, string>[] => {
  const [head, ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => {
    assert.equal(row.length, head!.length);
    return Object.fromEntries(head!.map((name, i) => [name, row[i]!]));
  });
};

test('every model of every experiment has a row: which it is, then what was measured', () => {
  const { sweeps } = idealSources(({ alpha }) => ({ lossStandardDeviation: alpha === 0 ? 1 / 3 : 0.01 }));
  const text = modelTable(sweeps);
  assert.match(
    text,
    /^experiment,frequencies,alpha,n,m,density,gamma,batch,steps,projection,replicate,initialBiasMean,initialBiasStandardDeviation,lossScale,epsilon,loss,lossStandardDeviation,/,
  );
  const rows = parse(text);
  assert.equal(
    rows.length,
    sweeps.reduce((sum, { models }) => sum + models.length, 0),
  );
  const model = sweeps[0]!.models.find(({ alpha, gamma, m }) => alpha === 0 && gamma === -1 && m === 10)!;
  const row = rows.find(
    ({ experiment, alpha, gamma, m }) => experiment === 'small' && alpha === '0' && gamma === '-1' && m === '10',
  )!;
  assert.equal(Number(row['loss']), Number(model.loss.toPrecision(6)));
  assert.equal(row['lossStandardDeviation'], '0.333333');
  assert.equal(Number(row['strongOverlapMeanSquare']), Number(model.strongOverlap!.meanSquare.toPrecision(6)));
  assert.equal(row['strongRankTestP'], '', 'a value that does not exist is an empty cell');
  assert.equal(row['normMaximum'], '1.2');
});

test('every fit has a row, with the seeds behind it', () => {
  const { sweeps } = idealSources();
  const replicates = {
    count: 2,
    exponents: [1, 1.2],
    mean: 1.1,
    standardError: 0.1,
    low: -0.17,
    high: 2.37,
    m: [10, 12, 15],
  };
  const [first, ...others] = sweeps[0]!.exponents;
  const rows = parse(exponentTable([{ ...sweeps[0]!, exponents: [{ ...first!, replicates }, ...others] }]));
  assert.equal(rows.length, sweeps[0]!.exponents.length);
  assert.deepEqual(
    [
      'experiment',
      'alpha',
      'gamma',
      'exponent',
      'm',
      'replicatesCount',
      'replicatesLow',
      'replicatesExponents',
      'replicatesM',
    ].map((name) => rows[0]![name]),
    ['small', '0', '-1', '1', '10 12 15 18 22 27', '2', '-0.17', '1 1.2', '10 12 15'],
  );
  assert.equal(rows[1]!['replicatesCount'], '');
});
