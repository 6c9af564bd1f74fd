import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Type } from '@sinclair/typebox';
import { cacheDirectory } from '../../src/code/bundler.mjs';
import { loadStageCode } from '../../src/code/stage-code.ts';
import type { StageDeclaration } from '../../src/graph/stage.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const stage: StageDeclaration = { name: 'fit', summary: '', params: Type.Object({}), inputs: {}, outputs: {} };
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
  symlinkSync(join(process.env['REPRO_TEST_ROOT']!, 'node_modules'), join(directory.path, 'node_modules'), 'junction');
});
afterEach(() => {
  rmSync(cacheDirectory(directory.path), { recursive: true, force: true });
  directory[Symbol.dispose]();
});

function put(name: string, text: string): void {
  const path = join(directory.path, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What the stage computes, by the code that is loaded for it. */
async function value(): Promise<number> {
  // Of files that were changed a moment ago the code is made anew in any case.
  await setTimeout(60);
  const { bundlePath } = await loadStageCode(directory.path, stage, undefined);
  return ((await import(pathToFileURL(bundlePath).href)) as { run: () => Promise<number> }).run();
}

const returning = (specifier: string): string =>
  `import { value } from '${specifier}';\nexport const run = async () => value;`;
const constant = (n: number): string => `export const value = ${n};`;
/** Things that an edit can do to what an import means, without touching a file that was read: from 1 to 2. */
const cases: Record<string, { before: Record<string, string>; after: () => void }> = {
  'a file that answers before a folder': {
    before: { 'stages/fit/run.ts': returning('../../lib/helper'), 'lib/helper/index.ts': constant(1) },
    after: () => put('lib/helper.ts', constant(2)),
  },
  'a file with an ending that answers first': {
    before: { 'stages/fit/run.ts': returning('../../lib/helper'), 'lib/helper.js': constant(1) },
    after: () => put('lib/helper.ts', constant(2)),
  },
  'a file that tsconfig.json puts before a package': {
    before: {
      'stages/fit/run.ts': `import * as all from 'hyparquet';\nexport const run = async () => all['value'] ?? 1;`,
      'tsconfig.json': '{"compilerOptions": {"baseUrl": "."}}',
    },
    after: () => put('hyparquet.ts', constant(2)),
  },
  'a file that a map of tsconfig.json puts before a package': {
    before: {
      'stages/fit/run.ts': `import * as all from 'hyparquet';\nexport const run = async () => all['value'] ?? 1;`,
      'tsconfig.json': '{"compilerOptions": {"paths": {"hypar*": ["./lib/*"]}}}',
    },
    after: () => put('lib/quet/index.ts', constant(2)),
  },
  'the package.json of a folder that is imported': {
    before: { 'stages/fit/run.ts': returning('../../lib'), 'lib/index.ts': constant(1), 'lib/other.ts': constant(2) },
    after: () => put('lib/package.json', '{"main": "./other.ts"}'),
  },
  'a map of imports in package.json': {
    before: {
      'stages/fit/run.ts': returning('#value'),
      'package.json': '{"imports": {"#value": "./one.ts"}}',
      'one.ts': constant(1),
      'two.ts': constant(2),
    },
    after: () => put('package.json', '{"imports": {"#value": "./two.ts"}}'),
  },
  'a path of tsconfig.json': {
    before: {
      'stages/fit/run.ts': returning('@lib/value'),
      'tsconfig.json': '{"compilerOptions": {"paths": {"@lib/*": ["./one/*"]}}}',
      'one/value.ts': constant(1),
      'two/value.ts': constant(2),
    },
    after: () => put('tsconfig.json', '{"compilerOptions": {"paths": {"@lib/*": ["./two/*"]}}}'),
  },
  'a file where a path of tsconfig.json looks first': {
    before: {
      'stages/fit/run.ts': returning('@lib/value'),
      'tsconfig.json': '{\n  // first ours\n  "compilerOptions": {"paths": {"@lib/*": ["./ours/*", "./theirs/*"],}}}',
      'theirs/value.ts': constant(1),
    },
    after: () => put('ours/value.ts', constant(2)),
  },
  'what tsconfig.json extends': {
    before: {
      'stages/fit/run.ts': returning('@lib/value'),
      'tsconfig.json': '{"extends": "./base"}',
      'base.json': '{"compilerOptions": {"paths": {"@lib/*": ["./one/*"]}}}',
      'one/value.ts': constant(1),
      'two/value.ts': constant(2),
    },
    after: () => put('base.json', '{"compilerOptions": {"paths": {"@lib/*": ["./two/*"]}}}'),
  },
  'a tsconfig.json nearer to the stage': {
    before: {
      'stages/fit/run.ts': returning('@lib/value'),
      'tsconfig.json': '{"compilerOptions": {"paths": {"@lib/*": ["./one/*"]}}}',
      'one/value.ts': constant(1),
      'two/value.ts': constant(2),
    },
    after: () => put('stages/tsconfig.json', '{"compilerOptions": {"paths": {"@lib/*": ["../two/*"]}}}'),
  },
};

describe('an edit that changes what an import means is seen, though no file that was read changed', () => {
  for (const [what, { before, after }] of Object.entries(cases)) {
    test(what, async () => {
      for (const [name, text] of Object.entries(before)) put(name, text);
      assert.equal(await value(), 1);
      after();
      assert.equal(await value(), 2);
    });
  }

  test('a link that leads elsewhere', async () => {
    put('stages/fit/run.ts', returning('../../lib/value.ts'));
    put('one/value.ts', constant(1));
    put('two/value.ts', constant(2));
    symlinkSync('one', join(directory.path, 'lib'));
    assert.equal(await value(), 1);
    rmSync(join(directory.path, 'lib'));
    symlinkSync('two', join(directory.path, 'lib'));
    assert.equal(await value(), 2);
  });

  test('a new file that an import by pattern finds', async () => {
    put(
      'stages/fit/run.ts',
      "export const run = async () => { try { return (await import(`../../lib/${['new'][0]}.ts`)).value; } catch { return 1; } };",
    );
    put('lib/old.ts', constant(3));
    assert.equal(await value(), 1);
    put('lib/new.ts', constant(2));
    assert.equal(await value(), 2);
  });

  test('a new file in a folder whose modules are listed', async () => {
    put(
      'stages/fit/run.ts',
      "import parts from './parts.folder';\nexport const run = async () => parts.reduce((sum, { value }) => sum + value, 0);",
    );
    put('stages/fit/parts/a.ts', constant(3));
    assert.equal(await value(), 3);
    put('stages/fit/parts/b.ts', constant(4));
    assert.equal(await value(), 7);
    rmSync(join(directory.path, 'stages/fit/parts/a.ts'));
    assert.equal(await value(), 4);
  });
});

describe('kernels', { timeout: 120_000 }, () => {
  const kernel = {
    'stages/fit/run.ts': `
      import bytes from './kernel.wasm';
      export const run = async () => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
        return instance.exports.ratio();
      };`,
    'stages/fit/kernel.as.ts': `export * from './ratio';`,
    'stages/fit/ratio/index.ts': `export function ratio(): f64 { return 1; }`,
  };

  test('what the compiler asked for is watched: an export of all, and a file that answers first', async () => {
    for (const [name, text] of Object.entries(kernel)) put(name, text);
    assert.equal(await value(), 1);
    put('stages/fit/ratio/index.ts', `export function ratio(): f64 { return 3; }`);
    assert.equal(await value(), 3);
    put('stages/fit/ratio.ts', `export function ratio(): f64 { return 2; }`);
    assert.equal(await value(), 2);
    rmSync(join(directory.path, 'stages/fit/ratio.ts'));
    assert.equal(await value(), 3);
  });
});
