import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sha256 } from '../../src/graph/digest.ts';
import { verifyPublished } from '../../src/publish/verify-published.ts';
import type { Project } from '../project.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { reportProject } from './report-project.ts';

let project: Project;
before(async () => {
  project = reportProject();
  const { code, stdout, stderr } = await project.run('run');
  assert.equal(code, 0, stdout + stderr);
});
after(() => project.close());

test('a report is as published, by the verb too, and without a store', async () => {
  assert.deepEqual(verifyPublished(project.path('reports/quick')), []);
  renameSync(project.path('artifacts'), project.path('hidden'));
  const { code, stdout } = await project.run('verify', '--published');
  renameSync(project.path('hidden'), project.path('artifacts'));
  assert.equal(stdout, 'quick: as published\n');
  assert.equal(code, 0);
});

/** Each changes a copy of the report as somebody might; `rewrite` replaces the text of one file. */
type Edit = (rewrite: (path: string, change: (text: string) => string) => void, directory: string) => void;
const flipped = (digest: string): string => (digest.startsWith('0') ? '1' : '0') + digest.slice(1);

const edits: Readonly<Record<string, Edit>> = {
  'a key in the lock': (rewrite) =>
    rewrite('lock.json', (text) =>
      text.replace(/"key": "([0-9a-f]+)"/, (_, key: string) => `"key": "${flipped(key)}"`),
    ),
  'a digest in the lock': (rewrite) =>
    rewrite('lock.json', (text) =>
      text.replace(/"left": "([0-9a-f]+)"/, (_, key: string) => `"left": "${flipped(key)}"`),
    ),
  'the provenance': (rewrite) => rewrite('provenance.json', (text) => text.replace('"base": 1', '"base": 2')),
  'text after the report': (rewrite) =>
    rewrite('report.md', (text) => `${text}\nThis also holds for all other models.\n`),
  'text within the report': (rewrite) => rewrite('report.md', (text) => text.replace('The sum', 'The total')),
  'text in the provenance of the report': (rewrite) =>
    rewrite('report.md', (text) =>
      text.replace('5 cached', '0 cached').replace(/\d+ nodes executed/, '99 nodes executed'),
    ),
  'a report without its provenance': (rewrite) =>
    rewrite('report.md', (text) => text.slice(0, text.indexOf('## Provenance'))),
  'text within the page': (rewrite) => rewrite('index.html', (text) => text.replace('The sum', 'The total')),
  'text in the provenance of the page': (rewrite) =>
    rewrite('index.html', (text) =>
      text.replace('5 cached', '0 cached').replace(/\d+ nodes executed/, '99 nodes executed'),
    ),
  'a page without its provenance': (rewrite) =>
    rewrite('index.html', (text) => text.replace(/<section[^]*<\/section>/, '')),
  'another figure': (rewrite) => rewrite('figures/left.svg', () => '<svg>foreign</svg>'),
  'an additional file': (_, directory) => writeFileSync(join(directory, 'figures/extra.svg'), '<svg/>'),
  'a missing file': (_, directory) => rmSync(join(directory, 'table.csv')),
  'a table': (rewrite) => rewrite('table.csv', (text) => text.replace('2', '3')),
  'a number in the claims': (rewrite) => rewrite('claims.json', (text) => text.replace('"measured":9', '"measured":8')),
  'a verdict': (rewrite) => rewrite('claims.json', (text) => text.replace('"not-run"', '"reproduced"')),
  'two figures that changed places': (_, directory) => {
    renameSync(join(directory, 'figures/left.svg'), join(directory, 'tmp'));
    renameSync(join(directory, 'figures/right.svg'), join(directory, 'figures/left.svg'));
    renameSync(join(directory, 'tmp'), join(directory, 'figures/right.svg'));
  },
  'a figure that the lock takes for another': (rewrite) =>
    rewrite('lock.json', (text) => text.replace('"output": "left"', '"output": "right"')),
  'a link in place of a figure': (_, directory) => {
    renameSync(join(directory, 'figures/left.svg'), `${directory}-left.svg`);
    symlinkSync(`${directory}-left.svg`, join(directory, 'figures/left.svg'));
  },
  'a lock that names a file elsewhere': (rewrite) =>
    rewrite('lock.json', (text) => text.replace('"table.csv"', '"../../table.csv"')),
  'a lock that is gone': (_, directory) => rmSync(join(directory, 'lock.json')),
  'a provenance that is gone': (_, directory) => rmSync(join(directory, 'provenance.json')),
};

describe('is not as published after an edit of', () => {
  for (const [what, edit] of Object.entries(edits)) {
    test(what, () => {
      using directory = temporaryDirectory();
      const copy = join(directory.path, 'quick');
      cpSync(project.path('reports/quick'), copy, { recursive: true });
      assert.deepEqual(verifyPublished(copy), [], 'before the edit');
      edit((path, change) => {
        const before = readFileSync(join(copy, path), 'utf8');
        const after = change(before);
        assert.notEqual(after, before, 'the edit must change something');
        writeFileSync(join(copy, path), after);
      }, copy);
      assert.notDeepEqual(verifyPublished(copy), []);
    });
  }
});

test('the page has the provenance in its place, is what verify expects, and the list of sets leads to it', async () => {
  assert.match(
    project.read('reports/quick/index.html'),
    /^<main>The sum is [^]*<section id="provenance"[^]*<td><code>page<\/code>[^]*<\/main>$/,
  );
  const { stderr } = await project.run('verify');
  assert.doesNotMatch(stderr, /is not what was published/);
  assert.match(project.read('reports/index.html'), /<a href="quick\/index.html">quick<\/a>/);
});

test('a report as an RO-Crate: every file with its digest, the run that made them, and nothing of an edited report', async () => {
  const { code, stdout, stderr } = await project.run('crate', 'quick', 'crate');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /files and ro-crate-metadata\.json in crate\n$/);
  const { '@graph': graph } = JSON.parse(project.read('crate/ro-crate-metadata.json')) as {
    '@graph': { '@id': string; hasPart?: { '@id': string }[]; sha256?: string; endTime?: string }[];
  };
  const entity = (id: string) => graph.find((one) => one['@id'] === id)!;
  const parts = entity('./').hasPart!.map((part) => part['@id']);
  assert.ok(parts.includes('table.csv') && parts.includes('lock.json'));
  for (const part of parts)
    assert.equal(entity(part).sha256, sha256(readFileSync(project.path(`crate/${part}`))), part);
  assert.match(entity('#run').endTime!, /^20/);
  assert.match((await project.run('crate', 'quick', 'crate')).stderr, /crate: it is not empty/);
  cpSync(project.path('reports/quick'), project.path('reports/edited'), { recursive: true });
  project.write('reports/edited/table.csv', 'a,b\n1,3\n');
  assert.match((await project.run('crate', 'edited', 'other')).stderr, /table\.csv: is not what was published/);
  rmSync(project.path('reports/edited'), { recursive: true });
});

test('the verb names file and fault, and fails', async () => {
  project.write('reports/other/lock.json', '{}');
  cpSync(project.path('reports/quick'), project.path('reports/edited'), { recursive: true });
  project.write('reports/edited/table.csv', 'a,b\n1,3\n');
  const { code, stdout } = await project.run('verify', '--published');
  rmSync(project.path('reports/edited'), { recursive: true });
  rmSync(project.path('reports/other'), { recursive: true });
  assert.equal(code, 1);
  assert.deepEqual(stdout.split('\n'), [
    'reports/edited/table.csv: is not what was published',
    'edited: 1 fault',
    'reports/other/lock.json: cannot be read as a lock',
    'other: 1 fault',
    'quick: as published',
    '',
  ]);
  const unknown = await project.run('verify', '--published', 'nothing');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^repro: nothing: no such report in reports: expected one of quick\n$/);
});

test('options about claims do nothing for published reports, and are refused', async () => {
  for (const given of [['--junit', 'claims.xml'], ['--strict'], ['--reasons']]) {
    const { code, stderr } = await project.run('verify', '--published', ...given);
    assert.equal(code, 2);
    assert.match(stderr, /^repro: --\w+: it is about claims, which --published does not judge: use one of them\n$/);
  }
});

test('an index of the sets that says something else than their reports is a fault', async () => {
  const index = project.read('reports/index.html');
  for (const edited of [index.replace('1 reproduced', '2 reproduced'), index.replace('href="quick/', 'href="other/')]) {
    assert.notEqual(edited, index);
    project.write('reports/index.html', edited);
    const { code, stdout } = await project.run('verify', '--published');
    assert.equal(code, 1);
    assert.match(stdout, /^reports\/index\.html: does not say what the reports say: remove it, and run a set again\n/);
  }
  rmSync(project.path('reports/index.html'));
  await project.run('run');
  assert.equal(project.read('reports/index.html'), index);
  project.write('reports/index.html', index.replace('<style>', '<style>body { color: red }'));
  assert.equal((await project.run('verify', '--published')).code, 0, 'how it looks does not count');
  project.write('reports/index.html', index);
});

test('the lock is the same whoever publishes, and what ties it to the provenance is in the provenance', () => {
  const lock = project.read('reports/quick/lock.json');
  const provenance = JSON.parse(project.read('reports/quick/provenance.json')) as Record<string, unknown>;
  assert.equal(provenance['lock'], sha256(lock));
  assert.ok(!lock.includes(String(provenance['seal'])));
  const { machines, stages } = provenance as {
    machines: { nodes: number }[];
    stages: Record<string, { seconds: number }>;
  };
  assert.deepEqual(
    machines.map(({ nodes }) => nodes),
    [6],
  );
  assert.deepEqual(Object.keys(stages).sort(), ['claims', 'gen', 'page', 'sum']);
});

test('a report that is in git is published from committed code only, and says the commit', async () => {
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
      cwd: project.root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  const commit = (): unknown =>
    (JSON.parse(project.read('reports/quick/provenance.json')) as { commit: unknown }).commit;
  project.write('.gitignore', 'node_modules\nartifacts\nreports/*+*\n');
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');

  const before = project.read('reports/quick/report.md');
  project.write('params/quick.json', '{"count": 3, "base": 2}');
  const beside = await project.run('run');
  assert.equal(beside.code, 0, beside.stderr);
  assert.match(
    beside.stdout,
    /reports\/quick\+uncommitted: the report is in git, and the code has uncommitted changes/,
  );
  assert.equal(project.read('reports/quick/report.md'), before);
  assert.match(project.read('reports/quick+uncommitted/report.md'), /with uncommitted changes/);
  assert.doesNotMatch((await project.run('run')).stdout, /published/, 'once is enough');
  assert.match(
    (await project.run('verify')).stderr,
    /is not what was published: run first, or, if that published to .*quick\+uncommitted, commit the code and run again/,
  );

  git('commit', '-qam', 'second');
  await project.run('run');
  assert.equal(commit(), git('rev-parse', '--short=12', 'HEAD'));
  assert.equal((await project.run('verify', '--published')).stdout, 'quick: as published\n');

  // The list of sets is of those in git: a run of another set leaves it.
  const list = project.read('reports/index.html');
  assert.match(list, /quick\/index\.html/);
  project.write('params/other.json', '{"extends": "quick", "base": 7}');
  assert.equal((await project.run('run', '--params', 'other')).code, 0);
  assert.equal(project.read('reports/index.html'), list);
  rmSync(project.path('params/other.json'));
  rmSync(project.path('reports/other'), { recursive: true });

  // A report that was not in git yet is published, and again once its code is committed.
  git('rm', '-rq', '--cached', 'reports');
  git('commit', '-qm', 'third');
  project.write('params/quick.json', '{"count": 3, "base": 3}');
  await project.run('run');
  assert.match(String(commit()), / with uncommitted changes$/);
  assert.equal((await project.run('verify', '--published', 'quick')).code, 1);
  git('commit', '-qam', 'fourth');
  await project.run('run');
  assert.equal(commit(), git('rev-parse', '--short=12', 'HEAD'));
});
