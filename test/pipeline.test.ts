import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedProject, tinySet } from './project-copy.ts';

/** The pipeline of the paper driven by its command line, on a set that runs in a second. */
const project = sharedProject();

interface Event {
  readonly type: string;
  readonly node?: string;
  readonly stage?: string;
  readonly executed?: number;
  readonly cached?: number;
}

function writeSet(small: object = {}, rest: object = {}): void {
  project.write(
    'params/tiny.json',
    JSON.stringify({ ...tinySet, ...rest, small: { ...tinySet.small, alpha: [1], ...small } }),
  );
}

/** Runs the set and returns how many nodes of each stage were executed. */
async function run(...args: string[]): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await project.repro('run', '--params', 'tiny', '--log', 'json', ...args);
  assert.equal(code, 0, stdout + stderr);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  const executed: Record<string, number> = {};
  for (const { type, stage } of events) if (type === 'node-finished') executed[stage!] = (executed[stage!] ?? 0) + 1;
  return executed;
}

const everything = {
  sample: 1,
  train: 6,
  'measure-geometry': 6,
  'fit-exponents': 1,
  'fit-sizes': 1,
  'random-geometry': 1,
  figure: 1,
  'result-tables': 1,
  report: 1,
  'results-page': 1,
};
test('a first run makes everything, a second nothing; the last line is as documented', async () => {
  writeSet();
  assert.deepEqual(await run('--jobs', '2'), everything);
  assert.deepEqual(await run(), {});
  const [head, ...models] = project
    .read('reports/tiny/models.csv')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const beyondReach = models.map((row) => row[head!.indexOf('beyondReachFraction')]!);
  assert.ok(
    beyondReach.length === 6 && beyondReach.every((text) => text !== '' && Number(text) >= 0),
    `what a run adds to the measurements: ${beyondReach.join()}`,
  );
  const { stdout } = await project.repro('run', '--params', 'tiny', '--log', 'json');
  assert.match(
    stdout.trim().split('\n').at(-1)!,
    /^\{"type":"run-finished","executed":0,"cached":20,"failed":0,"notRun":0,"seconds":[\d.e-]+\}$/,
  );
});

test('the lock does not depend on the number of workers', async () => {
  const lock = project.read('reports/tiny/lock.json');
  await run('--jobs', '1', '--store', 'other-store', '--reports', 'other-reports');
  assert.equal(project.read('other-reports/tiny/lock.json'), lock);
});

test('a run with an override publishes next to the report of the set, and names the override', async () => {
  const report = project.read('reports/tiny/report.md');
  await run('--set', 'geometry.random.vectors=42');
  assert.match(
    project.read('reports/tiny+geometry.random.vectors=42/report.md'),
    /Parameter set `tiny` with `geometry\.random\.vectors=42`, /,
  );
  assert.equal(project.read('reports/tiny/report.md'), report);
});

test('one alpha added: its nodes and what summarises them; why names it', async () => {
  const lock = project.read('reports/tiny/lock.json');
  writeSet({ alpha: [1, 1.5] });
  const { stdout } = await project.repro('why', 'fit-exponents', '--params', 'tiny');
  assert.match(
    stdout,
    /fit-exponents\[small\]: pending\n {2}parameter changed: cells: \d+ items -> \d+ items\n {2}input changed\n {4}measurements: measure-geometry\[small,alpha=1\.5,gamma=-1,m=3\] ?.* is new\n/,
  );
  assert.match(stdout, /since the last run of tiny:\n {2}small\.alpha: \[1\] -> \[1,1\.5\]\n/);
  assert.deepEqual(await run(), {
    sample: 1,
    train: 6,
    'measure-geometry': 6,
    'fit-exponents': 1,
    figure: 1,
    'result-tables': 1,
    report: 1,
    'results-page': 1,
  });
  writeSet();
  assert.deepEqual(await run(), {}, 'back to what it was: all of it is still there');
  assert.equal(project.read('reports/tiny/lock.json'), lock);
});

test('one parameter changed: why tells from what to what', async () => {
  writeSet({ training: { batch: 32, steps: 61, warmup: 6 } });
  const { stdout } = await project.repro('why', 'train[alpha=1,gamma=0.5,m=3]', '--params', 'tiny');
  assert.match(stdout, /stale\n {2}parameter changed: steps: 60 -> 61\n/);
  writeSet();
});

test('a comment and a renamed local in the training code change nothing', async () => {
  const kernel = project.read('numerics/toy-model/wasm/adamw.as.ts');
  project.edit(
    'stages/toy/train/model.ts',
    'const share = learningRateShare',
    '// Of the peak.\n      const renamedLocal = learningRateShare',
  );
  project.edit(
    'stages/toy/train/model.ts',
    '{ W: peakRateW * share, b: peakRateB * share }',
    '{ W: peakRateW * renamedLocal, b: peakRateB * renamedLocal }',
  );
  project.edit(
    'numerics/toy-model/wasm/adamw.as.ts',
    'const g = f32x4.mul',
    '// The gradient.\n  const renamed = f32x4.mul',
  );
  project.write(
    'numerics/toy-model/wasm/adamw.as.ts',
    project.read('numerics/toy-model/wasm/adamw.as.ts').replaceAll(/\bg\b(?=[,)])/g, 'renamed'),
  );
  assert.deepEqual(await run(), {});
  project.write('numerics/toy-model/wasm/adamw.as.ts', kernel);
});

test('a changed constant, in TypeScript or in a kernel: the trainings and what follows', async () => {
  project.edit('numerics/toy-model/learning-rate.ts', '0.05', '0.06');
  const { stdout } = await project.repro('why', 'train[alpha=1,gamma=0.5,m=3]', '--params', 'tiny');
  assert.match(stdout, /code changed: numerics\/toy-model\/learning-rate\.ts\n/);
  assert.deepEqual(await run('--until', 'fit-exponents'), { train: 6, 'measure-geometry': 6, 'fit-exponents': 1 });
  project.edit('numerics/toy-model/learning-rate.ts', '0.06', '0.05');
  assert.deepEqual(await run(), {});
  project.edit(
    'numerics/toy-model/wasm/adamw.as.ts',
    '(1 / (norm(W + at, stride) + eps) - 1)',
    '(1 / (norm(W + at, stride) + eps) - 1.5)',
  );
  assert.match(
    (await project.repro('why', 'train[alpha=1,gamma=0.5,m=3]', '--params', 'tiny')).stdout,
    /code changed: numerics\/toy-model\/wasm\/adamw\.as\.ts\n/,
  );
  assert.deepEqual(await run('--until', 'train'), { train: 6 });
  project.edit('numerics/toy-model/wasm/adamw.as.ts', '- 1.5)', '- 1)');
});

test('the claims gate: an altered expectation shuts it at once, and keeps it shut after a run', async () => {
  const original = project.read('params/claims.json');
  writeSet({}, { decides: ['llm-room'] });
  await run();
  assert.equal((await project.repro('verify', '--params', 'tiny')).code, 0);

  const altered = original.replace(
    /("quantity": "vocabulary-room",\s+"rule": "share",\s+"expectation": \{\s+"above": )1,/,
    '$19999,',
  );
  assert.notEqual(altered, original);
  project.write('params/claims.json', altered);
  const before = await project.repro('verify', '--params', 'tiny');
  assert.equal(before.code, 1);
  assert.match(before.stderr + before.stdout, /run/);

  await run();
  const found = JSON.parse(project.read('reports/tiny/claims.json')) as { id: string; verdict: string }[];
  assert.equal(found.find(({ id }) => id === 'llm-room')?.verdict, 'not-reproduced');
  assert.match(project.read('reports/tiny/report.md'), /claim-llm-room"><\/a>✗ \*\*not reproduced\*\*/);
  assert.equal((await project.repro('verify', '--params', 'tiny')).code, 1);

  const acknowledged = altered.replace(
    '"quantity": "vocabulary-room",',
    '"quantity": "vocabulary-room", "acknowledged": { "tiny": { "verdict": "not-reproduced", "high": 0.5, "reason": "a test altered it" } },',
  );
  project.write('params/claims.json', acknowledged);
  await run();
  assert.equal((await project.repro('verify', '--params', 'tiny')).code, 0, 'an acknowledged finding opens the gate');
  project.write('params/claims.json', original);
});
