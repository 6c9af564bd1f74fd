import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rmSync } from 'node:fs';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

let project: Project;
before(() => void (project = sumProject()));
after(() => project.close());

test('before any run, verify says to run first', async () => {
  const { code, stderr } = await project.run('verify');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^repro: quick: the report is older than its inputs, or was not made in this store: run first: gen\[i=0\] is missing \(never built\), and 4 more\n$/,
  );
});

test('with --set, verify names the report that it is about', async () => {
  const { stderr } = await project.run('verify', '--set', 'base=7');
  assert.match(
    stderr,
    /^repro: quick\+base=7: the report is older than its inputs, or was not made in this store: run first: /,
  );
});

test('a reproduced claim opens the gate, an undecided one shuts it only when asked for', async () => {
  assert.equal((await project.run('run')).code, 0);
  const open = await project.run('verify', '--junit', project.path('claims.xml'));
  assert.equal(open.code, 0, open.stderr);
  assert.match(open.stdout, /in-range \(a\) +reproduced +passed +\d+/);
  assert.match(open.stdout, /elsewhere +not run +not required +\d+/);
  assert.match(
    open.stdout,
    /quick: the gate is open\. Of 2 parts of claims, 1 passed, 0 acknowledged, 0 refused, 1 not required\n$/,
  );
  assert.match(project.read('claims.xml'), /tests="2" failures="0" skipped="1"/);

  const strict = await project.run('verify', '--strict', '--json');
  assert.equal(strict.code, 1);
  const { open: isOpen, findings } = JSON.parse(strict.stdout) as {
    open: boolean;
    findings: { id: string; status: string }[];
  };
  assert.equal(isOpen, false);
  assert.deepEqual(
    findings.map(({ id, status }) => [id, status]),
    [
      ['in-range', 'passed'],
      ['elsewhere', 'refused'],
    ],
  );
});

test('an altered or lost published file shuts the gate until run puts it back', async () => {
  const published = project.read('reports/quick/claims.json');
  project.write('reports/quick/claims.json', published.replace('not-run', 'reproduced'));
  const altered = await project.run('verify');
  assert.equal(altered.code, 1);
  assert.match(altered.stderr, /claims\.json is not what was published: run first\n$/);

  rmSync(project.path('reports/quick/claims.json'));
  assert.match((await project.run('verify')).stderr, /claims\.json is missing: run first\n$/);

  assert.equal((await project.run('run')).code, 0);
  assert.equal(project.read('reports/quick/claims.json'), published);
  assert.equal((await project.run('verify')).code, 0);
});

test('an altered expectation shuts the gate at once, and still after the run that refutes the claim', async () => {
  project.write('params/claims.json', '{"low": 0, "high": 5}');
  const stale = await project.run('verify');
  assert.equal(stale.code, 1);
  assert.match(stale.stderr, /run first: claims is stale \(input changed: limits: params\/claims\.json: /);

  assert.equal((await project.run('run')).code, 0);
  const refuted = await project.run('verify');
  assert.equal(refuted.code, 1);
  assert.match(refuted.stdout, /in-range \(a\) +not reproduced +refused +\d+ +not reproduced, and not acknowledged/);
  assert.match(refuted.stdout, /the gate is shut/);
});

test('a node that could not run here does not make the report older than its inputs: its claims are not run', async () => {
  const offline = sumProject({
    'stages/declarations.ts': project
      .read('stages/declarations.ts')
      .replace('many }', 'many, optional }')
      .replace('total: Num', 'total: optional(Num)'),
    'stages/sum/run.ts': `
      import { NotRun } from '$engine/runtime.ts';
      export const run = async () => { throw new NotRun('no network'); };`,
    'stages/claims/run.ts': `
      import { writeFileSync } from 'node:fs';
      export const run = async ({ inputs, outputs }: { inputs: { total?: object }; outputs: { results: { path: string } } }) => {
        const verdict = inputs.total ? 'reproduced' : 'not-run';
        const part = {
          id: 'a', quantity: 'sum', rule: 'within', verdict, expected: '', measuredText: '', measured: null, standardError: null, low: null,
          high: null, errorFrom: null, seeds: null, cells: { used: 0, planned: 0, design: 1 }, detail: '',
        };
        const claim = { id: 'in-range', sentence: '', source: '', by: 'paper', theme: '', verdict, parts: [part], alternatives: {} };
        writeFileSync(outputs.results.path, JSON.stringify([claim]));
      };`,
  });
  try {
    const ran = await offline.run('run');
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    assert.match(ran.stdout, /not run sum: no network/);
    const { code, stdout, stderr } = await offline.run('verify');
    assert.equal(stderr, '');
    assert.equal(code, 1);
    assert.match(stdout, /in-range \(a\) +not run +refused +not run, and not acknowledged/);
  } finally {
    offline.close();
  }
});
