import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../src/graph/digest.ts';
import { BlobIndex } from '../../src/store/blob-index.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const nobody = 65534;

test('where nothing may be written, what was verified is not remembered, and nothing fails', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'blob-index');
  const index = new BlobIndex(path);
  index.remember(sha256('blob'), statSync(directory.path));
  chmodSync(directory.path, 0o555);
  const root = process.geteuid?.() === 0;
  // Permissions do not bind root.
  if (root) process.seteuid!(nobody);
  try {
    index.save();
  } finally {
    if (root) process.seteuid!(0);
    chmodSync(directory.path, 0o755);
  }
  assert.ok(!existsSync(path));
});
