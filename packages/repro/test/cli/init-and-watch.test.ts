import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '../temporary-directory.ts';

const repository = process.env['REPRO_TEST_ROOT']!;
const bin = join(repository, 'packages/repro/bin/repro.mjs');
const { NODE_TEST_CONTEXT: _, REPRO_STORE: __, ...env } = process.env;

/** What `repro init ...args` calls: not bundled here, since it finds the templates by where it lies itself. */
const initModule = pathToFileURL(join(repository, 'packages/repro/src/init/init.mjs')).href;

/** In a folder, in this process. */
async function initIn(
  folder: string,
  args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const { initFromArguments } = (await import(initModule)) as {
    initFromArguments: (args: readonly string[]) => number;
  };
  const before = process.cwd();
  const printed = { stdout: '', stderr: '' };
  const mocks = (['stdout', 'stderr'] as const).map((name) =>
    mock.method(process[name], 'write', (text: string) => (printed[name] += text) !== ''),
  );
  process.chdir(folder);
  try {
    return { status: initFromArguments(args), ...printed };
  } finally {
    process.chdir(before);
    for (const { mock } of mocks) mock.restore();
  }
}

test('in a folder without a pipeline: the version, the way to a project, or one line that says what is missing', () => {
  using place = temporaryDirectory();
  const repro = (...args: string[]) =>
    spawnSync(process.execPath, [bin, ...args], { cwd: place.path, env, encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync(join(repository, 'packages/repro/package.json'), 'utf8')) as {
    version: string;
  };
  assert.equal(repro('--version').stdout, `repro ${version}, Node ${process.version.slice(1)}\n`);
  const missing = `there is no pipeline.ts in ${place.path} or a folder above it`;
  const help = repro('--help');
  assert.equal(help.status, 0, help.stderr);
  assert.ok(help.stdout.includes(missing) && help.stdout.includes('npx repro init FOLDER'), help.stdout);
  // Also where packages are installed, as after `npm install repro`.
  mkdirSync(join(place.path, 'node_modules'));
  for (const args of [['run'], ['run', '--help'], ['nonsense']]) {
    const { status, stdout, stderr } = repro(...args);
    assert.equal(
      stderr,
      `repro: ${missing}: expected a project: go to the folder of one; npx repro init FOLDER writes a new project\n`,
    );
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
  }
});

test('init writes a project, and nothing over what is there', async () => {
  using place = temporaryDirectory();
  const init = (...args: string[]) => initIn(place.path, args);
  for (const template of ['minimal', 'python', 'paper']) {
    const { status, stdout, stderr } = await init(`My ${template}`, '--template', template);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`Next: cd 'My ${template}' && npm install && npx repro run\n$`));
    const root = join(place.path, `My ${template}`);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    for (const file of [
      'pipeline.ts',
      'package.json',
      'README.md',
      '.gitignore',
      '.github/workflows/reproduce.yml',
      'analysis',
    ])
      assert.ok(files.includes(file), `${template}: ${file}`);
    const { name, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      name: string;
      dependencies: object;
    };
    assert.equal(name, `my-${template}`);
    assert.deepEqual(Object.keys(dependencies), ['repro']);
    assert.match(readFileSync(join(root, 'pipeline.ts'), 'utf8'), new RegExp(`name: 'my-${template}'`));
    assert.ok(!files.some((file) => readdirSync(root).includes('_gitignore') || file.includes('{{')));
  }
  const again = await init('My minimal');
  assert.equal(again.status, 2);
  assert.match(
    again.stderr,
    /^repro: My minimal\/\S+, .*pipeline\.ts.*: there already: expected a folder without them: name another one\n$/,
  );
  // Node's own way of making directories never ends there.
  if (existsSync('/proc/self')) {
    const nowhere = await init('/proc/nothing/here');
    assert.equal(nowhere.status, 2);
    assert.match(nowhere.stderr, /^repro: \/proc\/nothing: (nothing can be made there|permission denied|read-only)/);
  }
  const odd = `it's "$x"`;
  assert.ok((await init(odd)).stdout.endsWith(`Next: cd 'it'\\''s "$x"' && npm install && npx repro run\n`));
  assert.ok((await init('--', '-x')).stdout.endsWith('Next: cd ./-x && npm install && npx repro run\n'));
  const nameless = await init('');
  assert.equal(nameless.stderr, 'repro: the folder is "": expected its name, or none for the current one\n');
  assert.ok(!existsSync(join(place.path, 'pipeline.ts')));
  const unknown = await init('x', '--template', 'r');
  assert.match(unknown.stderr, /^repro: --template r: expected one of minimal, python, paper\n$/);
  assert.ok(!existsSync(join(place.path, 'x')));
});

test('init in a clone names the tarball of this one, which no registry may have', async () => {
  using place = temporaryDirectory();
  const here = join(repository, 'packages/repro');
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as { version: string };
  const tarball = join(here, `repro-${version}.tgz`);
  const wasThere = existsSync(tarball);
  const specification = (name: string): unknown =>
    (JSON.parse(readFileSync(join(place.path, name, 'package.json'), 'utf8')) as { dependencies: object }).dependencies;
  try {
    if (!wasThere) {
      const { stdout } = await initIn(place.path, ['first']);
      assert.deepEqual(specification('first'), { repro: `^${version}` });
      assert.ok(stdout.includes(`npm run pack), then npm install ${tarball} in the project\n`), stdout);
      writeFileSync(tarball, '');
    }
    const { stdout } = await initIn(place.path, ['second']);
    assert.deepEqual(specification('second'), { repro: `file:${tarball}` });
    assert.ok(!stdout.includes('npm run pack'), stdout);
    const named = await initIn(place.path, ['third', '--package', '^1.0.0']);
    assert.deepEqual(specification('third'), { repro: '^1.0.0' });
    assert.ok(!named.stdout.includes('npm run pack'), named.stdout);
  } finally {
    if (!wasThere) rmSync(tarball, { force: true });
  }
});

test('init keeps what a folder of scripts has of its own', async () => {
  using place = temporaryDirectory();
  const own = {
    'README.md': '# Birds\n',
    '.gitignore': 'data/\n',
    'package.json': '{ "name": "birds" }\n',
    'fit.py': '',
  };
  for (const [path, text] of Object.entries(own)) writeFileSync(join(place.path, path), text);
  const { status, stdout, stderr } = await initIn(place.path, ['--template', 'python', '--package', '^9.1.0']);
  assert.equal(status, 0, stderr);
  for (const [path, text] of Object.entries(own)) assert.equal(readFileSync(join(place.path, path), 'utf8'), text);
  assert.ok(existsSync(join(place.path, 'pipeline.ts')));
  assert.match(stdout, /\.gitignore is there already and was kept: it should have node_modules\/, artifacts\//);
  assert.match(stdout, /README\.md is there already and was kept\n/);
  assert.match(stdout, /Next: npm install 'repro@\^9\.1\.0' && npx repro run\n$/);
});

test('watch runs again when a file is saved, and shows what becomes of the claims', { timeout: 120_000 }, async () => {
  using place = temporaryDirectory();
  const root = join(place.path, 'dice');
  const { status, stdout } = spawnSync(process.execPath, [bin, 'init', root], { env, encoding: 'utf8' });
  assert.deepEqual([status, stdout.includes('\nNext: cd ')], [0, true]);
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const child = spawn(process.execPath, [bin, 'watch', '--jobs', '1'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  using _child = { [Symbol.dispose]: () => void child.kill('SIGKILL') };
  let printed = '';
  let arrived = (): void => undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      arrived();
    });
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(printed)) await new Promise<void>((resolve) => (arrived = resolve));
  };
  await until(/waiting for a file to be saved/);
  assert.match(printed, /fair +a +reproduced +3\.\d+ ± 0\.\d+\n/);
  printed = '';
  const script = join(root, 'analysis/average.sh');
  writeFileSync(script, readFileSync(script, 'utf8').replace('mean, error', 'mean + 2, error'));
  await until(/waiting for a file to be saved/);
  assert.match(printed, /saved analysis\/average.sh\n/);
  assert.match(printed, /fair +a +not reproduced +5\.\d+ ± 0\.\d+ +was reproduced 3\.\d+ ± 0\.\d+\n/);
  assert.doesNotMatch(printed, /throw\[seed=/);
  child.kill('SIGINT');
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
});
