import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { canonicalJson } from '../../src/graph/canonical-json.ts';
import { asKey } from '../../src/graph/digest.ts';
import { readTrace } from '../../src/plan/trace.ts';
import { Store } from '../../src/store/store.ts';
import type { Statement } from '../../src/publish/statement.ts';
import type { Audit } from '../../src/travel/audit.ts';
import type { Project } from '../project.ts';
import { reportProject } from '../publish/report-project.ts';

let project: Project;
before(async () => {
  project = reportProject();
  assert.equal((await project.run('run')).code, 0);
});
after(() => project.close());

const auditOf = (path: string): Audit => JSON.parse(project.read(path)) as Audit;

test('an audit computes what it drew again, says what that proves, and leaves the store as it was', async () => {
  const before = readdirSync(project.path('artifacts/ac')).sort();
  const { code, stdout, stderr } = await project.run('audit', '--sample', '3', '--seed', 'a');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^seed a: 3 nodes of 6 drawn\n/);
  assert.match(
    stdout,
    /quick: 3 of 6 nodes recomputed \(.* of the work\), all equal: at most 64% differ, with 95% confidence/,
  );
  const { nodes, draws, population } = auditOf('audit.json');
  assert.equal(nodes.length, 3);
  for (const { recorded, recomputed, verdict } of nodes) {
    assert.deepEqual(recomputed, recorded);
    assert.equal(verdict, 'same');
  }
  assert.equal(draws[0]!.seed, 'a');
  assert.equal(population.nodes, 6);
  assert.deepEqual(readdirSync(project.path('artifacts/ac')).sort(), before);
  assert.deepEqual(readdirSync(project.path('artifacts/tmp')), []);
  assert.deepEqual(readdirSync(project.path('artifacts/leases')), []);
});

test('two audits merge into one; those of other results do not', async () => {
  await project.run('audit', '--budget', '1h', '--jobs', '1', '--out', 'all.json');
  assert.equal(auditOf('all.json').nodes.length, 6);
  const { code, stdout } = await project.run('audit', '--merge', 'audit.json', 'all.json', '--out', 'merged.json');
  assert.equal(code, 0);
  assert.match(stdout, /6 of 6 nodes recomputed \(100% of the work\), all equal: 0% differ/);
  assert.equal(auditOf('merged.json').draws.length, 2);
  project.write('other.json', JSON.stringify({ ...auditOf('audit.json'), set: 'other' }));
  const refused = await project.run('audit', '--merge', 'audit.json', 'other.json');
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^repro: audit --merge: audits of quick \(6 nodes\) and other \(6 nodes\): expected .*\n$/,
  );
  assert.equal((await project.run('audit')).code, 2);
  const drawn = await project.run('audit', '--merge', 'audit.json', 'all.json', '--sample', '3');
  assert.deepEqual([drawn.code, drawn.stderr], [2, 'repro: audit --merge: nothing is drawn: remove --sample\n']);
});

test('nodes that take longer than the budget are not drawn from, and the statement says so', async () => {
  const took = auditOf('all.json')
    .nodes.map(({ seconds }) => seconds)
    .sort((a, b) => a - b);
  const budget = (took[2]! + took[3]!) / 2;
  const { code, stdout } = await project.run('audit', '--budget', `${budget}s`, '--jobs', '1', '--out', 'short.json');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^not drawn from: 3 nodes that take longer than 0\.\d+ s$/m);
  assert.match(stdout, /[1-3] of 3 nodes that take at most 0\.\d+ s each recomputed/);
  assert.deepEqual(auditOf('short.json').population.atMostSeconds, budget);
  const merged = await project.run('audit', '--merge', 'short.json', 'all.json', '--out', 'merged.json');
  assert.equal(merged.code, 2, 'they were drawn from other nodes');
  const none = await project.run('audit', '--budget', `${took[0]! / 2}s`);
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^repro: --budget 0\.\d+ s: expected at least 0\.\d+ s, which the shortest of the nodes takes\n$/,
  );
});

test('an audit of nodes that cannot run here is no success, says so, and cannot be attested', async () => {
  const page = project.read('stages/page/run.ts').replace(
    'inputs, outputs }: any) => {',
    `inputs, outputs }: any) => {
      if (existsSync('${project.path('no-card')}')) throw new NotRun('no card');`,
  );
  project.write(
    'stages/page/run.ts',
    `import { existsSync } from 'node:fs';\nimport { NotRun } from '$engine/runtime.ts';${page}`,
  );
  assert.equal((await project.run('run')).code, 0);
  project.write('no-card', '');
  const some = await project.run('audit', '--sample', '6');
  assert.equal(some.code, 3, some.stdout);
  assert.match(some.stdout, /^not-run   page: no card$/m);
  assert.match(some.stdout, /: 5 of 6 nodes recomputed .*, all equal, 1 more could not run here: 0% of those that can/);
  const determinism = await project.run('check-determinism', 'page');
  assert.equal(determinism.code, 3);
  assert.equal(determinism.stdout.split('\n').at(-2), '1 node run again: 0 the same, 0 different, 0 failed, 1 not run');
  const none = {
    ...auditOf('audit.json'),
    nodes: auditOf('audit.json').nodes.filter(({ verdict }) => verdict !== 'same'),
  };
  project.write('none.json', JSON.stringify(none));
  const merged = await project.run('audit', '--merge', 'none.json', 'none.json', '--out', 'merged.json');
  assert.equal(merged.code, 3);
  assert.match(merged.stdout, /quick: 0 of 6 nodes recomputed: this says nothing about the results \(page: no card\)/);
  const attested = await project.run('attest', 'quick', '--audit', 'merged.json');
  assert.equal(attested.code, 2);
  assert.match(attested.stderr, /^repro: merged.json: 0 of 6 .* expected an audit that compared at least one node\n$/);
  assert.equal((await project.run('attest', 'quick', '--audit', 'audit.json')).code, 0);
  const statement = JSON.parse(project.read('reports/quick/statement.intoto.json')) as Statement;
  const { nodes, differing, failed, notRun } = statement.predicate.audits[0]!;
  assert.deepEqual([nodes, differing, failed, notRun], [5, 0, 0, 1]);
  rmSync(project.path('no-card'));
});

test('a forged result whose keys are consistent is found when it is drawn', async () => {
  const store = new Store(project.path('artifacts'));
  const [facts] = JSON.parse((await project.run('show', 'sum', '--json')).stdout) as [{ key: string }];
  const key = asKey(facts.key)!;
  const trace = readTrace(store, store.readResult(key)!.trace)!;
  const num = store.write('{"v":4.5}\n');
  const forged = { ...trace, outputs: { num: num.digest } };
  store.record(key, { num: '.json' }, { outputs: { num }, trace: store.write(canonicalJson(forged)) });
  store.close();
  assert.match((await project.run('check-store')).stdout, /all intact/, 'nothing in the store contradicts it');
  assert.equal((await project.run('run')).code, 0, 'and all that follows is made of it');
  assert.equal(project.read('reports/quick/sum.json'), '{"v":4.5}\n');

  const { code, stdout } = await project.run('audit', '--sample', '6');
  assert.equal(code, 1);
  assert.match(stdout, /^different sum: other bytes in num$/m);
  assert.match(stdout, /^different page: other bytes in report and html, since its inputs came out with other bytes$/m);
  assert.match(stdout, /6 of 6 nodes recomputed .*, 3 different: 50% differ/);
  const found = auditOf('audit.json').nodes.filter(({ verdict }) => verdict !== 'same');
  assert.deepEqual(
    found.map(({ node }) => node),
    ['claims', 'page', 'sum'],
  );
});

test('a pipe or a device is neither read nor replaced, and where the audit cannot be written nothing is computed', async () => {
  const pipe = project.path('pipe');
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/proc/self/fd/1', project.path('out'));
  const refused = async (message: RegExp, ...args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await project.run(...args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  };
  const noFile = /^repro: \S+: it is a device, a pipe or a socket: expected /;
  await refused(noFile, 'audit', '--sample', '1', '--out', pipe);
  await refused(noFile, 'audit', '--sample', '1', '--out', project.path('out'));
  await refused(
    /^repro: no\/x.json: \S+ is not there: expected a folder\n$/,
    'audit',
    '--sample',
    '1',
    '--out',
    'no/x.json',
  );
  await refused(/^repro: \S+: expected a file that `repro audit` wrote\n$/, 'audit', '--merge', pipe, '/dev/zero');
  await refused(noFile, 'export', pipe);
  await refused(noFile, 'import', pipe);
  assert.ok(lstatSync(pipe).isFIFO());
});

test('store says what it holds and who uses it', async () => {
  const { stages, roots } = JSON.parse((await project.run('store', '--json')).stdout) as {
    stages: { stage: string; results: number }[];
    roots: { label: string; project: string }[];
  };
  assert.deepEqual(stages.map(({ stage }) => stage).sort(), ['claims', 'gen', 'page', 'sum']);
  assert.deepEqual(
    roots.map(({ label, project: path }) => [label, path]),
    [['quick', project.root]],
  );
  assert.match((await project.run('store')).stdout, /^stage +results +bytes .*\n(.*\n)+\nused by +project .*\nquick /);
});
