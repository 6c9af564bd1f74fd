import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { parquetWriteBuffer } from 'hyparquet-writer';
import fs, { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { shareLog } from '../../src/execute/job-log.ts';
import type { JobMessage } from '../../src/execute/protocol.ts';
import { WorkerPool } from '../../src/execute/worker-pool.ts';
import type { JobOutcome } from '../../src/execute/worker-pool.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let pool: WorkerPool;
before(async () => {
  directory = temporaryDirectory();
  const worker = join(process.env['REPRO_TEST_ROOT']!, 'packages/repro/src/execute/worker.ts');
  await build({
    entryPoints: [worker],
    outdir: directory.path,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // So that it loads what it needs for tables only then, as it does for a user.
    splitting: true,
    format: 'esm',
    platform: 'node',
  });
});
after(() => directory[Symbol.dispose]());
const newPool = (grace?: number): WorkerPool =>
  new WorkerPool(pathToFileURL(join(directory.path, 'worker.mjs')), { ...(grace !== undefined && { grace }) });
beforeEach(() => void (pool = newPool()));
afterEach(() => pool.close());

let bundles = 0;
function job(code: string, names: readonly string[] = ['node'], selfContained = true): JobMessage {
  const bundle = join(directory.path, `stage-${bundles++}.mjs`);
  writeFileSync(bundle, `import { writeFileSync } from 'node:fs';\n${code}`);
  const log = join(directory.path, 'log');
  const nodes = names.map((node) => ({
    node,
    params: { n: 3 },
    inputs: {},
    outputs: { out: { type: 'text', path: join(directory.path, `${node}.out`) } },
    scratch: directory.path,
  }));
  return { type: 'run', bundle, batch: names.length > 1, selfContained, log, nodes };
}
/** What became of the job, less how long it took. */
const run = async (
  code: string,
  names?: readonly string[],
  onProgress: (index: number, fraction: number) => void = () => undefined,
): Promise<JobOutcome> => {
  const outcome = await pool.run(job(code, names), onProgress);
  return outcome.type === 'done' ? { type: 'done', ...(outcome.failures && { failures: outcome.failures }) } : outcome;
};
const output = (node = 'node'): string => readFileSync(join(directory.path, `${node}.out`), 'utf8');
const telling = `export const run = async ({ outputs }) => writeFileSync(outputs.out.path, String(process.pid));`;

test('a job runs with its parameters and files, and the next in the same worker', async () => {
  assert.deepEqual(
    await run(`export const run = async ({ params, outputs }) => writeFileSync(outputs.out.path, 'n = ' + params.n);`),
    { type: 'done' },
  );
  assert.equal(output(), 'n = 3');
  await run(telling);
  const first = output();
  await run(telling);
  assert.equal(output(), first);
});

test('a batch is one call', async () => {
  const code = `export const runBatch = async (contexts) => { for (const { node, outputs, progress } of contexts) { writeFileSync(outputs.out.path, node + ' of ' + contexts.length); progress(1); } };`;
  const told: number[] = [];
  assert.deepEqual(await run(code, ['a', 'b'], (index) => void told.push(index)), { type: 'done' });
  assert.deepEqual([output('a'), output('b')], ['a of 2', 'b of 2']);
  assert.deepEqual(told, [0, 1]);
});

test('a stage that throws: its message, what it printed and where; the next job has a new worker', async () => {
  await run(telling);
  const first = output();
  const outcome = await run(
    `export const run = async function boom() { console.log('nearly there'); throw new Error('it broke'); };`,
  );
  assert.ok(outcome.type === 'failed');
  assert.equal(outcome.message, 'it broke');
  assert.match(outcome.log, /nearly there\n[^]*Error: it broke[^]*boom/);
  await run(telling);
  assert.notEqual(output(), first);
});

test('what run returns means nothing', async () => {
  assert.deepEqual(await run(`export const run = async () => [{ loss: 1 }];`), { type: 'done' });
});

test('what is thrown need not be an error', async () => {
  const outcome = await run(`export const run = async () => { throw 'just text'; };`);
  assert.ok(outcome.type === 'failed' && outcome.message === 'just text');
});

test('of an endless message its start and its end are told', async () => {
  const outcome = await run(`export const run = async () => { throw new Error('a' + 'x'.repeat(5_000_000) + 'z'); };`);
  assert.ok(outcome.type === 'failed' && outcome.message.length + outcome.log.length < 20_000);
  assert.match(outcome.message, /^ax+\n\.\.\. 4991810 characters more \.\.\.\nx+z$/);
});

test('so it is of what a stage says of itself or of nodes of a batch', async () => {
  const long = `'a' + 'x'.repeat(5_000_000) + 'z'`;
  const notRun = await run(
    `export const run = async () => { throw Object.assign(new Error(${long}), { name: 'NotRun' }); };`,
  );
  const batch = await run(`export const runBatch = async () => [{ index: 1, message: ${long} }];`, ['a', 'b']);
  assert.ok(notRun.type === 'not-run' && batch.type === 'done');
  for (const message of [notRun.message, batch.failures![0]!.message])
    assert.match(message, /^ax+\n\.\.\. 4991810 characters more \.\.\.\nx+z$/);
});

test('a batch that returns no list of failures fails, and the run goes on', async () => {
  for (const returned of [
    '[undefined, undefined]',
    '[{ index: 2, message: "no such node" }]',
    '"text"',
    '[{ index: 0 }]',
  ]) {
    const outcome = await run(`export const runBatch = async () => ${returned};`, ['a', 'b']);
    assert.ok(outcome.type === 'failed', returned);
    assert.match(outcome.message, /^runBatch returned something else than failures: expected /);
  }
});

test('a stage that cannot run here is told apart', async () => {
  assert.deepEqual(
    await run(`export const run = async () => { throw Object.assign(new Error('no network'), { name: 'NotRun' }); };`),
    { type: 'not-run', message: 'no network' },
  );
});

test('a stage that ends its process fails, and the pool goes on', async () => {
  const outcome = await run(`export const run = async () => process.exit(3);`);
  assert.ok(outcome.type === 'failed');
  assert.equal(outcome.message, 'the process of the stage ended with code 3');
  assert.deepEqual(await run(telling), { type: 'done' });
});

test('an error that a stage left behind fails that stage and no other', async () => {
  const until = join(directory.path, 'until');
  const meanwhile = run(`import { existsSync } from 'node:fs';
    export const run = async () => { while (!existsSync(${JSON.stringify(until)})) await new Promise((resolve) => setTimeout(resolve, 5)); };`);
  const guilty = await run(
    `export const run = async () => void setTimeout(() => { throw new Error('left behind'); }, 20);`,
  );
  assert.ok(guilty.type === 'failed' && guilty.message === 'left behind');
  writeFileSync(until, '');
  assert.deepEqual(await meanwhile, { type: 'done' });
  assert.deepEqual(await run(telling), { type: 'done' });
});

test('an error of a promise that nobody awaits fails the stage, though it has returned', async () => {
  // Whether it was told before the stage was done was chance.
  const rejecting = `void Promise.reject(new Error('lost'));`;
  for (const [head, names] of [
    ['run = async ({ outputs })', ['node']],
    ['runBatch = async ([{ outputs }])', ['a', 'b']],
  ] as const)
    for (const rest of ['', `writeFileSync(outputs.out.path, 'x');`])
      for (const selfContained of [true, false]) {
        const code = `export const ${head} => { ${rejecting} ${rest} };`;
        const lost = await pool.run(job(code, names, selfContained), () => undefined);
        assert.ok(lost.type === 'failed' && lost.message === 'lost', `${code} ${JSON.stringify(lost)}`);
      }
  assert.deepEqual(await run(telling), { type: 'done' });
});

describe('nothing of a job reaches the next one', () => {
  // TextDecoder is one of those globals that Node defines when they are first asked for.
  const counting = `let count = 0; export const run = async ({ outputs }) => writeFileSync(outputs.out.path, process.pid + ' ' + ++count + new TextDecoder().decode(new Uint8Array()));`;

  test('module state starts anew, in the same process', async () => {
    const again = job(counting);
    const told: string[] = [];
    for (let i = 0; i < 3; i++) {
      await pool.run(again, () => undefined);
      told.push(output());
    }
    const [pid] = told[0]!.split(' ');
    assert.deepEqual(told, [`${pid} 1`, `${pid} 1`, `${pid} 1`]);
  });

  test('code that loads other code has a process for each of its jobs', async () => {
    await pool.run(job(telling, ['node'], false), () => undefined);
    const first = output();
    await pool.run(job(telling, ['node'], false), () => undefined);
    assert.notEqual(output(), first);
  });

  const leftovers: Record<string, string> = {
    'a timer': `setInterval(() => undefined, 10);`,
    'an open file': `openSync(outputs.out.path, 'a');`,
    'a child': `spawn('sleep', ['60'], { stdio: 'ignore' }).unref();`,
    'a listener': `process.on('exit', () => undefined);`,
    'a global': `globalThis.left = 1;`,
    'a changed prototype': `Array.prototype.first = () => 1;`,
    'a changed function': `Math.max = () => 7;`,
    'a changed module of Node': `fs.readFileSync = () => 'seven';`,
    'a variable of the environment': `process.env.LEFT = '1';`,
    'another directory': `process.chdir('/');`,
    'a server': `createServer().listen(0);`,
  };
  for (const [what, code] of Object.entries(leftovers)) {
    test(`${what} ends with its process`, async () => {
      const outcome = await run(`
        import fs, { openSync } from 'node:fs';
        import { spawn } from 'node:child_process';
        import { createServer } from 'node:net';
        export const run = async ({ outputs }) => { writeFileSync(outputs.out.path, String(process.pid)); ${code} };`);
      assert.deepEqual(outcome, { type: 'done' });
      const first = output();
      // So that the next job has another.
      assert.throws(() => process.kill(Number(first), 0), 'its process has ended before the job is done');
    });
  }
});

test('a process stands by for the next job, unless the one that runs is likely to be used again', async () => {
  const during = async (code: string, selfContained: boolean): Promise<number> => {
    const running = pool.run(job(code, ['node'], selfContained), () => undefined);
    pool.expect(1);
    const processes = living(join(directory.path, 'worker.mjs')).length;
    await running;
    return processes;
  };
  assert.equal(await during(telling, false), 2);
  assert.equal(await during(telling, true), 1);
  assert.equal(await during(`export const run = async () => void (globalThis.left = 1);`, true), 1);
  assert.equal(await during(telling, true), 2, 'after one that left something behind');
});

test('writing that the stage did not wait for is waited for, and what never ends is refused', async () => {
  const late = await run(`import { writeFile } from 'node:fs';
    export const run = async ({ outputs }) => void setTimeout(() => writeFile(outputs.out.path, 'x'.repeat(1e6), () => undefined), 30);`);
  assert.deepEqual(late, { type: 'done' });
  assert.equal(output().length, 1e6);

  // Opening a pipe to which nobody listens never ends.
  execFileSync('mkfifo', [join(directory.path, 'pipe')]);
  const endless = job(`import { open } from 'node:fs';
    export const run = async ({ outputs }) => {
      writeFileSync(outputs.out.path, '');
      open(outputs.out.path.replace('node.out', 'pipe'), 'w', () => undefined);
    };`);
  const refused = await pool.run({ ...endless, writingLimit: 50 }, () => undefined);
  assert.ok(refused.type === 'failed');
  assert.match(refused.message, /returned while it still writes a file/);
});

test('a promise that nothing can settle any more is an error', async () => {
  const outcome = await run(`export const run = () => new Promise(() => undefined);`);
  assert.ok(outcome.type === 'failed');
  assert.match(outcome.message, /never settles/);
});

const living = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });

for (const [how, end] of Object.entries({
  well: 'return;',
  'with an error': `throw new Error('it broke');`,
  'when its process exits': 'process.exit(3);',
})) {
  test(`children and grandchildren, detached ones too, end with a stage that ends ${how}`, async () => {
    const mark = `61.${process.pid}0${bundles}`;
    await run(`import { spawn } from 'node:child_process';
      export const run = async () => {
        spawn('sh', ['-c', 'sleep ${mark} & sleep ${mark} & wait'], { stdio: 'ignore' }).unref();
        spawn('setsid', ['sh', '-c', 'sleep ${mark} & sleep ${mark}'], { stdio: 'ignore', detached: true }).unref();
        await new Promise((resolve) => setTimeout(resolve, 150));
        ${end}
      };`);
    assert.deepEqual(living(mark), []);
  });
}

test('what is printed is kept whole in a file, and in memory only its end', async () => {
  const before = process.memoryUsage.rss();
  const outcome = await run(`export const run = async () => {
    for (let i = 0; i < 400; i++) process.stdout.write('line ' + i + ' ' + 'x'.repeat(1e5) + '\\n');
    throw new Error('it broke');
  };`);
  assert.ok(outcome.type === 'failed');
  assert.ok(outcome.log.length < 6000);
  assert.ok(process.memoryUsage.rss() - before < 100e6);
  const log = readFileSync(join(directory.path, 'log'), 'latin1');
  assert.match(log, /^line 0 /);
  assert.match(log, /\[\d+ bytes are left out here\]/);
  assert.match(log, /\nline 399 x+\n$/);
  assert.deepEqual(await run(telling), { type: 'done' });
  assert.ok(!existsSync(join(directory.path, 'log')), 'a job that prints nothing has no log');
});

test('of a log that cannot be kept the job is told, and its process is not left alone', async () => {
  const printing = job(`export const run = async ({ outputs }) => {
    console.log('something');
    writeFileSync(outputs.out.path, String(process.pid));
  };`);
  const noWay = pool.run({ ...printing, log: join(directory.path, 'absent', 'log') }, () => undefined);
  await assert.rejects(noWay, { code: 'ENOENT' });
  const first = output();
  await run(telling);
  assert.equal(output(), first, 'it is used again');
});

test('nodes of one job share what it printed, and one that runs again has its own', async () => {
  const [shared, other] = [join(directory.path, 'shared-log'), join(directory.path, 'other-log')];
  const printing = (text: string): JobMessage => ({
    ...job(`export const run = async () => console.log(${JSON.stringify(text)});`),
    log: shared,
  });
  await pool.run(printing('both'), () => undefined);
  shareLog(shared, other);
  await pool.run(printing('one'), () => undefined);
  assert.deepEqual([readFileSync(shared, 'utf8'), readFileSync(other, 'utf8')], ['one\n', 'both\n']);

  const { linkSync } = fs;
  const setLink = (link: () => void): void => {
    Object.assign(fs, { linkSync: link });
    syncBuiltinESMExports();
  };
  setLink(() => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  });
  try {
    shareLog(shared, other);
  } finally {
    setLink(linkSync as () => void);
  }
  assert.equal(readFileSync(other, 'utf8'), 'one\n', 'on a file system without links');
});

for (const [how, output] of [
  ['its output', ''],
  ['a file of its own for what it prints', ' > printed'],
])
  test(`what a shell started is asked to stop too, and has time to save what it has: with ${how}`, async () => {
    const folder = mkdtempSync(join(directory.path, 'command-'));
    // It does not end at once, as what writes a checkpoint.
    const code = `
      process.on('SIGTERM', () => setTimeout(() => { require('fs').writeFileSync('saved', ''); process.exit(); }, 1300));
      setInterval(() => undefined, 1000);
      require('fs').writeFileSync('ready', '');`;
    writeFileSync(join(folder, 'train.cjs'), code);
    const [node] = job('').nodes;
    const command = {
      ...{ line: ['sh', '-c', `node train.cjs${output}; echo over`], directory: folder, environment: {}, path: [] },
      folders: { own: folder, inputs: [] },
    };
    const running = pool.run({ ...job(''), nodes: [{ ...node!, command }] }, () => undefined);
    for (let i = 0; i < 1000 && !existsSync(join(folder, 'ready')); i++)
      await new Promise((done) => setTimeout(done, 10));
    pool.abort();
    assert.equal((await running).type, 'failed');
    assert.ok(existsSync(join(folder, 'saved')));
    await pool.close();
    pool = newPool();
  });

test('a job that does not stop when it is asked to is ended', async () => {
  await pool.close();
  pool = newPool(50);
  let started = (): void => undefined;
  const begun = new Promise<void>((resolve) => (started = resolve));
  const stubborn = run(`export const run = async ({ progress }) => { progress(0.5); for (;;); };`, undefined, () =>
    started(),
  );
  await begun;
  pool.abort();
  assert.deepEqual(await stubborn, {
    type: 'failed',
    message: 'the stage did not stop when it was asked to, and was ended',
    log: '',
  });
});

test('code without the function that is called for says so', async () => {
  const single = await run(`export const other = 1;`);
  assert.ok(single.type === 'failed' && single.message === 'the code of the stage exports no run');
});

test('a batch without runBatch runs one node after another in one module, and each fails for itself', async () => {
  const code = `
let runs = 0;
export const run = async ({ node, outputs }) => {
  runs++;
  if (node === 'b') throw new Error('it diverged');
  if (node === 'c') throw Object.assign(new Error('no network'), { name: 'NotRun' });
  writeFileSync(outputs.out.path, String(runs));
};`;
  assert.deepEqual(await run(code, ['a', 'b', 'c', 'd']), {
    type: 'done',
    failures: [
      { index: 1, message: 'it diverged' },
      { index: 2, message: 'no network', notRun: true },
    ],
  });
  assert.deepEqual([output('a'), output('d')], ['1', '4']);
});

test('nodes of a batch that name code of their own run by it, in one process', async () => {
  const batch = job(telling, ['a', 'b', 'c']);
  const [a, b, c] = batch.nodes as [JobMessage['nodes'][0], JobMessage['nodes'][0], JobMessage['nodes'][0]];
  const others = job(`export const run = async ({ outputs }) => writeFileSync(outputs.out.path, 'b ' + process.pid);`);
  const broken = job(`export const other = 1;`);
  const nodes = [a, { ...b, bundle: others.bundle }, { ...c, bundle: broken.bundle }];
  const outcome = await pool.run({ ...batch, nodes }, () => undefined);
  assert.ok(outcome.type === 'done');
  assert.deepEqual(outcome.failures, [{ index: 2, message: 'the code of the stage exports no run' }]);
  assert.equal(output('b'), `b ${output('a')}`);
});

test('a source in Parquet that is not what its type declares fails those of a batch that read it', async () => {
  const table = (name: string, data: number[]): string => {
    const path = join(directory.path, `${name}.parquet`);
    writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'x', data, type: 'DOUBLE' }] })));
    return path;
  };
  const code = `
export const runBatch = async (contexts) => {
  for (const { outputs } of contexts) writeFileSync(outputs.out.path, 'of ' + contexts.length);
  return [{ index: contexts.length - 1, message: 'it diverged' }];
};`;
  const batch = job(code, ['bad', 'good', 'diverging']);
  const columns = { x: 'number' } as const;
  const given = (path: string): object => ({ given: [{ fault: 'the source x.parquet is wrong', path, columns }] });
  const [bad, good, diverging] = batch.nodes as [object, object, object];
  const read = [{ ...bad, ...given(table('bad', [NaN])) }, { ...good, ...given(table('good', [1])) }, diverging];
  const outcome = await pool.run({ ...batch, nodes: read as unknown as JobMessage['nodes'] }, () => undefined);
  assert.ok(outcome.type === 'done');
  assert.deepEqual(outcome.failures, [
    { index: 0, message: 'the source x.parquet is wrong: row 1, x = NaN: expected a finite number' },
    { index: 2, message: 'it diverged' },
  ]);
  assert.equal(output('good'), 'of 2');
  assert.equal(existsSync(join(directory.path, 'bad.out')), false);
});

test('an interrupt leaves the rest of a batch, and keeps what it has made', async () => {
  const code = `
export const run = async ({ outputs, signal, progress }) => {
  writeFileSync(outputs.out.path, 'made');
  const stays = setInterval(() => undefined, 1000);
  progress(1);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(stays);
};`;
  const outcome = await run(code, ['first', 'second'], () => pool.abort());
  assert.ok(outcome.type === 'done' && outcome.failures?.length === 1 && outcome.failures[0]!.index === 1);
  assert.equal(output('first'), 'made');
  assert.equal(existsSync(join(directory.path, 'second.out')), false);
});

test('aborted, running jobs are told, and those that start after are told too', async () => {
  const waiting = `export const run = ({ signal, progress }) => new Promise((resolve, reject) => {
    setInterval(() => undefined, 1000);
    signal.addEventListener('abort', () => reject(new Error('aborted in time')));
    progress(0);
  });`;
  const started = new Promise<void>(
    (resolve) =>
      void run(waiting, undefined, () => resolve()).then((outcome) =>
        assert.ok(outcome.type === 'failed' && outcome.message === 'aborted in time'),
      ),
  );
  await started;
  pool.abort();
  const late = await run(waiting);
  assert.ok(late.type === 'failed' && late.message.includes('aborted'));
});

test('closed, it ends jobs that never would', async () => {
  let started = (): void => undefined;
  const begun = new Promise<void>((resolve) => (started = resolve));
  const never = run(`export const run = async ({ progress }) => { progress(0.5); for (;;); };`, undefined, () =>
    started(),
  );
  await begun;
  await pool.close();
  assert.equal((await never).type, 'failed');
});

test('a program that is missing and an end from outside are told apart from a failure', async () => {
  const ended = async (line: readonly string[]): Promise<JobOutcome> => {
    const folders = { own: directory.path, inputs: [] };
    const command = { line, directory: directory.path, environment: {}, path: [], folders };
    const { nodes, ...message } = job('');
    return pool.run({ ...message, nodes: nodes.map((node) => ({ ...node, command })) }, () => undefined);
  };
  const cannotRun = (outcome: JobOutcome): boolean | undefined =>
    outcome.type === 'failed' ? outcome.cannotRun === true : undefined;
  const shell = (script: string) => ended(['sh', '-c', script]);
  assert.equal(cannotRun(await ended(['no-such-program'])), true);
  const notExecutable = await ended([join(directory.path, 'worker.mjs')]);
  assert.equal(cannotRun(notExecutable), true);
  assert.match((notExecutable as { message: string }).message, /worker\.mjs: it cannot be executed: .*chmod \+x$/);
  assert.equal(cannotRun(await shell('no-such-program')), true);
  assert.equal(cannotRun(await shell('kill -KILL $$')), true);
  assert.equal(cannotRun(await shell('exit 3')), false);
  const stage = (code: string) => run(`export const run = async () => { ${code} };`);
  assert.equal(cannotRun(await stage(`process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});`)), true);
});
