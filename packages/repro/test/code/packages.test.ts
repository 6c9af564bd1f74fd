import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { refuseEditedPackages } from '../../src/code/edited-packages.ts';
import { isShared } from '../../src/code/inlined-packages.mjs';
import { mayLoadToo } from '../../src/code/packages.mjs';
import { loadStageCode } from '../../src/code/stage-code.ts';
import type { StageCode } from '../../src/code/stage-code.ts';
import { InputError } from '../../src/errors.ts';
import type { StageDeclaration } from '../../src/graph/stage.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const stage: StageDeclaration = { name: 'fit', summary: '', params: Type.Object({}), inputs: {}, outputs: {} };
const lockEntries = {
  'node_modules/adder': { version: '8.0.1', integrity: 'sha512-locked', dependencies: { carry: '*', extra: '*' } },
  'node_modules/carry': { version: '2.0.0', integrity: 'sha512-carry' },
  'node_modules/extra': { version: '1.0.0', integrity: 'sha512-extra', optional: true },
  'node_modules/unused': { version: '3.0.0', integrity: 'sha512-unused' },
  'node_modules/near': { resolved: 'near', link: true },
  near: { version: '0.0.0' },
};

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
  put('package.json', '{"type":"module"}');
  put('stages/fit/run.ts', `import { sum } from 'adder';\nexport const run = async () => sum(1, 2);`);
  put('package-lock.json', lockText());
  put('node_modules/.package-lock.json', lockText());
  for (const [name, version] of [
    ['adder', '8.0.1'],
    ['carry', '2.0.0'],
    ['unused', '3.0.0'],
  ] as const)
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, version }));
});
afterEach(() => directory[Symbol.dispose]());

function put(name: string, text: string): void {
  const path = join(directory.path, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function lockText(changes: Readonly<Record<string, object>> = {}): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...lockEntries, ...changes } });
}

const load = (): Promise<StageCode> => loadStageCode(directory.path, stage, undefined);
const refused = (message: string): Promise<void> => assert.rejects(load(), new InputError(message));

test('packages count by version and integrity', async () => {
  const first = await load();
  assert.deepEqual(first.packages, {
    adder: '8.0.1 sha512-locked',
    carry: '2.0.0 sha512-carry',
    extra: '1.0.0 sha512-extra',
  });
  const other = { 'node_modules/carry': { version: '2.0.0', integrity: 'sha512-other' } };
  put('package-lock.json', lockText(other));
  put('node_modules/.package-lock.json', lockText(other));
  assert.notEqual((await load()).digest, first.digest);
});

test('an installed package of another version than the locked one is refused, before and after a good load', async () => {
  const edited = JSON.stringify({ name: 'adder', version: '7.0.0' });
  put('node_modules/adder/package.json', edited);
  const message = 'package adder: installed 7.0.0, package-lock.json says 8.0.1: run npm ci';
  await refused(message);
  put('node_modules/adder/package.json', JSON.stringify({ name: 'adder', version: '8.0.1' }));
  await load();
  put('node_modules/adder/package.json', edited);
  await refused(message);
});

test('so is one that another depends on, one that is missing, and one of other bytes', async () => {
  put('node_modules/carry/package.json', '{"version":"1.9.0"}');
  await refused('package carry: installed 1.9.0, package-lock.json says 2.0.0: run npm ci');
  rmSync(join(directory.path, 'node_modules/carry'), { recursive: true });
  await refused('package carry: not installed, package-lock.json says 2.0.0: run npm ci');
  put('node_modules/carry/package.json', '{"version":"2.0.0"}');
  put(
    'node_modules/.package-lock.json',
    lockText({ 'node_modules/carry': { version: '2.0.0', integrity: 'sha512-other' } }),
  );
  await refused(
    'package carry: installed 2.0.0 (sha512-other), package-lock.json says 2.0.0 (sha512-carry): run npm ci',
  );
});

test('a lock that moved on without npm ci is refused', async () => {
  await load();
  put('package-lock.json', lockText({ 'node_modules/adder': { version: '8.1.0', integrity: 'sha512-newer' } }));
  await refused('package adder: installed 8.0.1, package-lock.json says 8.1.0: run npm ci');
});

test('builds for one platform only do not count, unless they are imported', async () => {
  const lock = (version: string): string =>
    lockText({
      'node_modules/carry': { version: '2.0.0', integrity: 'sha512-carry', optionalDependencies: { linux: '*' } },
      'node_modules/linux': { version, os: ['linux'], optional: true },
    });
  const loadWith = async (version: string): Promise<StageCode> => {
    for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) put(name, lock(version));
    put('node_modules/linux/package.json', JSON.stringify({ version }));
    return load();
  };
  assert.equal((await loadWith('1.0.0')).digest, (await loadWith('1.0.1')).digest);
  put('stages/fit/run.ts', `import { fast } from 'linux';\nexport const run = async () => fast();`);
  assert.notEqual((await loadWith('1.0.0')).digest, (await loadWith('1.0.1')).digest);
  put('stages/fit/run.ts', `import { join } from 'node:path';\nexport const run = async () => join('a', 'b');`);
  assert.deepEqual((await load()).packages, {});
});

test('what the stage does not use may differ', async () => {
  put('node_modules/unused/package.json', '{"version":"0.0.1"}');
  await load();
});

test('a linked package counts by its content: a changed, a new and a removed file change the digest', async () => {
  put('stages/fit/run.ts', `import { sum } from 'near';\nexport const run = async () => sum(1, 2);`);
  put('near/package.json', '{"version":"0.0.0"}');
  put('near/index.js', 'export const sum = (a, b) => a + b;');
  const digests = [(await load()).digest];
  put('near/index.js', 'export const sum = (a, b) => a - b;');
  digests.push((await load()).digest);
  put('near/data.json', '{}');
  digests.push((await load()).digest);
  assert.equal(new Set(digests).size, 3);
  rmSync(join(directory.path, 'near/data.json'));
  assert.equal((await load()).digest, digests[1]);
});

test('without a lock a package counts by its content, and so does what it depends on', async () => {
  for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) rmSync(join(directory.path, name));
  put('node_modules/adder/package.json', '{"name":"adder","version":"8.0.1","dependencies":{"carry":"*"}}');
  put('node_modules/adder/node_modules/carry/package.json', '{"name":"carry","version":"2.5.0"}');
  const seen = new Set<string>();
  const packages = async (): Promise<StageCode['packages']> => {
    const code = await load();
    seen.add(code.digest);
    return code.packages;
  };
  const [adder, carry] = Object.entries(await packages());
  assert.match(adder!.join(' '), /^adder 8\.0\.1 content [0-9a-f]{64}$/);
  assert.match(carry!.join(' '), /^adder\/node_modules\/carry 2\.5\.0 content/);
  put('node_modules/adder/index.js', 'export const sum = (a, b) => a + b;');
  await packages();
  put('node_modules/adder/node_modules/carry/index.js', '1');
  await packages();
  put('node_modules/adder/node_modules/carry/index.js', '2');
  assert.deepEqual(Object.keys(await packages()), ['adder', 'adder/node_modules/carry']);
  rmSync(join(directory.path, 'node_modules/adder/node_modules'), { recursive: true });
  assert.deepEqual(Object.keys(await packages()), ['adder', 'carry']);
  assert.equal(seen.size, 5);
  put('node_modules/.package-lock.json', lockText());
  assert.deepEqual(await packages(), { adder: '8.0.1 sha512-locked', carry: '2.0.0 sha512-carry' });
});

test('a workspace has the lock of the project above', async () => {
  put('package-lock.json', lockText({ member: {} }));
  put('member/stages/fit/run.ts', `import { sum } from 'adder';\nexport const run = async () => sum(1, 2);`);
  const member = (): Promise<StageCode> => loadStageCode(join(directory.path, 'member'), stage, undefined);
  assert.equal((await member()).packages['adder'], '8.0.1 sha512-locked');
  put('node_modules/adder/package.json', '{"version":"7.0.0"}');
  await assert.rejects(member(), /adder: installed 7\.0\.0/);
});

test('a package that is edited in place is refused, however its times are set; a copy or a new version is not', () => {
  const of = (packages: Readonly<Record<string, string>>) => (): void => refuseEditedPackages(directory.path, packages);
  const used = of({ adder: '8.0.1 sha512-locked', carry: '2.0.0 sha512-carry', numpy: '2.1.0' });
  const file = join(directory.path, 'node_modules/adder/index.js');
  put('node_modules/adder/index.js', 'export const sum = (a, b) => a + b;');
  put('node_modules/adder/README.md', 'Adds.');
  put('node_modules/adder/node_modules/inner/index.js', '1');
  used();
  put('node_modules/adder/README.md', 'Adds up.');
  put('node_modules/adder/node_modules/inner/index.js', '2');
  used();
  // The same bytes in another file, as after a copy of the project.
  rmSync(file);
  put('node_modules/adder/index.js', 'export const sum = (a, b) => a + b;');
  used();

  const { atime, mtime } = statSync(file);
  put('node_modules/adder/index.js', 'export const sum = (a, b) => a - b;');
  utimesSync(file, atime, mtime);
  const message = 'after the package was first used, and its version does not say so: run npm ci';
  assert.throws(used, new InputError(`package adder: index.js was edited ${message}`));
  assert.throws(used, InputError, 'and again');
  rmSync(file);
  assert.throws(used, new InputError(`package adder: index.js was removed ${message}`));
  of({ adder: '8.0.2 sha512-other' })();
  put('node_modules/adder/more.cjs', '');
  assert.throws(of({ adder: '8.0.2 sha512-other' }), new InputError(`package adder: more.cjs appeared ${message}`));
});

test('a package may be loaded besides by a part of it, by one that depends on it, and by any where no lock says', () => {
  const may = (...imports: string[]): boolean => mayLoadToo(directory.path, imports, 'carry');
  assert.equal(may('carry', 'unused', 'node:fs', 'file:///bundle/index.mjs'), false);
  assert.equal(may('carry', 'carry/part'), true);
  assert.equal(may('carry', 'adder'), true);
  rmSync(join(directory.path, 'package-lock.json'));
  assert.equal(may('carry', 'node:fs'), false);
  assert.equal(may('carry', 'unused'), true);
});

test('a project shares a package with the build system only if both find the same one', () => {
  assert.equal(isShared(process.env['REPRO_TEST_ROOT']!), true);
  assert.equal(isShared(directory.path), false);
  put('node_modules/@sinclair/typebox/package.json', '{"name":"@sinclair/typebox","version":"0.33.0"}');
  assert.equal(isShared(directory.path), false);
});
