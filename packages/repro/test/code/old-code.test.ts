import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cacheDirectory } from '../../src/code/bundler.mjs';
import { removeOldCode } from '../../src/code/old-code.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const day = 86_400_000;
const hex = (digit: string, length: number): string => digit.repeat(length);

test('derived code that nothing has used for long goes, and only what has a name that we give', () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const here = cacheDirectory(root);
  const caches = dirname(here);
  const now = Date.now();
  writeFileSync(join(root, 'pipeline.ts'), '');
  const put = (path: string, days: number, text = '{}'): void => {
    mkdirSync(dirname(join(caches, path)), { recursive: true });
    writeFileSync(join(caches, path), text);
    // The folders too, the innermost first.
    const at = new Date(now - days * day);
    for (let each = join(caches, path); each.length > caches.length; each = dirname(each)) utimesSync(each, at, at);
  };
  const used = here.slice(caches.length + 1);
  const [forgotten, gone, moving] = [hex('a', 12), hex('b', 12), hex('c', 12)];
  for (const [project, days, at] of [
    [forgotten, 31, root],
    [gone, 2, join(root, 'gone')],
    [moving, 0.5, join(root, 'gone')],
    [used, 40, root],
  ] as const) {
    put(`${project}/cli-1-2-3/main.mjs`, days, '');
    put(`${project}/stages/${hex('0', 16)}.json`, days, JSON.stringify({ bundle: `${project}-${hex('0', 16)}.mjs` }));
    put(`${project}/cli.json`, days, JSON.stringify({ root: at }));
    put(`all/stages/${project}-${hex('0', 16)}.mjs`, 40, '');
  }
  put(`${forgotten}/notes.txt`, 31, 'of the user');
  put('notes/a.txt', 99);
  put(`all/stages/${hex('1', 16)}.json`, 3, JSON.stringify([{ bundle: `again-${hex('1', 16)}.mjs` }]));
  put(`all/stages/${hex('2', 16)}.json`, 31, JSON.stringify([{ bundle: `old-${hex('2', 16)}.mjs` }]));
  for (const name of ['again-1', 'old-2', 'new-3'])
    put(`all/stages/${name.slice(0, -1)}${hex(name.at(-1)!, 16)}.mjs`, name === 'new-3' ? 5 : 60, '');
  // A bundle may have a map to its sources: it stays and goes with it.
  for (const name of [`again-${hex('1', 16)}`, `old-${hex('2', 16)}`]) put(`all/stages/${name}.mjs.map`, 60, '');
  put(`wasm/${hex('1', 64)}.json`, 3, JSON.stringify([{ wasm: `${hex('3', 64)}.wasm` }]));
  put(`wasm/${hex('2', 64)}.json`, 31, JSON.stringify([{ wasm: `${hex('4', 64)}.wasm` }]));
  put(`wasm/${hex('3', 64)}.wasm`, 60, '');
  put(`wasm/${hex('4', 64)}.wasm`, 60, '');
  put(`wasm/${hex('4', 64)}.json.77`, 2, 'cut o');
  const call = `${hex('1', 16)}-${hex('2', 31)}`;
  for (const [name, days] of Object.entries({ [`${call}3`]: 29, [`${call}4`]: 31, [`${call}5.77`]: 2, 'notes.1': 99 }))
    put(`footprints/${name}`, days);
  // It is used today: the start of a command line touches the folder of its bundle.
  utimesSync(join(here, 'cli-1-2-3'), new Date(now), new Date(now));

  const before = readdirSync(caches, { recursive: true }).length;
  const counted = removeOldCode(root, true, now);
  assert.equal(readdirSync(caches, { recursive: true }).length, before, 'a dry run removes nothing');
  assert.deepEqual(removeOldCode(root, false, now), counted);
  assert.equal(counted.files, 3 + 3 + 2 + 2 + 1 + 3 + 2);

  assert.deepEqual(readdirSync(join(caches, forgotten)), ['notes.txt']);
  assert.ok(!existsSync(join(caches, gone)));
  assert.deepEqual(readdirSync(join(caches, moving)).sort(), ['cli-1-2-3', 'cli.json', 'stages']);
  assert.ok(existsSync(join(here, 'stages', `${hex('0', 16)}.json`)));
  assert.ok(existsSync(join(caches, 'notes/a.txt')));
  assert.deepEqual(readdirSync(join(caches, 'footprints')).sort(), [`${call}3`, 'notes.1']);
  assert.deepEqual(
    readdirSync(join(caches, 'all/stages')).sort(),
    [
      `${hex('1', 16)}.json`,
      `again-${hex('1', 16)}.mjs`,
      `again-${hex('1', 16)}.mjs.map`,
      `new-${hex('3', 16)}.mjs`,
      `${used}-${hex('0', 16)}.mjs`,
      `${moving}-${hex('0', 16)}.mjs`,
    ].sort(),
  );
  assert.deepEqual(readdirSync(join(caches, 'wasm')).sort(), [`${hex('1', 64)}.json`, `${hex('3', 64)}.wasm`]);
  assert.deepEqual(removeOldCode(root, false, now), { files: 0, bytes: 0 });
});
