import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedProject, tinySet } from './project-copy.ts';

/** A figure is one file, and so is a quantity: in a copy of the project, one is edited and others are added. Runs last: they stay. */
const project = sharedProject();

function writeSet(...figures: string[]): void {
  project.write('params/figures.json', JSON.stringify({ ...tinySet, figures }));
}

/** The nodes that a run of the set executed, by name. */
async function executed(): Promise<string[]> {
  const { code, stdout, stderr } = await project.repro(
    'run',
    '--params',
    'figures',
    '--store',
    'one-file',
    '--log',
    'json',
  );
  assert.equal(code, 0, stdout + stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; node?: string })
    .flatMap(({ type, node }) => (type === 'node-finished' ? [node!] : []));
}

const isFigure = (node: string): boolean => node.startsWith('figure[');

test('a constant of one figure is edited: that figure alone is drawn again', async () => {
  writeSet('3b', '6e');
  assert.equal((await executed()).filter(isFigure).length, 2);
  project.edit('stages/figures/figures/6e.ts', "'Model exponent αₘ'", "'Exponent αₘ'");
  const again = await executed();
  assert.deepEqual(
    again.filter((node) => node !== 'results-page'),
    ['figure[figure=6e]'],
    'and the page that shows it',
  );
  assert.match(project.read('reports/figures/figures/6e.svg'), />Exponent αₘ</);
});

test('a figure is added by one file and its id in a set', async () => {
  project.write(
    'stages/figures/figures/6f.ts',
    `import { linearAxis, plot, points, sheet } from 'repro/figures';
     import { defineFigure, runFigure } from '../define.ts';
     export const figure = defineFigure({
       id: '6f',
       title: 'Loss against weight decay',
       section: 'Model exponents',
       needs: { experiments: ['small'] },
       draw: (data) => {
         const rows = data.sweep('small').models.map(({ gamma, loss }) => ({ x: gamma, y: loss }));
         const axes = [linearAxis('γ', [-1, 1]), linearAxis('Loss', [0, 1])] as const;
         return {
           specification: sheet(data.title, '', plot(...axes, [points(rows)])),
           caption: \`Losses of \${rows.length} models.\`,
         };
       },
     });
     export const run = runFigure(figure);`,
  );
  writeSet('3b', '6e', '6f');
  const drawn = (await executed()).filter(isFigure);
  assert.equal(drawn.length, 1, drawn.join(', '));
  assert.match(drawn[0]!, /6f\]$/);
  const report = project.read('reports/figures/report.md');
  const [, section] = report.split('### Model exponents') as [string, string];
  assert.match(section, /!\[Figure 6f: Loss against weight decay\]\(figures\/6f\.svg\)\n\n.* Losses of 12 models\.\n/);
  assert.equal((await project.repro('schema')).code, 0);
  assert.ok(project.read('params/schema.json').includes('"6f"'), 'editors complete its id');
});

test('a quantity is added by one file: the schema lists it, a claim names it, the report judges it', async () => {
  project.write(
    'stages/report/claims/quantities/vectors.ts',
    `import { defineQuantity, missing } from 'repro/claims';
     import type { Sources } from './sources.ts';
     export const randomRows = defineQuantity<Sources>({
       id: 'random-rows',
       label: 'rows of random vectors',
       kind: 'cells',
       measure: (_, { random }) =>
         random
           ? { kind: 'cells', cells: [{ value: random.rows.length }], excluded: 0, detail: 'Counted.' }
           : missing('There are none.'),
     });`,
  );
  const file = JSON.parse(project.read('params/claims.json')) as { claims: { id: string }[] };
  const model = file.claims.find(({ id }) => id === 'one-line')!;
  const why = 'A test asks for it.';
  const part = {
    ...{ quantity: 'random-rows', rule: 'share', expectation: { low: 1, high: 9, share: 1 }, design: 1, why },
    effect: { holds: 1, fails: 0.5, why },
  };
  file.claims.push({ ...model, id: 'rows-are-there', parts: [part] } as never);
  project.write('params/claims.json', JSON.stringify(file));
  assert.equal((await project.repro('schema')).code, 0);
  assert.ok(project.read('params/claims.schema.json').includes('"random-rows"'), 'editors complete its id');
  assert.deepEqual(
    (await executed()).filter((node) => !/^(report|results-page)/.test(node)),
    [],
    'what it is measured from is there',
  );
  const judged = JSON.parse(project.read('reports/figures/claims.json')) as { id: string; verdict: string }[];
  assert.equal(judged.find(({ id }) => id === 'rows-are-there')?.verdict, 'reproduced');
});

test('an id that is not the name of its file is refused, with both', async () => {
  project.edit('stages/figures/figures/6f.ts', "id: '6f'", "id: '6g'");
  const { stderr, code } = await project.repro('status', '--params', 'figures');
  assert.notEqual(code, 0);
  assert.match(stderr, /stages\/figures\/figures\/6f\.ts: id = "6g": expected "6f"/);
});
