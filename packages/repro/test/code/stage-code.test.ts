import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { cacheDirectory } from '../../src/code/bundler.mjs';
import { loadStageCode } from '../../src/code/stage-code.ts';
import type { StageCode } from '../../src/code/stage-code.ts';
import { InputError } from '../../src/errors.ts';
import type { StageDeclaration } from '../../src/graph/stage.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { rmSync } from 'node:fs';

const stage = (name: string): StageDeclaration => ({
  name,
  summary: '',
  params: Type.Object({}),
  inputs: {},
  outputs: {},
});
let directory: ReturnType<typeof temporaryDirectory>;
before(() => {
  directory = temporaryDirectory();
  symlinkSync(join(process.env['REPRO_TEST_ROOT']!, 'node_modules'), join(directory.path, 'node_modules'), 'junction');
});
after(() => {
  rmSync(cacheDirectory(directory.path), { recursive: true, force: true });
  directory[Symbol.dispose]();
});

const scaleSource = `
  import { factor } from './factor.ts';
  export function scale(value: number): number {
    let total = 0;
    for (let i = 0; i < value; i++) total += factor * i;
    return total;
  }`;
const files = {
  'stages/grow/run.ts': `
    import { scale } from '../../shared/scale.ts';
    export const run = async ({ params }: { params: { n: number } }): Promise<number> => {
      const first = scale(params.n);
      const second = first + 1;
      return first * second;
    };`,
  'stages/other/run.ts': `
    import { twice } from '../../shared/twice.ts';
    export const run = async (): Promise<number> => twice(4);`,
  'shared/scale.ts': scaleSource,
  'shared/factor.ts': `export const factor = 3;\nexport const unused = 4;`,
  'shared/twice.ts': `export const twice = (x: number): number => 2 * x;`,
};

function write(changes: Readonly<Record<string, string>> = {}): void {
  for (const [name, text] of Object.entries({ ...files, ...changes })) {
    const path = join(directory.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function codeOf(name: string, changes: Readonly<Record<string, string>> = {}): Promise<StageCode> {
  write(changes);
  return loadStageCode(directory.path, stage(name), undefined);
}

describe('changes that cannot change what is computed leave the digest as it is', () => {
  const harmless: Record<string, Record<string, string>> = {
    'a comment': { 'shared/scale.ts': `// a comment\n${scaleSource.replace('let total', '/* why */ let total')}` },
    'a renamed local': {
      'shared/scale.ts': scaleSource.replaceAll('total', 'accumulatedzzzqqq').replaceAll(/\bi\b/g, 'qz'),
    },
    'a renamed function': {
      'shared/scale.ts': scaleSource.replace('scale', 'zqxjk'),
      'stages/grow/run.ts': files['stages/grow/run.ts'].replaceAll('{ scale }', '{ zqxjk as scale }'),
    },
    'white space': { 'shared/scale.ts': scaleSource.replaceAll('\n', '\n\n') },
    'a type': { 'shared/scale.ts': scaleSource.replace('let total', 'let total: number') },
    'a helper that nothing here uses': {
      'shared/scale.ts': `${scaleSource}\nexport function zzz(qqq: { qqzz: string }): number { return qqq.qqzz.length + 'zqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqqqqqqqqqqqqqqqqqqqqqq'.length; }`,
    },
    'a helper with a name that is taken elsewhere': {
      'shared/factor.ts': `export const factor = 3;\nexport const first = (x: number): number => x / 7;`,
    },
    'a constant that nothing uses': { 'shared/factor.ts': `export const factor = 3;\nexport const unused = 5;` },
    'a constant by another name': { 'shared/factor.ts': `const three = 3;\nexport const factor = three;` },
  };
  for (const [what, changes] of Object.entries(harmless)) {
    test(what, async () => {
      const unchanged = await codeOf('grow');
      const { digest, bundlePath } = await codeOf('grow', changes);
      assert.equal(readFileSync(bundlePath, 'utf8'), readFileSync(unchanged.bundlePath, 'utf8'));
      assert.equal(digest, unchanged.digest);
    });
  }

  test('what declares a pipeline, for a stage that imports something else from repro', async () => {
    const { files: used, digest } = await codeOf('grow', {
      'shared/scale.ts': `import { InputError } from 'repro';\n${scaleSource.replace('let total', "if (value < 0) throw new InputError('grow: below 0');\n let total")}`,
    });
    const own = Object.keys(used).filter((file) => !(file in files));
    assert.deepEqual(own.map((file) => basename(file)).sort(), ['errors.ts', 'index.ts']);
    assert.notEqual(digest, (await codeOf('grow')).digest);
  });

  test('where the project lies', async () => {
    const { digest } = await codeOf('grow');
    using elsewhere = temporaryDirectory();
    symlinkSync(join(directory.path, 'node_modules'), join(elsewhere.path, 'node_modules'), 'junction');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(elsewhere.path, name)), { recursive: true });
      writeFileSync(join(elsewhere.path, name), text);
    }
    const code = await loadStageCode(elsewhere.path, stage('grow'), undefined);
    assert.equal(code.digest, digest);
    assert.deepEqual(
      Object.keys(code.files),
      ['shared/scale.ts', 'stages/grow/run.ts'],
      'a constant that was inlined leaves no bytes of its file',
    );
  });
});

test('sources that were bundled before, here or elsewhere, are not bundled again', async () => {
  const own = { 'shared/factor.ts': `export const factor = ${process.pid}.25;` };
  write(own);
  // Times of files have a grain: what was written just now may have changed while it was read.
  await setTimeout(30);
  const made = await loadStageCode(directory.path, stage('grow'), undefined);
  const variants = (): number => {
    const folder = dirname(made.bundlePath);
    const indexes = readdirSync(folder).filter((name) => name.endsWith('.json'));
    const all = indexes.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { bundle: string }[]);
    return all.filter(({ bundle }) => join(folder, bundle) === made.bundlePath).length;
  };
  assert.equal(variants(), 1);
  await codeOf('grow');
  assert.equal((await codeOf('grow', own)).bundlePath, made.bundlePath, 'edited to and fro');
  using elsewhere = temporaryDirectory();
  symlinkSync(join(directory.path, 'node_modules'), join(elsewhere.path, 'node_modules'), 'junction');
  for (const [name, text] of Object.entries({ ...files, ...own })) {
    mkdirSync(dirname(join(elsewhere.path, name)), { recursive: true });
    writeFileSync(join(elsewhere.path, name), text);
  }
  const found = await loadStageCode(elsewhere.path, stage('grow'), undefined);
  assert.deepEqual([found.digest, found.files], [made.digest, made.files]);
  assert.equal(variants(), 1, 'made once');
});

describe('changes of what is computed', () => {
  test('a constant deep in an import changes the stage that uses it, and no other', async () => {
    const [grow, other] = [await codeOf('grow'), await codeOf('other')];
    const changes = { 'shared/factor.ts': `export const factor = 3.5;` };
    const changed = await codeOf('grow', changes);
    assert.notEqual(changed.digest, grow.digest);
    assert.equal((await codeOf('other', changes)).digest, other.digest);
    const { run } = (await import(pathToFileURL(changed.bundlePath).href)) as {
      run: (context: object) => Promise<number>;
    };
    assert.equal(await run({ params: { n: 3 } }), 10.5 * 11.5, 'what was hashed is what runs');
  });

  test('undone, they give the digest of before', async () => {
    const { digest } = await codeOf('grow');
    await codeOf('grow', { 'shared/factor.ts': `export const factor = 4;` });
    assert.equal((await codeOf('grow')).digest, digest);
  });

  test('the files that contribute are told with the digests of their text', async () => {
    const { files: before } = await codeOf('grow');
    const { files: now } = await codeOf('grow', { 'shared/scale.ts': scaleSource.replace('total = 0', 'total = 1') });
    assert.notEqual(now['shared/scale.ts'], before['shared/scale.ts']);
    assert.equal(now['stages/grow/run.ts'], before['stages/grow/run.ts']);
    assert.ok(!('shared/twice.ts' in now));
  });
});

test('an optional package, which the lock does not pin, counts by the code that is installed, or as not installed', async () => {
  using project = temporaryDirectory();
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(project.path, name)), { recursive: true });
    writeFileSync(join(project.path, name), text);
  };
  put(
    'stages/grow/run.ts',
    `export const run = async () => { try { return await import('@some/peer'); } catch { return undefined; } };`,
  );
  put('package-lock.json', '{"packages":{"":{"peerDependencies":{"@some/peer":"1.0.0"}}}}');
  const load = (): Promise<StageCode> => loadStageCode(project.path, stage('grow'), undefined);
  const without = await load();
  assert.deepEqual(without.packages, { '@some/peer': 'not installed' });
  put('node_modules/@some/peer/package.json', '{"version":"1.0.0"}');
  const first = await load();
  assert.match(JSON.stringify(first.packages), /^\{"@some\/peer":"1\.0\.0 content [0-9a-f]{64}"\}$/);
  put('node_modules/@some/peer/build/machine.node', 'for this machine');
  assert.equal((await load()).digest, first.digest);
  put('node_modules/@some/peer/package.json', '{"version":"1.0.10"}');
  assert.equal(new Set([without.digest, first.digest, (await load()).digest]).size, 3);
});

describe('errors', () => {
  test('a stage without code names the file that was expected', async () => {
    await assert.rejects(
      loadStageCode(directory.path, stage('absent'), 'wasm'),
      new InputError('stages/absent/run.wasm.ts: no such file: expected the code of the stage there'),
    );
  });

  test('code that does not parse is told by file and line', async () => {
    await assert.rejects(
      codeOf('grow', { 'shared/scale.ts': 'export const ok = 1;\nexport const = 3;' }),
      /^InputError: shared\/scale\.ts:2: /,
    );
  });

  test('an import that leads nowhere is told', async () => {
    await assert.rejects(
      codeOf('grow', { 'shared/scale.ts': `export { scale } from './nowhere.ts';` }),
      /^InputError: shared\/scale\.ts:1: .*nowhere/,
    );
  });
});

describe('kernels', { timeout: 60_000 }, () => {
  const kernelStage = {
    'stages/kernel/run.ts': `
      import bytes from './kernel.wasm';
      export const run = async (): Promise<number> => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        const { instance } = await WebAssembly.instantiate(bytes as BufferSource, { env: { memory } });
        return (instance.exports['area'] as (r: number) => number)(2);
      };`,
    'stages/kernel/kernel.as.ts': `import { ratio } from './ratio.as';\nexport function area(r: f64): f64 { return ratio * r * r; }`,
    'stages/kernel/ratio.as.ts': `export const ratio: f64 = 3.0;`,
  };

  test('a changed constant in what a kernel imports changes the digest, a comment does not; both files are told', async () => {
    const first = await codeOf('kernel', kernelStage);
    assert.deepEqual(Object.keys(first.files), [
      'stages/kernel/kernel.as.ts',
      'stages/kernel/ratio.as.ts',
      'stages/kernel/run.ts',
    ]);

    const commented = await codeOf('kernel', {
      ...kernelStage,
      'stages/kernel/ratio.as.ts': `// nearly pi\nexport const ratio: f64 = 3.0;`,
    });
    assert.equal(commented.digest, first.digest);

    const changed = await codeOf('kernel', {
      ...kernelStage,
      'stages/kernel/ratio.as.ts': `export const ratio: f64 = 3.25;`,
    });
    assert.notEqual(changed.digest, first.digest);
    const { run } = (await import(pathToFileURL(changed.bundlePath).href)) as { run: () => Promise<number> };
    assert.equal(await run(), 13);
  });

  test('one that does not compile is told with its path', async () => {
    await assert.rejects(
      codeOf('kernel', { ...kernelStage, 'stages/kernel/ratio.as.ts': `export const ratio: f64 = "three";` }),
      /stages\/kernel\/kernel\.as\.ts does not compile/,
    );
  });
});
