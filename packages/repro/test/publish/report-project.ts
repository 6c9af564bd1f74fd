import { sumProject } from '../cli/project-fixture.ts';
import type { Project } from '../project.ts';

/** The project of sums with a report, two figures and a table besides its claims. */
export function reportProject(): Project {
  const declarations = `
    export const Markdown = file('markdown', '.md');
    export const Svg = file('svg', '.svg');
    export const Csv = file('csv', '.csv');
    export const Html = file('html', '.html');
    export const page = defineStage({ name: 'page', summary: 'writes the report', params: Type.Object({}), inputs: { total: Num }, outputs: { report: Markdown, left: Svg, right: Svg, table: Csv, html: Html } });`;
  const plain = sumProject();
  const original = plain.read('stages/declarations.ts');
  const pipeline = plain.read('pipeline.ts');
  plain.close();
  return sumProject({
    'stages/declarations.ts':
      original
        .replace('ClaimResults, defineStage,', 'ClaimResults, defineStage, file,')
        .replace("name: 'sum',", "name: 'sum', settings: ['REPRO_TEST_ADDEND'],") + declarations,
    'pipeline.ts': pipeline
      .replace('{ claims, gen,', '{ claims, gen, page,')
      .replace(
        'return {',
        'const { report, left, right, table, html } = page({}, { total }); return {\n report: "report.md", page: "index.html",',
      )
      .replace(
        "'claims.json': results }",
        "'claims.json': results, 'report.md': report, 'figures/left.svg': left, 'figures/right.svg': right, 'table.csv': table, 'index.html': html }",
      ),
    'stages/sum/run.ts': `
      import { readJson, writeJson } from '$engine/runtime.ts';
      export const run = async ({ inputs, outputs }: any) =>
        writeJson(outputs.num, { v: inputs.nums.reduce((a: number, f: any) => a + (readJson(f) as any).v, Number(process.env.REPRO_TEST_ADDEND ?? 0)) });`,
    'stages/page/run.ts': `
      import { readFileSync, writeFileSync } from 'node:fs';
      export const run = async ({ inputs, outputs }: any) => {
        const total = readFileSync(inputs.total.path, 'utf8');
        writeFileSync(outputs.report.path, '# Sums\\n\\nThe sum is ' + total);
        writeFileSync(outputs.left.path, '<svg>left</svg>');
        writeFileSync(outputs.right.path, '<svg>right</svg>');
        writeFileSync(outputs.table.path, 'a,b\\n1,2\\n');
        writeFileSync(outputs.html.path, '<main>The sum is ' + total + '<!--repro:provenance--><!--/repro:provenance--></main>');
      };`,
  });
}
