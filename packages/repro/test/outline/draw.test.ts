import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { table } from '../../src/graph/artifact.ts';
import { buildGraph, source } from '../../src/graph/graph.ts';
import { draw, vegaLite } from '../../src/outline/vega-lite.ts';
import { run } from '../../src/outline/run/draw.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const quantitative = (field: string, more: object = {}): object => ({ field, type: 'quantitative', ...more });
const encoding = { x: { field: 'x', type: 'nominal' }, y: quantitative('y') };
const log = { scale: { type: 'log' } };

/** The rows of a figure that is drawn from tables, its points, and its configuration. */
async function drawn(
  csv: string | readonly string[],
  columns: Readonly<Record<string, string>> = {},
  specification: object = { mark: 'point', encoding },
): Promise<{ rows: unknown[]; points: number; config: Record<string, object> }> {
  using directory = temporaryDirectory();
  const file = (name: string): { path: string } => ({ path: join(directory.path, name) });
  const tables = [csv].flat().map((text, i) => {
    const table = file(`table-${i}.csv`);
    writeFileSync(table.path, text);
    return table;
  });
  await run({
    params: { id: 'a', title: 'A', caption: '', columns, specification },
    inputs: { tables },
    outputs: {
      ...{ specification: file('a.vl.json'), svg: file('a.svg'), png: file('a.png') },
      caption: { ...file('caption.json'), type: 'figure-caption' },
    },
  } as unknown as Parameters<typeof run>[0]);
  const { data, config } = JSON.parse(readFileSync(file('a.vl.json').path, 'utf8')) as {
    data: { values: unknown[] };
    config: Record<string, object>;
  };
  const [, marks = ''] = /mark-symbol.*?>(.*?)<\/g>/s.exec(readFileSync(file('a.svg').path, 'utf8')) ?? [];
  return { rows: data.values, points: marks.split('<path ').length - 1, config };
}

test('a cell without a value is not drawn as 0', async () => {
  for (const [cell, columns] of [
    ['', {}],
    ['NA', {}],
    ['NaN', {}],
    ['', { x: 'text', y: 'text' }],
  ] as const) {
    const { rows, points } = await drawn(`x,y\na,${cell}\nb,2\nc,3\n`, columns);
    assert.deepEqual(rows[0], { x: 'a', y: null }, cell);
    assert.equal(points, 2, cell);
  }
  assert.deepEqual((await drawn('x,y\n,1\nb,2\n')).rows[0], { x: '', y: 1 }, 'text may be empty');
});

test('versions, dates and numbers beyond all others are text, and the figure is drawn', async () => {
  for (const cell of ['3.11.7', '2024.01.05', '...', '1e400'])
    assert.deepEqual((await drawn(`x,y\n${cell},1\n2,-.5e1\n`)).rows, [
      { x: cell, y: 1 },
      { x: 2, y: -5 },
    ]);
});

test('an infinite number makes no text of the others of its column', async () => {
  const { rows, points } = await drawn('x,y\na,inf\nb,\nc,-Infinity\nd,4\n');
  assert.deepEqual(
    rows.map((row) => (row as { y: unknown }).y),
    [null, null, null, 4],
  );
  assert.equal(points, 1);
});

test('a byte order mark is not part of the name of the first column', async () => {
  assert.deepEqual((await drawn('\ufeffx,y\na,1\n')).rows, [{ x: 'a', y: 1 }]);
});

test('tables of one figure may have other columns than the first', async () => {
  const layer = [
    { mark: 'point', encoding },
    { mark: 'line', encoding: { ...encoding, y: quantitative('theory') } },
  ];
  assert.deepEqual((await drawn(['x,y\na,1\n', 'x,theory\na,2\n'], {}, { layer })).rows, [
    { x: 'a', y: 1 },
    { x: 'a', theory: 2 },
  ]);
  const other = { layer: [...layer, { mark: 'line', encoding: { y: quantitative('other') } }] };
  await assert.rejects(drawn(['x,y\na,1\n', 'x,theory\na,2\n'], {}, other), /no column "other".*x, y, theory$/);
});

test('what the columns of a figure hold is said by all its tables, by the first first', () => {
  const specification = { mark: 'point', encoding: { x: { field: 'x' }, y: { field: 'label' } } };
  const tables = [
    source('a.csv', table('a', { x: 'number' })),
    source('b.csv', table('b', { x: 'text', label: 'text' })),
  ];
  const { graph } = buildGraph(
    (_, params) => params,
    () => draw('a', vegaLite(specification, tables)),
  );
  assert.deepEqual(graph.nodes[0]!.params['columns'], { x: 'number', label: 'text' });
});

test('a logarithmic axis that would reach 0 or below is refused, and one without rows is not', async () => {
  const y = (more: object): object => ({ ...encoding, y: quantitative('y', more) });
  const specification = { mark: 'point', encoding: y(log) };
  for (const low of ['0', '-1'])
    await assert.rejects(
      drawn(`x,y\na,${low}\nb,100\n`, {}, specification),
      new RegExp(`a logarithmic axis or colour would have the range \\[${low},100\\]`),
    );
  assert.equal((await drawn('x,y\na,1\nb,100\n', {}, specification)).points, 2);
  assert.deepEqual((await drawn('x,y\n', {}, specification)).rows, []);
  const transform = [{ filter: 'datum.y > 0' }];
  assert.equal((await drawn('x,y\na,0\nb,100\n', {}, { ...specification, transform })).points, 1);
  const bars = { mark: 'bar', encoding: y(log) };
  await assert.rejects(drawn('x,y\na,1\nb,100\n', {}, bars), /"stack": null/);
  await drawn('x,y\na,1\nb,100\n', {}, { ...bars, encoding: y({ ...log, stack: null }) });
});

test('a figure that would reach to a point far outside its axes is refused', async () => {
  const specification = {
    mark: { type: 'point' },
    encoding: { ...encoding, y: quantitative('y', { scale: { domain: [100, 200] } }) },
  };
  await assert.rejects(drawn('x,y\na,1e9\n', {}, specification), /it would be [\d.]+ x [\d.]+ pixels: .*"clip": true/);
  await drawn('x,y\na,1e9\n', {}, { ...specification, mark: { type: 'point', clip: true } });
});

test('the configuration of a specification counts, and leaves the rest of the theme', async () => {
  const { config } = await drawn(
    'x,y\na,1\n',
    {},
    { mark: 'point', encoding, config: { axis: { labelFontSize: 20 } } },
  );
  assert.equal((config['axis'] as { labelFontSize: number }).labelFontSize, 20);
  assert.equal((config['axis'] as { labelColor: string }).labelColor, '#222222');
  assert.ok(config['legend']);
});
