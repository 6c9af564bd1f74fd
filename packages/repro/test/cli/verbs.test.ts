import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { parameterLines } from '../../src/cli/verbs/show.ts';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

let project: Project;
before(async () => {
  project = sumProject();
  assert.equal((await project.run('run')).code, 0);
});
after(() => project.close());

const verbs = [
  'run',
  'status',
  'why',
  'show',
  'graph',
  'verify',
  'gc',
  'check-store',
  'check-determinism',
  'schema',
  'completion',
];

test('help lists every verb, and each verb explains itself with an example', async () => {
  const { code, stdout } = await project.run('--help');
  assert.equal(code, 0);
  for (const verb of verbs) assert.match(stdout, new RegExp(`^  ${verb} `, 'm'));
  for (const verb of verbs) {
    const help = await project.run(verb, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`Examples?:\n  .*repro ${verb}`), verb);
  }
});

test('help speaks of the project: its default set and the examples it declares', async () => {
  const { stdout } = await project.run('run', '--help');
  assert.match(stdout, /--params <set> .*\(default:\s+"quick"\)/s);
  assert.match(stdout, /\n {2}\.\/repro run 'gen\[i=1\]' --set base=2 --jobs 4\n/);
});

test('graph: stages with their counts, every node with --full', async () => {
  const { stdout } = await project.run('graph');
  assert.equal(
    stdout,
    'flowchart LR\n  v0["gen × 3"]\n  v1[/"params/claims.json"/]\n  v2["sum"]\n  v3["claims"]\n  v0 --> v2\n  v2 --> v3\n  v1 --> v3\n',
  );
  const full = JSON.parse((await project.run('graph', '--full', '--format', 'json', '--set', 'count=2')).stdout) as {
    vertices: { id: string }[];
    edges: unknown[];
  };
  assert.deepEqual(full.vertices.map(({ id }) => id).sort(), [
    'claims',
    'gen[i=0]',
    'gen[i=1]',
    'params/claims.json',
    'sum',
  ]);
  assert.equal(full.edges.length, 4);
  assert.match(
    (await project.run('graph', '--format', 'dot')).stdout,
    /^digraph pipeline \{[^]*"gen" -> "sum";[^]*\}\n$/,
  );
});

test('graph NODE --depth: what a node is made from, so many steps back', async () => {
  const drawn = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await project.run('graph', ...args, '--format', 'json');
    return (JSON.parse(stdout) as { vertices: { id: string }[] }).vertices.map(({ id }) => id).sort();
  };
  assert.deepEqual(await drawn('claims', '--depth', '1'), ['claims', 'params/claims.json', 'sum']);
  assert.deepEqual(await drawn('claims'), ['claims', 'gen[i=0]', 'gen[i=1]', 'gen[i=2]', 'params/claims.json', 'sum']);
  assert.deepEqual(await drawn('gen[i=1]'), ['gen[i=1]']);
  const { code, stderr } = await project.run('graph', '--depth', '2');
  assert.equal(code, 2);
  assert.match(stderr, /^repro: --depth: expected a node that it counts from/);
});

test('why PATTERN: nodes grouped by reason, with where the parameter set changed', async () => {
  const { stdout } = await project.run('why', '*', '--set', 'base=2');
  assert.match(stdout, /^3 nodes of gen, stale: parameter changed: base 1 -> 2, --set\n {2}gen i=0\n {2}gen i=1\n/);
  assert.match(stdout, /^1 node of sum, pending: input pending: gen\n {2}sum\n/m);
  assert.match(stdout, /^1 node of claims, pending: input pending: sum\n/m);
});

test('a key, or its first digits, names a node', async () => {
  const [{ key }] = JSON.parse((await project.run('show', 'gen[i=1]', '--json')).stdout) as [{ key: string }];
  assert.match((await project.run('show', key.slice(0, 8))).stdout, /^gen\[i=1\]: fresh\n/);
});

test('show: what a node is made of and where its bytes lie', async () => {
  const [facts] = JSON.parse((await project.run('show', 'sum', '--json')).stdout) as [
    {
      state: string;
      key: string;
      inputs: Record<string, { from: string }[]>;
      outputs: Record<string, { path: string }>;
      madeOn: { machine: { node: string } };
    },
  ];
  assert.equal(facts.madeOn.machine.node, process.version);
  assert.equal(facts.state, 'fresh');
  assert.deepEqual(
    facts.inputs['nums']!.map(({ from }) => from),
    ['gen[i=0].num', 'gen[i=1].num', 'gen[i=2].num'],
  );
  assert.equal(project.read(facts.outputs['num']!.path), '{"v":9}\n');
  const { stdout } = await project.run('show', 'gen[i=1]');
  assert.match(
    stdout,
    /^gen\[i=1\]: fresh\n[^]*params +\{"i":1,"base":1\}\n[^]*output +num: artifacts\/cas\/[0-9a-f]{64} \(8 B\)\n$/,
  );
  const pending = await project.run('show', 'sum', '--set', 'base=2');
  assert.match(
    pending.stdout,
    /^sum: pending\n[^]*key +not known until its inputs are built\n[^]*the last result \(key [0-9a-f]{12}\):/,
  );
});

test('run --dry-run: what would run, and how long it took before', async () => {
  const known = await project.run('run', '--dry-run', '--set', 'count=5');
  assert.match(known.stdout, /^gen +2 +3 +1 s +3 earlier runs\n/m);
  assert.match(known.stdout, /^about 1 s with --jobs \d+/m);
  const unknown = await project.run('run', '--dry-run', '--store', project.path('empty'));
  assert.match(unknown.stdout, /^gen +3 +0 +\? +nothing yet\n[^]*how long: unknown/m);
  assert.match((await project.run('run', '--dry-run')).stdout, /nothing would run\n$/);
});

test('schema: what editors check; --check tells when it is out of date', async () => {
  assert.equal((await project.run('schema', '--check')).code, 1);
  assert.equal((await project.run('schema')).code, 0);
  assert.equal((await project.run('schema', '--check')).code, 0);
  assert.match(project.read('params/claims.schema.json'), /draft-07.*\n[^]*"type": "object"/);
  project.write('params/claims.schema.json', '{}');
  assert.match(
    (await project.run('schema', '--check')).stderr,
    /^repro: params\/claims\.schema\.json is not what the pipeline declares: run \.\/repro schema\n$/,
  );
  assert.match(
    (await project.run('schema')).stdout,
    /^params\/schema\.json is up to date\nparams\/claims\.schema\.json written\n$/,
  );
  const schema = JSON.parse(project.read('params/schema.json')) as {
    required?: unknown;
    properties: Record<string, { type?: string }>;
  };
  assert.deepEqual(Object.keys(schema.properties), ['$schema', 'extends', '$archive', 'count', 'base', 'decides']);
  assert.equal(schema.required, undefined);
  project.write('params/small.json', '{"$schema": "./schema.json", "extends": "quick", "count": 1}');
  assert.equal((await project.run('status', '--params', 'small')).code, 0);
});

test('completion: stages, nodes and sets for the scripts, whose bash one completes within a name', async () => {
  assert.equal((await project.run('completion', '--nodes')).stdout, 'gen\nsum\nclaims\ngen[i=0]\ngen[i=1]\ngen[i=2]\n');
  assert.match((await project.run('completion', '--sets')).stdout, /^quick\n/m);
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await project.run('completion', shell)).stdout, /check-determinism/);

  const script = (await project.run('completion', 'bash')).stdout;
  const complete = (line: string): string[] => {
    const ask = `${script}\nnode_repro() { ${JSON.stringify(process.execPath)} ${JSON.stringify(project.path('repro'))} "$@"; }
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"; COMPREPLY=(); _repro; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, error } = spawnSync('bash', ['-c', ask], { encoding: 'utf8', cwd: project.root });
    if (error) throw error;
    return stdout.split('\n').filter(Boolean);
  };
  assert.deepEqual(complete('node_repro check-'), ['check-store', 'check-determinism', 'check-inputs']);
  assert.deepEqual(complete('node_repro verify --j'), ['--json', '--junit']);
  assert.deepEqual(complete('node_repro run --params qu'), ['quick']);
  assert.deepEqual(complete('node_repro why gen[i='), ['0]', '1]', '2]']);
  assert.deepEqual(complete('node_repro why "gen[i='), ['gen[i=0]', 'gen[i=1]', 'gen[i=2]']);
});

test('show: parameters that are long have a line each, cut, with their size', () => {
  assert.deepEqual(parameterLines({}), []);
  assert.deepEqual(parameterLines({ i: 1 }), ['{"i":1}']);
  const [short, long] = parameterLines({ kind: 'small', cells: Array.from({ length: 2000 }, (_, i) => i) });
  assert.equal(short, 'kind: "small"');
  assert.match(long!, /^cells: \[0,1,2,[\d,]+… \(8\.89 kB; --json has all\)$/);
  assert.ok(long!.length < 220, long);
});
