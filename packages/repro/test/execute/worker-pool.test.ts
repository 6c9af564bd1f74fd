import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, beforeEach, test } from 'node:test';
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
    outfile: join(directory.path, 'worker.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
});
after(() => directory[Symbol.dispose]());
beforeEach(() => void (pool = new WorkerPool(pathToFileURL(join(directory.path, 'worker.mjs')))));
afterEach(() => pool.close());

let bundles = 0;
function job(code: string, names: readonly string[] = ['node']): JobMessage {
  const bundle = join(directory.path, `stage-${bundles++}.mjs`);
  writeFileSync(
    bundle,
    `import { writeFileSync } from 'node:fs';\nimport { threadId } from 'node:worker_threads';\n${code}`,
  );
  const nodes = names.map((node) => ({
    node,
    params: { n: 3 },
    inputs: {},
    outputs: { out: { type: 'text', path: join(directory.path, `${node}.out`) } },
    scratch: directory.path,
  }));
  return { type: 'run', bundle, batch: names.length > 1, nodes };
}
const run = (
  code: string,
  names?: readonly string[],
  onProgress: (index: number, fraction: number) => void = () => undefined,
): Promise<JobOutcome> => pool.run(job(code, names), onProgress);
const output = (node = 'node'): string => readFileSync(join(directory.path, `${node}.out`), 'utf8');
const telling = `export const run = async ({ outputs }) => writeFileSync(outputs.out.path, String(threadId));`;

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

test('what is thrown need not be an error', async () => {
  const outcome = await run(`export const run = async () => { throw 'just text'; };`);
  assert.ok(outcome.type === 'failed' && outcome.message === 'just text');
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
  assert.equal(outcome.message, 'the worker thread ended with code 3');
  assert.deepEqual(await run(telling), { type: 'done' });
});

test('an error that a stage left behind after it ended does not take the run with it', async () => {
  const gone = join(directory.path, 'gone');
  const meanwhile = run(`import { existsSync } from 'node:fs';
    export const run = async ({ progress }) => { while (!existsSync(${JSON.stringify(gone)})); for (const until = Date.now() + 50; Date.now() < until; ); };`);
  assert.deepEqual(
    await run(
      `export const run = async () => void setImmediate(() => { writeFileSync(${JSON.stringify(gone)}, ''); throw new Error('left behind'); });`,
    ),
    { type: 'done' },
  );
  assert.deepEqual(await meanwhile, { type: 'done' });
  assert.deepEqual(await run(telling), { type: 'done' });
  assert.deepEqual(await Promise.all([run(telling), run(telling)]), [{ type: 'done' }, { type: 'done' }]);
});

test('code without the function that is called for says so', async () => {
  const single = await run(`export const other = 1;`);
  assert.ok(single.type === 'failed' && single.message === 'the code of the stage exports no run');
  const batch = await run(telling, ['a', 'b']);
  assert.ok(batch.type === 'failed' && batch.message === 'the stage declares batchBy but its code exports no runBatch');
});

test('aborted, running jobs are told, and those that start after are told too', async () => {
  const waiting = `export const run = ({ signal, progress }) => new Promise((resolve, reject) => {
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
