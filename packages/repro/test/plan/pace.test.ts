import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { paceName, readPaces, secondsPerCost, withNode, writePaces } from '../../src/plan/pace.ts';
import type { Pace } from '../../src/plan/pace.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

function paceOf(samples: readonly (readonly [cost: number, seconds: number])[]): Pace {
  return samples.reduce<Pace | undefined>((pace, [cost, seconds]) => withNode(pace, cost, seconds), undefined)!;
}

test('nodes of one rate have that rate, however many', () => {
  for (const count of [1, 5, 200]) {
    const pace = paceOf(Array.from({ length: count }, (_, i) => [i + 1, 0.5 * (i + 1)] as const));
    assert.ok(Math.abs(secondsPerCost(pace) - 0.5) < 1e-12);
    assert.equal(pace.nodes, count);
    assert.equal(pace.largestCost, count);
  }
});

test('many small nodes, most of whose time is starting, do not outweigh a large one', () => {
  const small = Array.from({ length: 10 }, () => [1, 1] as const);
  assert.ok(secondsPerCost(paceOf([...small, [1000, 10]])) < 0.02);
  assert.ok(secondsPerCost(paceOf([[1000, 10], ...small])) < 0.05);
});

test('a machine that became twice as slow is known to be so after some tens of nodes', () => {
  const before = Array.from({ length: 500 }, () => [10, 10] as const);
  const after = Array.from({ length: 60 }, () => [10, 20] as const);
  assert.ok(secondsPerCost(paceOf([...before, ...after])) > 1.9);
});

test('what makes no rate is left out', () => {
  for (const [cost, seconds] of [
    [0, 1],
    [-1, 1],
    [NaN, 1],
    [Infinity, 1],
    [1, 0],
  ] as const) {
    assert.equal(withNode(undefined, cost, seconds), undefined);
  }
});

test('paces are kept by stage and numeric class; a damaged file is none', () => {
  using directory = temporaryDirectory();
  assert.equal(readPaces(directory.path).size, 0);
  const paces = new Map([
    [paceName('train', 'wasm'), paceOf([[1, 2]])],
    [paceName('fit', undefined), paceOf([[1, 3]])],
  ]);
  writePaces(directory.path, paces);
  assert.deepEqual(readPaces(directory.path), new Map([...paces].sort()));
  for (const text of ['', '{', '{"a": null}', '{"a": {"seconds": "x"}}']) {
    writeFileSync(join(directory.path, 'paces.json'), text);
    assert.equal(readPaces(directory.path).size, 0);
  }
});
