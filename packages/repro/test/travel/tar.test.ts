import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseHeader, tarHeader } from '../../src/travel/tar.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('a file may have any size', () => {
  for (const size of [0, 1, 2 ** 33 - 1, 2 ** 33, 5 * 2 ** 40 + 7, Number.MAX_SAFE_INTEGER])
    assert.deepEqual(parseHeader(tarHeader({ name: 'cas/a', size })), { name: 'cas/a', size });
  const odd = tarHeader({ name: 'a', size: 2 ** 33 });
  odd.fill(0xff, 125, 136);
  assert.throws(() => parseHeader(odd), /a header cannot be read/);
});

test('tar reads the size of a file above 8 GiB', () => {
  using directory = temporaryDirectory();
  const archive = join(directory.path, 'large.tar');
  const size = 2 ** 33 + 512;
  writeFileSync(archive, tarHeader({ name: 'weights.bin', size }));
  // Of zeros that take no place on the disk.
  truncateSync(archive, 512 + size + 1024);
  const { stdout, status } = spawnSync('tar', ['-tvf', archive], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(` ${size} .* weights\\.bin\\n$`));
});
