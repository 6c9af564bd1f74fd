import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Footprint, footprintPath, unchanged } from '../src/footprint.mjs';
import { sumProject } from './cli/project-fixture.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { callInProcess } from './in-process.ts';
import type { CommandResult } from './in-process.ts';
import type { Project } from './project.ts';

/** Longer than what counts as a moment ago. */
const moment = 25;
/** How often is tried what others may undo: tests in other processes write to the cache that all projects share. */
const mostAttempts = 60;

/** A run that collects its footprint, and why it left none. */
async function look(project: Project, args: readonly string[]): Promise<{ stdout: string; doubt: string | undefined }> {
  const footprint = new Footprint();
  footprint.watch();
  const path = footprintPath(project.root, args);
  const { stdout } = (await callInProcess(project.root, args, { footprint, path, touched: [] }))!;
  return { stdout, doubt: footprint.doubt(project.path('artifacts')) };
}

/** Runs until there is a footprint: files that were just written are too new for one. */
async function settle(project: Project, args: readonly string[]): Promise<string> {
  let doubt: string | undefined;
  for (let i = 0; i < mostAttempts; i++) {
    await setTimeout(moment);
    ({ doubt } = await look(project, args));
    const text = unchanged(footprintPath(project.root, args));
    if (text !== undefined) return text;
  }
  throw new Error(`no footprint: ${doubt}`);
}

interface Lock {
  readonly nodes: Record<string, { readonly outputs: Record<string, string> }>;
}

const call = ['run', '--log', 'plain', '--jobs', '1'];

test('a call that has nothing to do ends without loading the pipeline, and prints what a run prints', async () => {
  const project = sumProject();
  try {
    await project.run(...call);
    const { stdout } = await project.run(...call);
    const text = await settle(project, call);
    const shown = (printed: string): string => printed.replace(/\0|\d+\.\d s/, 'T');
    assert.equal(shown(text), shown(stdout));
    assert.match(text, /0 executed, 5 cached/);

    // As a user calls it. What is counted is what waits for the end of the process: the command line does, the launcher does not.
    const code = `process.on('exit', () => console.error(process.listenerCount('exit') - 1))`;
    const options = `--import=data:text/javascript,${encodeURIComponent(code)}`;
    const start = (): Promise<CommandResult> => project.start(call, { NODE_OPTIONS: options }).finished;
    const first = await start();
    let second = await start();
    // A run that looked at a file just after it changed is in doubt, and the next one is whole: on a busy machine more than one.
    for (let i = 0; i < mostAttempts && second.stderr !== '0\n'; i++) {
      await setTimeout(moment);
      second = await start();
    }
    assert.ok(Number(first.stderr) > 0, first.stderr);
    assert.equal(second.stderr, '0\n');
    for (const { code: exit, stdout: printed } of [first, second]) {
      assert.equal(exit, 0);
      assert.equal(shown(printed), shown(stdout));
    }
  } finally {
    project.close();
  }
});

test('whatever a run looked at makes the next one run in full once it differs', async (t) => {
  const project = sumProject({ 'pipeline/label.txt': 'a' });
  const path = (...parts: string[]): string => project.path(...parts);
  const blob = (): string => {
    const { nodes } = JSON.parse(project.read('reports/quick/lock.json')) as Lock;
    return path('artifacts/cas', nodes['sum']!.outputs['num']!);
  };
  project.write(
    'pipeline.ts',
    `import { existsSync, readFileSync } from 'node:fs';\n${project.read('pipeline.ts')}`.replace(
      'const nums',
      `readFileSync('pipeline/label.txt'); existsSync('pipeline/more.txt');\nconst nums`,
    ),
  );
  await project.run(...call);
  const kept: Record<string, string> = {};
  for (const name of ['params/quick.json', 'params/claims.json', 'stages/sum/run.ts', 'pipeline/label.txt'])
    kept[name] = project.read(name);
  const report = path('reports/quick/sum.json');

  // A time in whole seconds can be set back exactly: only the time of change tells.
  const long = new Date(1.7e12);
  utimesSync(blob(), long, long);
  const differences: Record<string, () => unknown> = {
    'bytes of a blob, and its time set back': () => {
      const { size } = statSync(blob());
      chmodSync(blob(), 0o644);
      writeFileSync(blob(), 'x'.repeat(size));
      utimesSync(blob(), long, long);
    },
    'a parameter': () => project.write('params/quick.json', '{"count": 2, "base": 1}'),
    'a source file': () => project.write('params/claims.json', '{"low": 0, "high": 99}'),
    'code of a stage': () => project.write('stages/sum/run.ts', `${kept['stages/sum/run.ts']}\nconsole.log('more');`),
    'a file that the pipeline reads by itself': () => project.write('pipeline/label.txt', 'b'),
    'a file that the pipeline looked for': () => project.write('pipeline/more.txt', ''),
    'a removed blob': () => rmSync(blob()),
    'a removed result': () => rmSync(path('artifacts/ac', readdirSync(path('artifacts/ac'))[0]!)),
    'a published file': () => writeFileSync(report, readFileSync(report, 'utf8') + ' '),
    'a removed report': () => rmSync(path('reports'), { recursive: true }),
    'the records of the store': () => rmSync(path('artifacts/roots'), { recursive: true }),
    'a gc that is at work': () => project.write('artifacts/leases/gc', ''),
    'another store in its place': () => {
      renameSync(path('artifacts'), path('old'));
      rmSync(path('old'), { recursive: true });
    },
    'a run of the same set with other values': () => project.run('run', '--set', 'base=5'),
  };
  for (const [what, change] of Object.entries(differences)) {
    await t.test(what, async () => {
      await settle(project, call);
      await change();
      assert.equal(unchanged(footprintPath(project.root, call)), undefined);
      rmSync(path('artifacts/leases/gc'), { force: true });
      for (const [name, text] of Object.entries(kept)) if (project.read(name) !== text) project.write(name, text);
    });
  }
  project.close();
});

test('other arguments, variables and folders are other calls', () => {
  const paths = new Set<string>();
  const add = (args: readonly string[] = call): unknown => paths.add(footprintPath('/project', args));
  add();
  add([...call, '--jobs', '1']);
  process.env['SOME_VARIABLE'] = '1';
  add();
  delete process.env['SOME_VARIABLE'];
  const directory = process.cwd();
  process.chdir('/');
  add();
  process.chdir(directory);
  const versions = process.versions;
  Object.defineProperty(process, 'versions', { value: { ...versions, node: '99.0.0' } });
  add();
  Object.defineProperty(process, 'versions', { value: versions });
  assert.equal(paths.size, 5);
  add();
  assert.equal(paths.size, 5);
});

test('a run leaves no footprint where anything happened, or a file is too new', async () => {
  const project = sumProject();
  try {
    // The first bundle is of files that were just written, and so is made once more.
    for (let i = 0; i < 2; i++) {
      await setTimeout(moment);
      await project.run('status');
    }
    const doubtOf = async (...args: string[]): Promise<string | undefined> => (await look(project, args)).doubt;
    assert.match((await doubtOf(...call))!, /node-started/);
    await settle(project, call);
    assert.match((await doubtOf('run', '--log', 'json'))!, /a node/);
    const file = project.path('params/quick.json');
    const soon = new Date(Date.now() + 60_000);
    utimesSync(file, soon, soon);
    assert.match((await doubtOf(...call))!, /changed a moment ago/);
    await doubtOf(...call, '--force', 'sum');
    assert.equal(unchanged(footprintPath(project.root, [...call, '--force', 'sum'])), undefined);
  } finally {
    project.close();
  }
});

test('files of a large folder are asked within it, from the folder where the call was made', async () => {
  using directory = temporaryDirectory();
  const store = join(directory.path, 'store');
  mkdirSync(join(store, 'ac'), { recursive: true });
  const files = Array.from({ length: 300 }, (_, i) => join(store, 'cas', `${i}`));
  mkdirSync(join(store, 'cas'));
  for (const file of [join(store, 'repro-store.json'), ...files]) writeFileSync(file, '');
  await setTimeout(moment);
  const footprint = new Footprint();
  footprint.watch();
  for (const file of ['repro-store.json', 'absent'].map((name) => join(store, name)))
    statSync(file, { throwIfNoEntry: false });
  for (const file of files) statSync(file);
  const path = join(directory.path, 'footprint');
  footprint.keep(path, { text: 'text', store, touched: [] });
  const here = process.cwd();
  const asks = (): string | undefined => {
    const text = unchanged(path);
    assert.equal(process.cwd(), here);
    return text;
  };
  assert.equal(asks(), 'text');
  writeFileSync(join(store, 'absent'), '');
  assert.equal(asks(), undefined);
  rmSync(join(store, 'absent'));
  assert.equal(asks(), 'text');
  writeFileSync(files[299]!, '1');
  assert.equal(asks(), undefined);
  rmSync(files[299]!);
  assert.equal(asks(), undefined);
});

test('what reads files in another way is seen, or means doubt', async () => {
  using directory = temporaryDirectory();
  const store = join(directory.path, 'store');
  mkdirSync(join(store, 'ac'), { recursive: true });
  const file = join(directory.path, 'file');
  writeFileSync(join(store, 'repro-store.json'), '');
  writeFileSync(file, 'REPRO_TEST_VARIABLE=1\n');
  writeFileSync(join(directory.path, 'native.node'), '');
  const ways: Record<string, readonly [RegExp | undefined, () => unknown]> = {
    ...(process.loadEnvFile && { 'process.loadEnvFile': [undefined, () => process.loadEnvFile(file)] }),
    'fs.openAsBlob': [undefined, () => fs.openAsBlob(file)],
    'a thread': [/^a thread was started$/, () => new Worker('', { eval: true }).terminate()],
    'a native module': [/native\.node was loaded$/, () => createRequire(file)('./native.node') as unknown],
    ...(isBuiltin('node:sqlite') && {
      'a database': [/^node:sqlite was loaded$/, () => createRequire(file)('node:sqlite') as unknown],
    }),
    'standard input': [/^standard input was read$/, () => fs.readFile(0, () => undefined)],
  };
  const path = join(directory.path, 'footprint');
  for (const [name, [doubt, read]] of Object.entries(ways)) {
    rmSync(path, { force: true });
    await setTimeout(moment);
    const footprint = new Footprint();
    footprint.watch();
    fs.statSync(join(store, 'repro-store.json'));
    try {
      await read();
    } catch {
      // It is no native module.
    }
    footprint.keep(path, { text: 'text', store, touched: [] });
    if (doubt) {
      assert.match(footprint.doubt(store) ?? '', doubt, name);
      continue;
    }
    assert.equal(unchanged(path), 'text', `${name}: ${footprint.doubt(store)}`);
    writeFileSync(file, `REPRO_TEST_VARIABLE=${name}\n`);
    assert.equal(unchanged(path), undefined, name);
  }
  delete process.env['REPRO_TEST_VARIABLE'];
});

test('a footprint that was cut off or edited is none', async () => {
  const project = sumProject();
  try {
    await project.run(...call);
    const path = footprintPath(project.root, call);
    let restored: string | undefined;
    for (let i = 0; i < mostAttempts && restored === undefined; i++) {
      await settle(project, call);
      const whole = readFileSync(path);
      for (const at of [0, 40, whole.indexOf(10) + 5, whole.length - 3]) {
        const edited = Buffer.from(whole);
        edited[at]! ^= 1;
        for (const bytes of [edited, whole.subarray(0, at)]) {
          writeFileSync(path, bytes);
          assert.equal(unchanged(path), undefined, `byte ${at}`);
        }
      }
      writeFileSync(path, whole);
      restored = unchanged(path);
    }
    assert.ok(restored);
    const ofProject = basename(path).slice(0, 17);
    const kept = (): number => readdirSync(dirname(path)).filter((name) => name.startsWith(ofProject)).length;
    for (let i = 0; i < 20; i++) writeFileSync(join(dirname(path), `${ofProject}${i}`), '');
    rmSync(path);
    await settle(project, call);
    assert.equal(kept(), 16);
  } finally {
    project.close();
  }
});
