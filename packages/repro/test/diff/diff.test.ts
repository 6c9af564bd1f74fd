import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { diffPage } from '../../src/cli/diff/page.ts';
import { diffText } from '../../src/cli/diff/text.ts';
import { colours } from '../../src/cli/reporters/colours.ts';
import { compareReports } from '../../src/diff/compare.ts';
import type { ReportDiff } from '../../src/diff/compare.ts';
import { compareTables } from '../../src/diff/compare-tables.ts';
import type { PublishedReport } from '../../src/diff/published-report.ts';
import type { Project } from '../project.ts';
import { reportProject } from '../publish/report-project.ts';

function report(label: string, files: Readonly<Record<string, string>>, parameters = {}): PublishedReport {
  const lock = { lockVersion: 2, nodes: {} };
  const all = { 'lock.json': JSON.stringify({ ...lock, label }), ...files };
  return {
    ...{ label, lock, parameters, commit: null, finishedAt: null },
    files: new Map(Object.entries(all).map(([path, text]) => [path, Buffer.from(text)])),
  };
}

describe('a table', () => {
  const compared = (was: string, is: string): ReturnType<typeof compareTables>[number] =>
    compareTables(report('a', { 't.csv': was }), report('b', { 't.csv': is }))[0]!;

  test('is matched by the leading columns that tell its rows apart, without those in which it never agrees', () => {
    const { matchedBy, both, onlyAfter, columns } = compared(
      'set,n,m,loss\nx,10,1,0.5\nx,10,2,0.25\n',
      'set,n,m,loss\nx,99,1,0.5\nx,99,2,0.125\nx,99,3,0.1\n',
    );
    assert.deepEqual(matchedBy, ['set', 'm']);
    assert.deepEqual([both, onlyAfter], [2, 1]);
    assert.deepEqual(
      columns.map(({ column, changed }) => [column, changed]),
      [
        ['loss', 1],
        ['n', 2],
      ],
    );
    assert.deepEqual(columns[0]!.examples, [{ row: 'm=2', before: '0.25', after: '0.125' }]);
  });

  test('names its rows by as few columns as tell them apart', () => {
    const { columns } = compared('a,b,c,d,v\nx,1,1,1,1\nx,2,2,1,1\n', 'a,b,c,d,v\nx,1,1,1,1\nx,2,2,1,2\n');
    assert.equal(columns[0]!.examples[0]!.row, 'b=2');
  });

  test('that is written with fewer digits is the same as far as it goes, and no further', () => {
    assert.deepEqual(compared('i,v\n1,1.036\n2,0.5\n', 'i,v\n1,1.0363\n2,0.5\n').columns, []);
    assert.deepEqual(compared('i,v\n1,1.036\n2,0.5\n', 'i,v\n1,1.036\n2,0.50001\n').columns, []);
    assert.equal(compared('i,v\n1,1.036\n2,0.5\n', 'i,v\n1,1.036\n2,0.5004\n').columns[0]!.changed, 1);
  });

  test('of short numbers has them as they are: 2 is not 2.4 that was rounded', () => {
    assert.equal(compared('i,v\n1,2\n2,3\n', 'i,v\n1,2.4\n2,3\n').columns[0]!.changed, 1);
    assert.equal(compared('i,v\n1,0.5\n2,0.25\n', 'i,v\n1,0.503\n2,0.25\n').columns[0]!.changed, 1);
    assert.deepEqual(compared('i,v\n1,2\n2,0\n', 'i,v\n1,2.0\n2,-0\n').columns, []);
  });

  test('whose rows nothing tells apart is reported as such', () => {
    assert.equal(compared('a\n1\n1\n', 'a\n1\n2\n').problem, 'no columns tell its rows apart');
  });
});

describe('two reports in words', () => {
  const hostile = 'x<script>alert(1)</script>\u001b[31m';
  const claims = (verdict: string, measuredText: string): string =>
    JSON.stringify([{ id: 'a-claim', verdict, parts: [{ id: 'a', verdict, measured: 1, measuredText }] }]);
  const a = report(
    'a',
    { 'claims.json': claims('reproduced', '95%'), 'f/1.svg': '<svg>1</svg>', 'f/1.vl.json': '1', 'f/2.svg': 'same' },
    { long: { [hostile]: Array.from({ length: 60 }, (_, i) => i) }, small: 1 },
  );
  const b = report(
    'b',
    {
      'claims.json': claims('not-reproduced', '80%'),
      'f/1.svg': '<svg>2</svg>',
      'f/1.vl.json': '2',
      'f/2.svg': 'same',
    },
    { long: { [hostile]: [1] }, small: 2 },
  );
  const found = compareReports(a, b, undefined);

  test('no line is wider than the terminal, and nothing acts on it', () => {
    for (const width of [60, 80, 120, 200]) {
      const text = diffText(found, width, colours(false));
      assert.ok(!text.includes('\u001b'));
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
      assert.match(text, /^ {2}small +1 -> 2$/m);
      assert.match(
        text,
        /^Claims: 1 part in both: 1 with another verdict\n {2}a-claim \(a\)\s+reproduced -> not reproduced\n\s+95% -> 80%$/m,
      );
      assert.match(text, /^Figures: 2 in both: 1 differ\n {2}differ: f\/1$/m);
      assert.match(text, /^Other files: 1 in both: 1 differ\n {2}differ: claims.json$/m);
    }
  });

  test('the page has the figures as data and runs nothing', () => {
    const page = diffPage(found, a, b);
    assert.ok(!page.includes('<script'));
    assert.equal(page.match(/<img /g)!.length, 2);
    assert.ok(page.includes(Buffer.from('<svg>2</svg>').toString('base64')));
  });
});

describe('the verb', () => {
  let project: Project;
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: project.root });
  before(async () => {
    project = reportProject();
    project.write('.gitignore', 'node_modules\nartifacts\nreports/quick+*\n');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'code');
    assert.equal((await project.run('run')).code, 0);
    git('add', '.');
    git('commit', '-qm', 'report');
  });
  after(() => project.close());

  const diff = async (...args: string[]): Promise<ReportDiff> =>
    JSON.parse((await project.run('diff', ...args, '--json')).stdout) as ReportDiff;

  test('compares a run with --set with its set, and says why keys differ', async () => {
    assert.equal((await project.run('run', '--set', 'base=2')).code, 0);
    const { parameters, claims, nodes, same } = await diff('quick', '--set', 'base=2');
    assert.equal(same, false);
    assert.deepEqual(parameters, [{ path: 'base', before: 1, after: 2 }]);
    assert.deepEqual(
      claims!.values.map(({ claim, before, after }) => [claim, before.measured, after.measured]),
      [
        ['in-range', '9', '12'],
        ['elsewhere', '9', '12'],
      ],
    );
    const stage = (name: string): (typeof nodes.stages)[number] => nodes.stages.find((each) => each.stage === name)!;
    assert.deepEqual(stage('gen').reasons, [{ kind: 'parameter changed', detail: 'base: 1 -> 2', nodes: 3 }]);
    assert.deepEqual(stage('sum').reasons, [{ kind: 'input changed', detail: 'nums', nodes: 1 }]);
    assert.equal(stage('sum').changed, 1);
  });

  test('compares a set with its committed report, and two commits', async () => {
    assert.equal((await diff('quick')).same, true);
    assert.equal((await diff('HEAD:quick')).same, true, 'a commit alone is compared with the present report');
    project.write('params/quick.json', '{"count": 4, "base": 1}');
    assert.equal((await project.run('run', '--reports', 'elsewhere')).code, 0);
    const { nodes, parameters } = await diff('HEAD:quick', 'elsewhere/quick');
    assert.deepEqual(parameters, [{ path: 'count', before: 3, after: 4 }]);
    const [gen] = nodes.stages.filter(({ stage }) => stage === 'gen');
    assert.deepEqual([gen!.same, gen!.onlyAfter], [3, 1]);
    const { code, stdout } = await project.run('diff', 'HEAD:quick', 'elsewhere/quick', '--page', 'diff.html');
    assert.equal(code, 0);
    assert.match(stdout, /written to diff\.html\n$/);
    assert.match(project.read('diff.html'), /^<!doctype html>/);
  });

  test('refuses what is no report', async () => {
    const unknown = await project.run('diff', 'quik', 'quick');
    assert.equal(unknown.code, 2);
    assert.match(
      unknown.stderr,
      /^repro: quik: no published report: expected one of quick, quick\+base=2, the directory/,
    );
    const commit = await project.run('diff', 'HEAD~1:quick', 'quick');
    assert.match(commit.stderr, /^repro: HEAD~1:quick: git has no reports\/quick in HEAD~1: expected COMMIT:SET/);
    assert.equal((await project.run('diff', '--output=x:quick', 'quick')).code, 2);
  });
});
