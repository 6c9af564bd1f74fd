import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../src/outline/run/draw.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** The rows of a figure that is drawn from a table, and its points. */
async function drawn(
  csv: string,
  columns: Readonly<Record<string, string>> = {},
): Promise<{ rows: unknown[]; points: number }> {
  using directory = temporaryDirectory();
  const file = (name: string): { path: string } => ({ path: join(directory.path, name) });
  writeFileSync(file('table.csv').path, csv);
  const encoding = { x: { field: 'x', type: 'nominal' }, y: { field: 'y', type: 'quantitative' } };
  await run({
    params: { id: 'a', title: 'A', caption: '', columns, specification: { mark: 'point', encoding } },
    inputs: { tables: [file('table.csv')] },
    outputs: {
      ...{ specification: file('a.vl.json'), svg: file('a.svg'), png: file('a.png') },
      caption: { ...file('caption.json'), type: 'figure-caption' },
    },
  } as unknown as Parameters<typeof run>[0]);
  const { data } = JSON.parse(readFileSync(file('a.vl.json').path, 'utf8')) as { data: { values: unknown[] } };
  const [, marks = ''] = /mark-symbol.*?>(.*?)<\/g>/s.exec(readFileSync(file('a.svg').path, 'utf8')) ?? [];
  return { rows: data.values, points: marks.split('<path ').length - 1 };
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
