import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { cacheDirectory } from '../src/code/bundler.mjs';
import { bundleDirectories, currentCommandLine } from '../src/code/command-line.mjs';
import { pipelineImports } from '../src/code/edited-packages.ts';
import { sumProject } from './cli/project-fixture.ts';
import { announced } from '../src/code/announce.mjs';

test('a place for bundles that cannot be written to: one line that names it, exit code 2', async () => {
  const project = sumProject();
  try {
    rmSync(project.path('node_modules'));
    mkdirSync(project.path('node_modules'));
    // A file in the way stops root too.
    writeFileSync(project.path('node_modules/.cache'), '');
    const { code, stdout, stderr } = await project.run('status');
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.ok(stderr.startsWith(`${cacheDirectory(project.root)}: cannot be written to (`), stderr);
    assert.match(stderr, /: expected a directory .*: make it writable, /);
  } finally {
    rmSync(project.path('node_modules'), { recursive: true });
    project.close();
  }
});

test('the bundles that a process was started from stay in use for as long as it lives', async () => {
  const project = sumProject();
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 5000 && !holds(); i++) await setTimeout(10);
    assert.ok(holds());
  };
  try {
    // An hour is a millisecond.
    const code = `
      const { setInterval } = globalThis;
      globalThis.setInterval = (callback, time, ...more) => setInterval(callback, time === 3600000 ? 1 : time, ...more);`;
    const wait = `import { existsSync, writeFileSync } from 'node:fs';
      writeFileSync('waiting', '');
      while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5));\n`;
    project.write('pipeline.ts', `${wait}${project.read('pipeline.ts')}`);
    const { finished } = project.start(['status'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
    });
    await until(() => existsSync(project.path('waiting')));
    const directories = bundleDirectories(project.root);
    assert.equal(directories.length, 2);
    const longAgo = new Date(Date.now() - 30 * 86_400_000);
    for (const path of directories) utimesSync(path, longAgo, longAgo);
    await until(() => directories.every((path) => Date.now() - statSync(path).mtimeMs < 86_400_000));
    project.write('go', '');
    assert.equal((await finished).code, 0);
  } finally {
    project.close();
  }
});

test('packages that were never installed: the command that fits, exit code 2', async () => {
  const project = sumProject();
  try {
    rmSync(project.path('node_modules'));
    const told = async (): Promise<string> => {
      const { code, stderr } = await project.start(['status']).finished;
      assert.equal(code, 2);
      return stderr;
    };
    assert.equal(await told(), 'repro: the packages are not installed: run npm install\n');
    for (const [file, command] of [
      ['package-lock.json', 'npm ci'],
      ['yarn.lock', 'yarn install'],
      ['pnpm-lock.yaml', 'pnpm install'],
    ] as const) {
      project.write(file, '{}');
      assert.equal(await told(), `repro: the packages are not installed: run ${command}\n`);
    }
    project.write('.pnp.cjs', '');
    assert.match(await told(), /^repro: Yarn keeps the packages in archives: .*nodeLinker: node-modules.*\n$/);
  } finally {
    project.close();
  }
});

test('a package that is gone: one line that names it and the command, exit code 2', async () => {
  const project = sumProject();
  try {
    await setTimeout(30);
    assert.equal((await project.run('status')).code, 0);
    const bundle = currentCommandLine(project.root);
    assert.ok(bundle);
    writeFileSync(bundle, "import 'gone-package';\n");
    const { code, stdout, stderr } = await project.start(['status']).finished;
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.equal(stderr, "repro: Cannot find package 'gone-package': run npm install gone-package\n");
  } finally {
    project.close();
  }
});

test('what a run makes beside the code does not have it bundled again; an edit of the code does', async () => {
  const project = sumProject();
  try {
    // A file that was written a moment before it is bundled is bundled once more.
    await setTimeout(30);
    assert.equal((await project.run('run')).code, 0);
    const bundle = currentCommandLine(project.root);
    assert.ok(bundle, 'artifacts/ and reports/ are new, the code is not');
    // Maps that are inline would be parsed at every start.
    assert.match(readFileSync(bundle, 'utf8').split('\n').at(-2)!, /^\/\/# sourceMappingURL=main\.mjs\.map$/);
    project.write('pipeline.ts', project.read('pipeline.ts').replace("name: 'sums'", "name: 'totals'"));
    assert.equal(currentCommandLine(project.root), undefined);
  } finally {
    project.close();
  }
});

test('what every start loads of packages is in the bundle of the build system, and pipelines take it from there', async () => {
  const project = sumProject();
  try {
    assert.equal((await project.run('status')).code, 0);
    const [pipeline, engine] = bundleDirectories(project.root);
    const code = readFileSync(join(pipeline!, 'main.mjs'), 'utf8');
    assert.match(code, /from "file:.*\/shared-package\.mjs"/);
    assert.doesNotMatch(code, /from "@/);
    const inlined = ['@sinclair/typebox', 'ajv', 'commander', 'jsonc-parser'];
    for (const name of readdirSync(engine!).filter((file) => file.endsWith('.mjs')))
      assert.doesNotMatch(readFileSync(join(engine!, name), 'utf8'), new RegExp(`from "(${inlined.join('|')})["/]`));
    // They count as imports all the same, and an edit of one has the bundle made again.
    const { loaded, watched } = JSON.parse(readFileSync(join(engine!, 'bundle.json'), 'utf8')) as Record<
      string,
      string[]
    >;
    for (const name of inlined) {
      assert.ok(loaded!.includes(name), name);
      assert.ok(
        watched!.some(([path]) => path!.includes(`/node_modules/${name}/`)),
        name,
      );
    }
    assert.deepEqual(pipelineImports(project.root).names, ['@sinclair/typebox']);
  } finally {
    project.close();
  }
});

test('what Node compiles is kept beside the bundle of the build system, where Node can', async () => {
  const project = sumProject();
  try {
    const code = `import m from 'node:module'; m.enableCompileCache = (path) => console.error(path);`;
    const options = `--import=data:text/javascript,${encodeURIComponent(code)}`;
    const { stderr } = await project.start(['--help'], { NODE_OPTIONS: options }).finished;
    assert.equal(stderr, `${bundleDirectories(project.root)[1]}/compiled\n`);
  } finally {
    project.close();
  }
});

test('a pipeline that loads a part of a package as well has one copy of that package', async () => {
  const project = sumProject();
  try {
    const declared = project.read('pipeline.ts').replace(
      "import { Type } from '@sinclair/typebox';",
      `import { FormatRegistry, Type } from '@sinclair/typebox';
       import { Value } from '@sinclair/typebox/value';
       FormatRegistry.Set('any', () => true);
       if (!Value.Check(Type.String({ format: 'any' }), '')) throw new Error('two lists of formats');`,
    );
    project.write('pipeline.ts', declared);
    const { code, stderr } = await project.run('status');
    assert.equal(stderr, '');
    assert.equal(code, 0);
  } finally {
    project.close();
  }
});

test('what is waited for is said at once on a terminal, and nowhere else', async () => {
  const written: string[] = [];
  const out = (isTTY: boolean) => ({ isTTY, write: (text: string) => void written.push(text) });
  assert.equal(await announced('bundling', async () => written.length, out(true)), 1);
  assert.deepEqual(written, ['bundling …', '\r\x1b[K']);
  await assert.rejects(
    announced('bundling', () => Promise.reject(new Error('no')), out(true)),
    /no/,
  );
  assert.equal(written.at(-1), '\r\x1b[K');
  assert.equal(await announced('bundling', async () => written.length, out(false)), 4);
});

test('the bundle of the build system is named by where it really is, not by the link of a project that may go', async () => {
  const project = sumProject();
  try {
    assert.equal((await project.run('status')).code, 0);
    for (const directory of bundleDirectories(project.root).slice(1)) assert.equal(directory, realpathSync(directory));
    assert.equal(bundleDirectories(project.root).length, 2);
  } finally {
    project.close();
  }
});
