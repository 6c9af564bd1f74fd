import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { readmeBlocks } from './readme.ts';

const packageRoot = join(process.env['REPRO_TEST_ROOT']!, 'packages/repro');
const { files, commands } = readmeBlocks(join(packageRoot, 'README.md'));

let root: string;
let tarball: string;

/** Runs a command line in a folder and returns what it printed; fails the test if its exit code is not 0. */
function sh(command: string, cwd = root): string {
  const { NODE_TEST_CONTEXT: _, REPRO_STORE: __, NODE_OPTIONS: ___, ...variables } = process.env;
  const env = command.startsWith('npm install')
    ? { ...variables, NODE_EXTRA_CA_CERTS: process.env['REPRO_TEST_CERTIFICATES'] }
    : variables;
  const { status, stdout, stderr } = spawnSync(command, { cwd, env, shell: true, encoding: 'utf8' });
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
}

before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-install-')));
  const made = JSON.parse(sh(`npm run --silent pack -- --json --silent --pack-destination ${root}`, packageRoot)) as [
    { filename: string },
  ];
  tarball = join(root, made[0].filename);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  writeFileSync(join(root, 'package.json'), '{ "name": "dice", "version": "1.0.0", "type": "module" }');
  // The registry is asked only for what the local cache does not have.
  const options = '--prefer-offline --no-audit --no-fund --ignore-scripts';
  sh(`npm install ${options} ${tarball}`);
});
after(() => rmSync(root, { recursive: true, force: true }));

test('installed size: under 80 MB in under 120 packages', (context) => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; optional?: boolean }>;
  };
  const installed = Object.keys(packages).filter(
    (path) => path !== '' && lstatSync(join(root, path), { throwIfNoEntry: false }),
  );
  const bytes = readdirSync(join(root, 'node_modules'), { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(root, 'node_modules', name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
  context.diagnostic(
    `${installed.length} packages, ${(bytes / 1e6).toFixed(1)} MB: ${installed.join(', ').replaceAll('node_modules/', '')}`,
  );
  assert.ok(installed.length < 120);
  assert.ok(bytes < 80e6);
});

test('the package holds no test and no file of its first user', () => {
  const names = sh(`tar tzf ${tarball}`).trim().split('\n');
  assert.ok(names.includes('package/types/index.d.ts'));
  assert.ok(names.includes('package/LICENSE'));
  for (const name of names) assert.match(name, /^package\/(bin|src|templates|types|[^/]+$)/);
});

test("README's pipeline: its commands succeed where nothing but the package is installed", () => {
  // What a user installs for `npx tsc`, as it is in the repository: a second installation takes seconds.
  mkdirSync(join(root, 'node_modules/@types'), { recursive: true });
  for (const [name, from] of [
    ['typescript', 'typescript-native'],
    ['@types/node', '@types/node'],
    ['.bin/tsc', 'typescript-native/bin/tsc'],
  ] as const)
    symlinkSync(join(packageRoot, '../../node_modules', from), join(root, 'node_modules', name));
  assert.deepEqual(
    commands.map((command) => command.split(' ').slice(0, 3).join(' ')),
    ['npx repro run', 'npx repro status', 'npx repro why', 'npx repro verify', 'npx tsc'],
  );
  // npx takes most of a second to find what is in node_modules/.bin.
  const [run, status, why, verify] = commands.map((command) => sh(command.replace(/^npx /, 'node_modules/.bin/')));
  assert.match(run!, /done judge/);
  assert.doesNotMatch(status!, /new/);
  assert.match(why!, /average: pending/);
  assert.match(verify!, /default: the gate is open\. Of 1 part of claims, 1 passed/);
  assert.match(sh('npx repro run --help'), /\(default:\s+"default"\)[^]*npx repro run --params SET/);
});

test('a package that only pipeline.ts imports: edited in place, it is refused before anything is planned', () => {
  const pipeline = readFileSync(join(root, 'pipeline.ts'), 'utf8');
  const packages = { 'node_modules/dices': { version: '1.0.0', integrity: 'sha512-dices' } };
  mkdirSync(join(root, 'node_modules/dices'));
  writeFileSync(join(root, 'node_modules/dices/package.json'), '{"name":"dices","version":"1.0.0","main":"index.js"}');
  writeFileSync(join(root, 'node_modules/dices/index.js'), 'exports.sides = 6;');
  for (const lock of ['package-lock.json', 'node_modules/.package-lock.json']) {
    const content = JSON.parse(readFileSync(join(root, lock), 'utf8')) as { packages: object };
    Object.assign(content.packages, packages);
    writeFileSync(join(root, lock), JSON.stringify(content));
  }
  writeFileSync(join(root, 'pipeline.ts'), `import { sides } from 'dices';\nif (sides < 1) throw sides;\n${pipeline}`);
  rmSync(join(root, 'reports'), { recursive: true });
  sh('node_modules/.bin/repro run');
  const provenance = JSON.parse(readFileSync(join(root, 'reports/default/provenance.json'), 'utf8')) as object;
  assert.equal(Reflect.get(Reflect.get(provenance, 'packages') as object, 'dices'), '1.0.0');
  writeFileSync(join(root, 'node_modules/dices/index.js'), 'exports.sides = 7;');
  const { status, stderr } = spawnSync('node_modules/.bin/repro', ['run'], { cwd: root, encoding: 'utf8' });
  assert.match(
    stderr,
    /^repro: package dices: index\.js was edited after the package was first used, .*: run npm ci\n$/,
  );
  assert.equal(status, 2);
  writeFileSync(join(root, 'node_modules/dices/index.js'), 'exports.sides = 6;');
  sh('node_modules/.bin/repro status');
  writeFileSync(join(root, 'pipeline.ts'), pipeline);
});

test('a package manager that hoists nothing, as pnpm does, in a project that has another vega', () => {
  const strict = join(root, 'strict');
  const [modules, store] = [join(strict, 'node_modules'), join(strict, 'node_modules/.pnpm/all')];
  mkdirSync(store, { recursive: true });
  rmSync(join(root, 'node_modules/.cache'), { recursive: true });
  renameSync(join(root, 'node_modules'), join(store, 'node_modules'));
  try {
    symlinkSync('.pnpm/all/node_modules/repro', join(modules, 'repro'));
    mkdirSync(join(modules, 'vega'));
    writeFileSync(join(modules, 'vega/package.json'), '{"name":"vega","version":"5.0.0","main":"index.js"}');
    writeFileSync(join(modules, 'vega/index.js'), 'throw new Error("not the one that repro pins")');
    writeFileSync(join(strict, 'package.json'), '{ "type": "module" }');
    const repro = 'node node_modules/repro/bin/repro.mjs';
    sh(`${repro} init`, strict);
    // It draws a figure and checks a claim: vega, and packages that the project does not have at all.
    assert.match(sh(`${repro} run --log plain`, strict), /done: 9 executed[^]*claims: 1 reproduced/);
    const drawn = sh(`${repro} show 'figure[id=means]'`, strict);
    // Each package once, though many paths lead to it.
    const count = Number(/(\d+) packages/.exec(drawn)?.[1]);
    assert.ok(count > 20 && count < 120, drawn);
    const added = join(store, 'node_modules/vega/added.js');
    writeFileSync(added, '');
    assert.match(sh(`${repro} why 'figure[id=means]'`, strict), /vega/, 'its content is in the key');
    rmSync(added);
    rmSync(join(modules, 'vega'), { recursive: true });
    assert.match(sh(`${repro} run --log plain`, strict), /done figure\[id=means\]/);
  } finally {
    renameSync(join(store, 'node_modules'), join(root, 'node_modules'));
  }
});

test('a package that npm did not hoist, since the project has another version of it', () => {
  const nested = join(root, 'node_modules/repro/node_modules');
  mkdirSync(nested, { recursive: true });
  sh(`mv node_modules/commander ${join(nested, 'commander')}`);
  mkdirSync(join(root, 'node_modules/commander'));
  writeFileSync(
    join(root, 'node_modules/commander/package.json'),
    '{"name":"commander","version":"0.0.1","main":"index.js"}',
  );
  writeFileSync(join(root, 'node_modules/commander/index.js'), 'throw new Error("not the one that repro pins")');
  for (const lock of ['package-lock.json', 'node_modules/.package-lock.json']) {
    const path = join(root, lock);
    const content = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, object> };
    content.packages['node_modules/repro/node_modules/commander'] = content.packages['node_modules/commander']!;
    content.packages['node_modules/commander'] = { version: '0.0.1' };
    writeFileSync(path, JSON.stringify(content));
  }
  rmSync(join(root, 'node_modules/.cache'), { recursive: true, force: true });
  assert.match(sh('node_modules/.bin/repro status'), /throw-dice/);
  // A workspace has nothing in its own node_modules, not even the folder.
  const workspace = join(root, 'paper');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }');
  sh('../node_modules/.bin/repro init', workspace);
  assert.match(sh('../node_modules/.bin/repro run --log plain', workspace), /done: 9 executed/);
  // It is in the bundle of the build system, and yet an edit of it is seen.
  writeFileSync(join(nested, 'commander/index.js'), 'throw new Error("edited")');
  const { stderr } = spawnSync('node_modules/.bin/repro', ['status'], { cwd: root, encoding: 'utf8' });
  assert.match(stderr, /edited/);
});
