import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { firstDifference, isSameOutput } from '../../src/execute/same-bytes.ts';
import type { Determinism } from '../../src/graph/artifact.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const bytes: Determinism = { level: 'bytes' };
const numeric: Determinism = { level: 'numeric', rtol: 1e-6, atol: 0 };
/** More than node reads at once. */
const huge = 2 ** 31 + 4096;

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => void (directory = temporaryDirectory()));
afterEach(() => directory[Symbol.dispose]());

/** Zeros, but for a one at each of these places; takes next to no room. */
function sparse(name: string, size: number, ...ones: readonly number[]): string {
  const path = join(directory.path, name);
  writeFileSync(path, '');
  truncateSync(path, size);
  const fd = openSync(path, 'r+');
  for (const at of ones) writeSync(fd, Buffer.of(1), 0, 1, at);
  closeSync(fd);
  return path;
}

test('files of more than 2 GiB are compared', () => {
  const [a, b] = [sparse('a', huge), sparse('b', huge, 3)];
  assert.equal(firstDifference(a, b), 3);
  for (const determinism of [bytes, numeric]) assert.equal(isSameOutput(determinism, a, b), false);
});

const piece = 1 << 20;
for (const at of [0, piece - 1, piece, 3 * piece + 6]) {
  test(`a difference at byte ${at} is found there`, () => {
    const [a, b] = [sparse('a', 3 * piece + 7), sparse('b', 3 * piece + 7, at)];
    assert.equal(firstDifference(a, b), at);
    assert.equal(isSameOutput(bytes, a, b), false);
  });
}

for (const size of [0, 5, piece, 2 * piece, 2 * piece + 1]) {
  test(`files of ${size} bytes: the same, and differing where one ends`, () => {
    const [a, same, longer] = [sparse('a', size), sparse('b', size), sparse('c', size + 1)];
    assert.equal(firstDifference(a, same), undefined);
    assert.equal(isSameOutput(bytes, a, same), true);
    assert.equal(firstDifference(a, longer), size);
    assert.equal(firstDifference(longer, a), size);
    assert.equal(isSameOutput(bytes, a, longer), false);
  });
}
