import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copyProject, tinySet } from './project-copy.ts';

const project = copyProject();
after(() => project.close());

/** Each mistake is told in one line that names the thing, the value and what was expected; exit code 2. */
async function refused(args: readonly string[], expected: RegExp): Promise<void> {
  const { code, stderr, stdout } = await project.repro(...args);
  assert.equal(code, 2, `${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  assert.equal(stderr.trim().split('\n').length, 1, `one line expected:\n${stderr}`);
  assert.match(stderr, expected);
}

async function withSet(name: string, set: object, expected: RegExp): Promise<void> {
  project.write(`params/${name}.json`, JSON.stringify({ ...tinySet, ...set }));
  await refused(['status', '--params', name], expected);
}

test('an unknown parameter, with the nearest known name', async () => {
  await withSet(
    'unknown',
    { small: { ...tinySet.small, gama: [1] } },
    /params\/unknown\.json: small\.gama: unknown parameter \(did you mean "gamma"\?\)/,
  );
  await refused(['status', '--set', 'small.gama=[1]'], /small\.gama.*did you mean "gamma"/);
});

test('a wrong type', async () => {
  await withSet(
    'type',
    { small: { ...tinySet.small, gamma: [-1, 'x'] } },
    /params\/type\.json: small\.gamma\[1\] = "x": expected a number/,
  );
});

test('a frequency above 1', async () => {
  const { m, alpha, gamma } = tinySet.small;
  const training = { ...tinySet.small.training, peakRateW: 0.01, peakRateB: 0.01, lossScale: 1 };
  await withSet(
    'frequency',
    { density: { n: 32, m, alpha, gamma, training, density: [40] } },
    /density\.density = 40: p_1 = .*a frequency cannot exceed 1/,
  );
});

test('a negative size', async () => {
  await withSet('negative', { small: { ...tinySet.small, n: -5 } }, /small\.n = -5: expected a number >= 2/);
});

test('digits too many, before anything is planned', async () => {
  await withSet('huge', { small: { ...tinySet.small, n: 1e9 } }, /small\.n = 1000000000: expected a number <= 131072/);
  const values = { from: 0, to: 1, count: 1000 };
  await withSet(
    'many',
    { small: { ...tinySet.small, alpha: values, gamma: values } },
    /small: \d+ combinations of m, gamma and alpha: expected at most 100000$/m,
  );
});

test('more dimensions than features', async () => {
  await withSet('wide', { small: { ...tinySet.small, m: [3, 64] } }, /small\.m\[1\] = 64: expected at most n = 32/);
});

test('more dimensions than features in the large part of an experiment', async () => {
  const { m, alpha, gamma } = tinySet.small;
  const training = { ...tinySet.small.training, peakRateW: 0.01, peakRateB: 0.01, lossScale: 1 };
  const sweep = { n: 32, m, alpha, gamma, training };
  await withSet(
    'insensitive',
    { insensitivity: { ...sweep, longer: 2, larger: 2, large: { ...sweep, m: [64] } } },
    /insensitivity\.large\.m\[0\] = 64: expected at most n = 32/,
  );
});

test('more dimensions than features, or a negative exponent, of the models with other initial biases', async () => {
  const rows = { gamma: [-1], seeds: 1 };
  const nothing = { alpha: [], large: null, breakdown: false, between: null };
  await withSet(
    'biases',
    { initialBias: { ...nothing, rows: { ...rows, m: [3, 64] } } },
    /initialBias\.rows\.m\[1\] = 64: expected at most n = 32/,
  );
  await withSet(
    'biases-alpha',
    { initialBias: { ...nothing, rows, alpha: [-1] } },
    /params\/biases-alpha\.json: initialBias\.alpha = -1: expected at least 0/,
  );
});

test('controls of cells that have no models from zero biases to be compared with', async () => {
  const rows = { gamma: [-1], m: [3], seeds: 1 };
  const nothing = { alpha: [], large: null, breakdown: false, between: null };
  const controls = { alpha: tinySet.small.alpha, gamma: [-1], m: [4], epsilon: 1e-6, longer: 2 };
  await withSet(
    'biases-controls',
    { initialBias: { ...nothing, rows, controls } },
    /initialBias\.controls\.m: 4: expected one of initialBias\.rows: 3/,
  );
});

test('a warm-up that outlasts the training', async () => {
  await withSet(
    'warm',
    { small: { ...tinySet.small, training: { batch: 32, steps: 60, warmup: 60 } } },
    /small\.training\.warmup = 60: expected less than steps = 60/,
  );
});

test('an empty sweep', async () => {
  await withSet('empty', { small: { ...tinySet.small, m: [] } }, /small\.m = \[\]: expected at least 1 element/);
});

test('a claim that is not there, a figure that cannot be drawn', async () => {
  await withSet(
    'decides',
    { decides: ['etf-cuont'] },
    /decides: "etf-cuont": no claim in params\/claims\.json has this id.*did you mean "etf-count"/,
  );
  await withSet('figures', { figures: ['7a'] }, /figures: 7a .* needs the experiment density: this set has small/);
});

test('a duplicate claim id, a claim on an unknown quantity, a rule that does not exist', async () => {
  const original = project.read('params/claims.json');
  const edited = async (from: string, to: string, expected: RegExp): Promise<void> => {
    project.edit('params/claims.json', from, to);
    await refused(['status', '--params', 'ci'], expected);
    project.write('params/claims.json', original);
  };
  await edited('"id": "stronger-is-better"', '"id": "weak-slow"', /params\/claims\.json.*weak-slow/);
  await edited(
    '"quantity": "loss-ratio"',
    '"quantity": "loss-ration"',
    /params\/claims\.json.*loss-ration.*did you mean "loss-ratio"/,
  );
  await edited('"rule": "interval-within"', '"rule": "interval-wihtin"', /params\/claims\.json.*interval-wihtin/);
});

test('a missing file', async () => {
  await refused(['run', '--params', 'nowhere.json'], /nowhere\.json: no such parameter file/);
  await refused(['run', '--params', 'quik'], /no such parameter set \(did you mean "quick"\?\)/);
  await withSet(
    'published',
    { llm: { published: 'params/published/nothing.json' } },
    /params\/published\/nothing\.json: no such file/,
  );
});

test('bad JSON, with line and column', async () => {
  project.write('params/broken.json', '{\n  "extends": "ci",\n  "seed": 1,,\n}\n');
  await refused(['run', '--params', 'broken'], /params\/broken\.json:3:13: ",": expected/);
});

test('an unknown node pattern, option and verb', async () => {
  await refused(['run', 'trian[m=5]', '--params', 'ci'], /trian\[m=5\]: no node has this name/);
  await refused(['run', 'train[m=8', '--params', 'ci'], /train\[m=8: expected "\]" at its end/);
  await refused(['run', '--jbos', '2'], /unknown option '--jbos' \(Did you mean --jobs\?\)/);
  await refused(['rnu'], /unknown command 'rnu'/);
});
