import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { hostedRepository } from '../hub/repository.ts';
import type { HostedRepository } from '../hub/repository.ts';
import { startHub } from '../hub/server.ts';
import type { LocalHub } from '../hub/server.ts';
import { sharedProject, tinySet, variables } from '../project-copy.ts';
import { dataSets, law, miniModel, offset, predictedTokens, vocabulary } from './mini-family.ts';

/** The language-model half by its command line, from a hub on loopback, for two families whose exponents are built in. */
const project = sharedProject();
/** Widths of each: as few models as the claims about heads need. */
const families = { A: [16, 32, 48, 64], B: [16, 32, 64] };
const modelCount = Object.values(families).flat().length;
let hub: LocalHub;
let repositories: HostedRepository[];

before(async () => {
  const tokenizer = JSON.parse(
    readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/llm/tokenizers/pythia.json'), 'utf8'),
  ) as Record<string, string>;
  const names = Object.keys(dataSets);
  const frequencies = names.map((name) => predictedTokens(dataSets[name]!, tokenizer));
  const models = Object.entries(families).flatMap(([family, widths], f) =>
    widths.map((m) => {
      const losses = names.map((_, d) => law.coefficient / m ** law.exponent + offset(f, d));
      const { config, weights } = miniModel(m, f + 1, losses, frequencies);
      return hostedRepository(
        'model',
        `mini/${family}-${m}`,
        { 'config.json': config, 'model.safetensors': weights, ...tokenizer },
        { revisions: ['main', 'v2'] },
      );
    }),
  );
  const sets = names.map((name) =>
    hostedRepository('dataset', `mini/${name}`, {
      'data/train.json.gz': gzipSync(dataSets[name]!.map((text) => JSON.stringify({ text }) + '\n').join('')),
    }),
  );
  repositories = [...models, ...sets];
  hub = await startHub(repositories);

  const facts = Object.entries(families).map(([family, widths]) => ({
    family: `Mini ${family}`,
    bytesPerNumber: 4,
    source: 'made for a test',
    models: widths.map((m) => ({
      model: `mini/${family}-${m}`,
      width: m,
      vocabulary,
      layers: 1,
      parameters: 2 * vocabulary * m + 12 * m * m,
      parametersLessEmbeddings: 12 * m * m,
    })),
  }));
  project.write('params/published/mini.json', JSON.stringify({ counting: 'as they are', families: facts }));
  const dataSetsOf = names.map((name) => ({
    name,
    repository: `mini/${name}`,
    folder: 'data',
    files: 'data/train',
    field: 'text',
    joinedWords: 0,
  }));
  const llm = {
    published: 'params/published/mini.json',
    draws: 20,
    models: facts.flatMap(({ models: own }) => own.map(({ model }) => model)),
    pairs: { groups: 4, rows: 100 },
    evaluation: { texts: 10, maximumTokens: 128, dataSets: dataSetsOf },
    tokens: { count: 150, dataSets: dataSetsOf },
  };
  project.write(
    'params/mini.json',
    JSON.stringify({
      ...tinySet,
      small: { ...tinySet.small, alpha: [1] },
      llm,
      figures: ['6e', '8a', '8b', '19', '20', '21', '22', '23a'],
      decides: ['llm-overlap'],
    }),
  );
});
after(() => hub.close());

/** Runs `./repro ...args` with these variables. */
async function repro(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number | null; text: string }> {
  using _ = variables(environment);
  const { code, stdout, stderr } = await project.repro(...args);
  return { code, text: stdout + stderr };
}

interface Judged {
  readonly id: string;
  readonly verdict: string;
  readonly measured: number | null;
  readonly detail: string;
}
/** Each claim with the measurement of its first part and the details of all. */
function judged(reports: string): Map<string, Judged> {
  const claims = JSON.parse(project.read(`${reports}/mini/claims.json`)) as (Pick<Judged, 'id' | 'verdict'> & {
    parts: Pick<Judged, 'measured' | 'detail'>[];
  })[];
  return new Map(
    claims.map(({ id, verdict, parts }) => [
      id,
      { id, verdict, measured: parts[0]!.measured, detail: parts.map(({ detail }) => detail).join(' ') },
    ]),
  );
}

test('without a network the models are not run, each with one line; the rest completes, and verify says so', async () => {
  const environment = { ...hub.environment(join(project.root, 'offline-home')), HF_HUB_OFFLINE: '1' };
  const { code, text } = await repro(environment, 'run', '--params', 'mini', '--reports', 'offline');
  assert.equal(code, 0, text);
  assert.match(text, /not run resolve-repository\[[^\]]*\]: no network/);
  assert.match(text, /not run fit-heads/);
  assert.match(text, /^not run fit-losses: none of the losses could be had$/m);
  const found = judged('offline');
  assert.equal(found.get('llm-loss')!.verdict, 'not-run');
  assert.match(found.get('llm-loss')!.detail, /^The language models were not all fetched and evaluated where this ran/);
  assert.equal(found.get('width-size')!.verdict, 'reproduced', 'published facts need no network');
  assert.ok(
    existsSync(join(project.root, 'offline/mini/figures/23a.svg')) &&
      !existsSync(join(project.root, 'offline/mini/figures/8a.svg')),
  );
  const verified = await repro(environment, 'verify', '--params', 'mini', '--reports', 'offline');
  assert.equal(verified.code, 1, verified.text);
  assert.match(verified.text, /llm-overlap \(a\) +not run +refused +not run, and not acknowledged/);
});

test('from the hub to the report: the fits find the exponents that were built in', async () => {
  const environment = hub.environment(join(project.root, 'home'));
  const { code, text } = await repro(environment, 'run', '--params', 'mini');
  assert.equal(code, 0, text);
  const found = judged('reports');
  const loss = found.get('llm-loss')!;
  assert.ok(Math.abs(loss.measured! - law.exponent) < 0.002, `${loss.measured}: ${loss.detail}`);
  assert.match(loss.detail, /^Eq\. 8 with 6 parameters on 14 losses: C = 14\.0/);
  const overlap = found.get('llm-overlap')!;
  assert.ok(Math.abs(overlap.measured! + 1) < 0.05, `${overlap.measured}: ${overlap.detail}`);
  assert.equal(overlap.verdict, 'reproduced', overlap.detail);
  const norms = found.get('llm-norms')!;
  assert.match(
    norms.detail,
    /^Smallest row norm of 7 heads;.* Too few cells: this set has 2 of the design's 4, and 3 are needed/,
  );
  assert.equal(norms.verdict, 'inconclusive', norms.detail);
  // Norms scatter less in wider heads, which bends it a little.
  const crossEntropy = found.get('cross-entropy-overlap')!;
  assert.ok(Math.abs(crossEntropy.measured! + 1) < 0.05, `${crossEntropy.measured}: ${crossEntropy.detail}`);
  for (const figure of ['8a', '8b', '19', '20', '21', '22', '23a'])
    assert.ok(existsSync(join(project.root, `reports/mini/figures/${figure}.svg`)), figure);
  const verified = await repro(environment, 'verify', '--params', 'mini');
  assert.equal(verified.code, 0, verified.text);
});

test('the lock pins commits: without a store, what was fetched before is asked for, not what a branch stands for now', async () => {
  const all = Object.entries(
    (JSON.parse(project.read('reports/mini/lock.json')) as { pins: Record<string, string> }).pins,
  );
  for (const stage of ['fetch-head', 'fetch-texts'])
    assert.ok(all.some(([name, pin]) => name.startsWith(stage) && /^[0-9a-f]{40} [0-9a-f]{64}$/.test(pin)));
  const pins = all
    .filter(([name]) => name.startsWith('resolve-repository'))
    .map(([name, pin]) => [name, pin.split(' ')[0]!] as const);
  assert.equal(pins.length, modelCount + Object.keys(dataSets).length);
  const commits = new Map(repositories.map(({ name, commit }) => [name, commit]));
  for (const [name, commit] of pins)
    assert.equal(
      commit,
      commits.get((JSON.parse(name.replace(/^\S+ /, '')) as { repository: string }).repository),
      name,
    );
  const asked = async (...more: string[]): Promise<string[]> => {
    const before = hub.requests.length;
    const { code, text } = await repro(
      hub.environment(join(project.root, 'other-home')),
      'run',
      '--until',
      'resolve-repository',
      '--params',
      'mini',
      ...more,
    );
    assert.equal(code, 0, text);
    return hub.requests.slice(before).flatMap(({ url }) => /\/revision\/(.*?)(\?.*)?$/.exec(url)?.[1] ?? []);
  };
  assert.deepEqual((await asked('--store', 'fresh-clone')).sort(), pins.map(([, commit]) => commit).sort());
  // A revision that is asked for by name is another question.
  assert.deepEqual(
    (await asked('--store', 'fresh-clone', '--set', 'llm.revisions={"mini/A-16":"v2"}')).filter(
      (revision) => !pins.some(([, commit]) => commit === revision),
    ),
    ['v2'],
  );
});

test('a second run needs nothing from the hub and makes nothing', async () => {
  const before = hub.requests.length;
  const { code, text } = await repro(
    { ...hub.environment(join(project.root, 'home')), HF_HUB_OFFLINE: '1' },
    'run',
    '--params',
    'mini',
    '--log',
    'json',
  );
  assert.equal(code, 0, text);
  assert.match(text, /"type":"run-finished","executed":0,/);
  assert.equal(hub.requests.length, before);
});

test('a gated model and a branch that is gone: the fits are those of what is there, and name what is not', async () => {
  hub.refuse = (path) =>
    path.includes('mini/A-16/')
      ? { kind: 'status', status: 403, headers: { 'x-error-code': 'GatedRepo' } }
      : path.includes('mini/B-64/')
        ? { kind: 'status', status: 404, headers: { 'x-error-code': 'RevisionNotFound' } }
        : undefined;
  // Of what is in the store, only that these two were resolved is forgotten.
  for (const model of ['A-16', 'B-64']) {
    const node = `resolve-repository[repository=mini/${model}]`;
    const shown = await project.repro('show', node, '--params', 'mini', '--json');
    const [{ key }] = JSON.parse(shown.stdout) as [{ key: string }];
    rmSync(join(project.root, 'artifacts/ac', key));
  }
  const { code, text } = await repro(
    hub.environment(join(project.root, 'gated-home')),
    ...['run', '--params', 'mini', '--reports', 'gated'],
  );
  hub.refuse = undefined;
  assert.equal(code, 0, text);
  assert.match(text, /a gated repository: accept its terms on http:\/\/127\.0\.0\.1:\d+\/mini\/A-16, and set HF_TOKEN/);
  assert.match(text, /mini\/B-64 at main: .* answered 404: no such revision/);
  const found = judged('gated');
  assert.match(found.get('llm-overlap')!.detail, /Not to be had where this ran: mini\/A-16, mini\/B-64\./);
  assert.match(found.get('llm-loss')!.detail, /on 10 losses: .*Not to be had where this ran: mini\/A-16 on red, /);
  assert.match(
    found.get('llm-loss')!.detail,
    /Unverified, since only the beginnings of their files were fetched: the texts/,
  );
  assert.ok(Math.abs(found.get('llm-loss')!.measured! - law.exponent) < 0.01);
});
