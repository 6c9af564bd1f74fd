/** The page of ideal sweeps as it would be published, with the files that it links to. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeClaims } from 'repro/claims';
import { withSection } from '../../packages/repro/src/page/provenance-slot.ts';
import { parseLock } from '../../packages/repro/src/publish/lock.ts';
import { provenanceHtml } from '../../packages/repro/src/publish/provenance-page.ts';
import type { Provenance } from '../../packages/repro/src/publish/provenance.ts';
import { readSet, setsIndex } from '../../packages/repro/src/publish/sets-index.ts';
import { vocabulary } from '../../stages/report/claims/vocabulary.ts';
import { renderResultsPage } from '../../stages/report/page/page.ts';
import type { ResultsPage } from '../../stages/report/page/page.ts';
import { csv } from '../../stages/report/result-tables/csv.ts';
import { exponents, rowsOf } from '../../stages/report/result-tables/tables.ts';
import { claims, idealSources } from '../stages/report/ideal-sweeps.ts';

/** What must not act wherever it comes from: names, captions, messages, drawings. */
export const hostile = `<img src=x onerror="alert(1)"> </script><script>alert(2)</script> '"&amp; --> javascript:alert(3)`;

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as ResultsPage['points'];

const digest = 'ab'.repeat(32);
const svg = (words: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><script>alert(4)</script><text x="5" y="50">${words}</text></svg>`;

const sources = idealSources();
export const small = sources.sweeps[0]!;

export const results = judgeClaims(claims, vocabulary, { ...sources, sweeps: [small] }).map((result, i) =>
  i === 0 ? { ...result, sentence: hostile, source: `Fig. 6e, ${hostile}` } : result,
);

const models = small.models.map((model, i) => ({
  ...model,
  measurement: i.toString(16).padStart(12, '0') + 'f'.repeat(52),
}));

const content: ResultsPage = {
  set: 'ideal',
  title: 'A reproduction',
  description: `n = 256; ${hostile}`,
  decides: results.map(({ id }) => id),
  reasons: { [results[0]!.id]: { a: `Because of \`code\` and ${hostile}` } },
  results,
  sweeps: [{ ...small, models }],
  points,
  figures: ['6e', '1d', 'dead-units'].map((figure) => ({
    figure,
    title: `Title of ${figure}, ${hostile}`,
    section: 'Figures of a test',
    caption: `What it shows. ${hostile}`,
    svg: svg('“60% of #5”'),
  })),
};

const lock = parseLock(
  JSON.stringify({
    lockVersion: 2,
    nodes: {
      ...Object.fromEntries(
        models.map(({ m, gamma, alpha, measurement }, i) => [
          `measure-geometry[small,alpha=${alpha},gamma=${gamma.toFixed(3)},m=${m}]`,
          { key: (0xabc000 + i).toString(16).padEnd(64, '0'), outputs: { measurement } },
        ]),
      ),
      'figure[figure=6e]': { key: digest, outputs: { svg: digest } },
    },
    published: Object.fromEntries(
      ['6e', '1d', 'dead-units'].map((figure) => [
        `figures/${figure}.svg`,
        { node: 'figure[figure=6e]', output: 'svg' },
      ]),
    ),
  }),
)!;

const facts: Provenance = {
  pipeline: 'test',
  set: 'ideal',
  parameters: { seed: 1, words: hostile },
  overrides: [hostile],
  finishedAt: '2026-01-01T00:00:00.000Z',
  seconds: 3,
  nodes: { executed: 1, cached: 2, notRun: 0 },
  stages: { 'measure-geometry': { executed: 1, cached: 2, seconds: 4000 } },
  machines: [{ processor: hostile, cores: 2, memoryGiB: 8, system: 'linux', node: '22', nodes: 3, seconds: 4000 }],
  backends: { train: 'wasm' },
  backendChoices: {},
  accepted: {},
  keyScheme: 1,
  commit: '0123456789ab',
  packages: { repro: '0.2.0' },
  adopted: {},
  environments: {},
};

const needed = new Map([
  ['measure-geometry', ['train']],
  ['figure', ['measure-geometry', 'params/published/points.json']],
]);

export function pageText(): string {
  return withSection(renderResultsPage(content), provenanceHtml(facts, lock, needed))!;
}

export const exponentsCsv = csv(exponents.columns, rowsOf(exponents, [small]));

/** Writes `reports/index.html` and `reports/ideal/`, and returns the path of the former's folder. */
export function writeReports(directory: string): void {
  const files: Record<string, string> = {
    'ideal/index.html': pageText(),
    'ideal/claims.json': JSON.stringify(results),
    'ideal/exponents.csv': exponentsCsv,
    'ideal/provenance.json': JSON.stringify({ ...facts, machines: [{ seconds: 10 }] }),
    'other/provenance.json': JSON.stringify({ ...facts, machines: [{ seconds: 900 }] }),
    'other/report.md': '# Other',
    'other/claims.json': JSON.stringify(
      results.map((result, i) => (i === 1 ? { ...result, verdict: 'not-reproduced' } : result)),
    ),
  };
  for (const name of [
    'report.md',
    'models.csv',
    'models.parquet',
    'exponents.parquet',
    'fit-points.csv',
    'seed-exponents.csv',
    'datapackage.json',
    'lock.json',
  ])
    files[`ideal/${name}`] = '';
  for (const figure of ['6e', '1d', 'dead-units'])
    for (const ending of ['svg', 'png', 'vl.json']) files[`ideal/figures/${figure}.${ending}`] = '';
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const sets = ['ideal', 'other'].map((name) => readSet(directory, name)!);
  writeFileSync(join(directory, 'index.html'), setsIndex('A pipeline', sets));
}
