import assert from 'node:assert/strict';
import fs, { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectGarbage } from '../../src/maintenance/collect-garbage.ts';
import { sha256 } from '../../src/graph/digest.ts';
import { Store } from '../../src/store/store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('of an environment that a gc was removing when it was ended, nothing is left under its name', async () => {
  using directory = temporaryDirectory();
  const store = new Store(directory.path);
  const environments = join(directory.path, 'environments');
  const name = sha256('an environment');
  mkdirSync(join(environments, name, 'bin'), { recursive: true });
  for (const file of ['bin/python', 'requirements.txt']) writeFileSync(join(environments, name, file), '');

  const { rmSync } = fs;
  const setRemove = (remove: typeof rmSync): void => {
    Object.assign(fs, { rmSync: remove });
    syncBuiltinESMExports();
  };
  setRemove((path, options) => {
    if (!String(path).startsWith(environments)) return rmSync(path, options);
    rmSync(join(String(path), 'requirements.txt'));
    throw new Error('ended');
  });
  try {
    await assert.rejects(collectGarbage(store, 1, false), /ended/);
  } finally {
    setRemove(rmSync);
  }
  assert.equal(readdirSync(environments).length, 1);
  assert.ok(!readdirSync(environments).includes(name), 'half of an environment would be used as a whole one');
  await collectGarbage(store, 1, true);
  assert.equal(readdirSync(environments).length, 1);
  await collectGarbage(store, 1, false);
  assert.deepEqual(readdirSync(environments), []);
  store.close();
});

test('what a killed head was writing among the claims of a cluster is removed, and no claim', async () => {
  using directory = temporaryDirectory();
  const store = new Store(directory.path);
  const claims = join(directory.path, 'cluster', 'claims');
  mkdirSync(claims, { recursive: true });
  for (const name of ['tmp-20965-feeb1fed47bd', sha256('a key')]) writeFileSync(join(claims, name), 'a job');
  await collectGarbage(store, 1, false);
  assert.deepEqual(readdirSync(claims), [sha256('a key')]);
  store.close();
});
