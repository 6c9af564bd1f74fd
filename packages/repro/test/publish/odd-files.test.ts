import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { judgeValue } from '../../src/claims.ts';
import { provenanceMarkdown } from '../../src/publish/provenance.ts';
import { readSet, setsIndex } from '../../src/publish/sets-index.ts';
import type { Project } from '../project.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { reportProject } from './report-project.ts';

let project: Project;
before(() => void (project = reportProject()));
after(() => project.close());

async function publish(): Promise<void> {
  const { code, stdout, stderr } = await project.run('run');
  assert.equal(code, 0, stdout + stderr);
  assert.equal((await project.run('verify', '--published', 'quick')).stdout, 'quick: as published\n');
}

test('a report that ends with spaces, or with empty lines, is the report of its results', async () => {
  const stage = project.read('stages/page/run.ts');
  for (const end of ['  ', ' \\n', '\\n\\n\\n', '\\t']) {
    project.write('stages/page/run.ts', stage.replace("'# Sums\\n\\nThe sum is ' + total", `'# Sums${end}'`));
    await publish();
    const { code, stderr } = await project.run('verify');
    assert.equal(code, 0, JSON.stringify(end) + stderr);
  }
  project.write('stages/page/run.ts', stage);
});

test('a published file whose path becomes a folder, and a folder that becomes a file', async () => {
  const pipeline = project.read('pipeline.ts');
  await publish();
  for (const path of ['table.csv/of/all.csv', 'table.csv', 'table.csv/all.csv']) {
    project.write('pipeline.ts', pipeline.replace("'table.csv'", `'${path}'`));
    await publish();
    assert.equal(project.read(`reports/quick/${path}`), 'a,b\n1,2\n');
  }
  project.write('pipeline.ts', pipeline);
});

test('a run says where its page is, in a folder of the report too', async () => {
  const pipeline = project.read('pipeline.ts');
  project.write('pipeline.ts', pipeline.replaceAll(/(["'])index\.html\1/g, "'site/index.html'"));
  for (const what of ['published', 'in place']) {
    const { stdout } = await project.run('run', '--log', 'plain');
    assert.match(stdout, /^report: reports\/quick\/site\/index\.html /m, what);
  }
  const page = project.read('reports/quick/site/index.html');
  for (const link of ['table.csv', 'lock.json']) assert.ok(page.includes(`<a href="../${link}">${link}</a>`), link);
  project.write('pipeline.ts', pipeline);
  await publish();
});

test('links and identifiers of files are addresses, whatever the files are called', async () => {
  const name = 'figures/left #1 of 100%.svg';
  project.write('pipeline.ts', project.read('pipeline.ts').replace('figures/left.svg', name));
  await publish();
  const address = 'figures/left%20%231%20of%20100%25.svg';
  assert.ok(project.read('reports/quick/index.html').includes(`<a href="${address}">${name}</a>`));
  assert.equal((await project.run('crate', 'quick', 'crate')).code, 0);
  const { '@graph': graph } = JSON.parse(project.read('crate/ro-crate-metadata.json')) as {
    '@graph': { '@id': string; name?: string; hasPart?: { '@id': string }[]; result?: { '@id': string }[] }[];
  };
  assert.equal(graph.find((each) => each['@id'] === address)?.name, name);
  const ids = new Set(graph.map((each) => each['@id']));
  for (const { hasPart = [], result = [] } of graph)
    for (const part of [...hasPart, ...result]) assert.ok(ids.has(part['@id']), part['@id']);
});

test('where a crate cannot be is said', async () => {
  project.write('taken', '');
  const { code, stderr } = await project.run('crate', 'quick', 'taken');
  assert.deepEqual([code, stderr], [2, 'repro: taken: it is a file: expected a new or empty directory\n']);
});

test('a claims.json that holds no judged claims is no column of the list of sets', () => {
  using directory = temporaryDirectory();
  const claim = { id: 'a', sentence: 'It is small.', source: 'Eq. 1', quantity: 'x', why: '' };
  const judged = judgeValue({ ...claim, rule: 'within', expectation: { low: 0 } }, { value: 1, standardError: 0.1 });
  const { parts: _, ...older } = judged;
  const found = [[judged], [{ id: 7, amount: 120 }], ['text', null], [older], {}].map((content, i) => {
    const set = join(directory.path, `set${i}`);
    mkdirSync(set);
    writeFileSync(join(set, 'provenance.json'), i === 1 ? '{"machines": {}}' : '{"machines": [{"seconds": 60}, null]}');
    writeFileSync(join(set, 'claims.json'), JSON.stringify(content));
    return readSet(directory.path, `set${i}`)!;
  });
  assert.deepEqual(
    found.map(({ results }) => results.length),
    [1, 0, 0, 0, 0],
  );
  assert.match(setsIndex('Sets', found), /It is small\./);
});

test('one node is not many in a provenance, and no packages are none', () => {
  const machine = { processor: 'P', cores: 1, memoryGiB: 1, system: 'linux', node: 'v20', nodes: 1, seconds: 2 };
  const text = provenanceMarkdown({
    ...{
      pipeline: 'p',
      set: 'quick',
      parameters: {},
      overrides: [],
      finishedAt: '2026-01-01T00:00:00.000Z',
      seconds: 2,
    },
    ...{
      nodes: { executed: 1, cached: 0, notRun: 0 },
      stages: {},
      machines: [machine],
      backends: {},
      backendChoices: {},
    },
    ...{ accepted: {}, environments: {}, adopted: {}, keyScheme: 2, commit: null, packages: {} },
  });
  assert.match(text, /: 1 node executed, [^]*\n- Machine: 1 node, 2 s of work: P, [^]*\n- Packages: none\n/);
});
