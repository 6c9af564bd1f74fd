import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sha256 } from '../../src/graph/digest.ts';
import type { Statement } from '../../src/publish/statement.ts';
import { verifyPublished } from '../../src/publish/verify-published.ts';
import type { Project } from '../project.ts';
import { reportProject } from '../publish/report-project.ts';

let project: Project;
before(async () => {
  project = reportProject();
  assert.equal((await project.run('run')).code, 0);
  assert.equal((await project.run('audit', '--sample', '2', '--seed', 'a')).code, 0);
});
after(() => project.close());

const path = 'reports/quick/statement.intoto.json';

test('a statement names every file of the report, its lock, its packages and its audits; the same bytes each time', async () => {
  project.write('package-lock.json', '{"lockfileVersion":3}');
  const { code, stdout, stderr } = await project.run('attest', 'quick', '--audit', 'audit.json', '--checksums', 'sums');
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${path}: 9 files of quick, commit unknown, 1 audit\n`);
  const text = project.read(path);
  const { _type, subject, predicate } = JSON.parse(text) as Statement;
  assert.equal(_type, 'https://in-toto.io/Statement/v1');
  for (const { name, digest } of subject) assert.equal(digest.sha256, sha256(project.read(name)), name);
  assert.deepEqual(
    subject.map(({ name }) => name.replace('reports/quick/', '')),
    [
      'claims.json',
      'figures/left.svg',
      'figures/right.svg',
      'index.html',
      'lock.json',
      'provenance.json',
      'report.md',
      'sum.json',
      'table.csv',
    ],
  );
  assert.equal(predicate.lock, sha256(project.read('reports/quick/lock.json')));
  assert.equal(predicate.packageLock, sha256('{"lockfileVersion":3}'));
  assert.deepEqual(predicate.node, [process.version]);
  assert.deepEqual([predicate.audits[0]!.nodes, predicate.audits[0]!.of, predicate.audits[0]!.differing], [2, 6, 0]);
  assert.equal(predicate.audits[0]!.sha256, sha256(project.read('audit.json')));
  assert.equal(project.read('sums').split('\n')[0], `${subject[0]!.digest.sha256}  ${subject[0]!.name}`);
  await project.run('attest', 'quick', '--audit', 'audit.json');
  assert.equal(project.read(path), text);
  assert.equal((await project.run('verify', '--published')).stdout, 'quick: as published\n');
});

test('a statement that says something else is found', () => {
  const text = project.read(path);
  for (const [was, is] of [
    [/"sha256": "."/, '"sha256": "x"'],
    ['"set": "quick"', '"set": "quack"'],
    [/"lock": "[0-9a-f]/, '"lock": "x'],
    ['"commit": null', '"commit": "0123456789ab"'],
    ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v2'],
  ] as const) {
    const changed = text.replace(was, is);
    if (changed === text) continue;
    project.write(path, changed);
    assert.equal(verifyPublished(project.path('reports/quick')).length, 1, String(was));
  }
  project.write(
    path,
    text.replace(/("sha256": ")(.)/, (_, a: string, b: string) => a + (b === '0' ? '1' : '0')),
  );
  assert.match(verifyPublished(project.path('reports/quick'))[0]!.problem, /is about other files/);
  project.write(path, text);
  assert.deepEqual(verifyPublished(project.path('reports/quick')), []);
});

test('an audit of other results is refused, and so is a report that is not as published', async () => {
  const audit = project.read('audit.json');
  project.write(
    'other.json',
    audit.replace(/"key": "./g, '"key": "0').replace(/"recorded": \{\n(.*)"[0-9a-f]/g, '"recorded": {\n$1"0'),
  );
  const other = await project.run('attest', 'quick', '--audit', 'other.json');
  assert.equal(other.code, 2);
  assert.match(
    other.stderr,
    /^repro: other\.json: \S+ is not the one that lock\.json names: expected an audit of this report\n$/,
  );
  const table = project.read('reports/quick/table.csv');
  project.write('reports/quick/table.csv', 'a,b\n1,3\n');
  const { code, stderr } = await project.run('attest', 'quick');
  assert.equal(code, 2);
  assert.match(stderr, /table\.csv: is not what was published: nothing was attested\n$/);
  project.write('reports/quick/table.csv', table);
});

test('a new report has no statement of the one before', async () => {
  assert.equal((await project.run('attest', 'quick')).code, 0);
  project.write('params/quick.json', '{"count": 3, "base": 5}');
  assert.equal((await project.run('run')).code, 0);
  assert.throws(() => project.read(path), /ENOENT/);
});
