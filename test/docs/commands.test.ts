import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine } from '../../packages/repro/src/cli/main.ts';
import { knownSets, loadParameters } from '../../packages/repro/src/params/load.ts';
import type { PipelineDefinition } from '../../packages/repro/src/pipeline.ts';
import { matchNodes } from '../../packages/repro/src/select.ts';
import { planGraph } from '../../packages/repro/src/session.ts';
import paper from '../../pipeline.ts';

/** Command lines in the documents: that they can be typed as they are. What they do is tested by verb. */
const root = process.env['REPRO_TEST_ROOT']!;
const pipeline = paper as unknown as PipelineDefinition;
const documents = execFileSync('git', ['ls-files', 'README.md', 'CONTRIBUTING.md', 'docs/*.md'], { cwd: root })
  .toString()
  .trim()
  .split('\n');

/** Lines of code blocks and of code within text, less what a comment says. */
function codeOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => block!.split('\n'));
  const spans = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  return [...blocks, ...spans]
    .flatMap((line) => line.replace(/\s#.*$/, '').split(/ && | \| | > /))
    .map((s) => s.trim());
}

const lines = documents.flatMap((path) => codeOf(path).map((line) => ({ path, line })));

/** As a shell splits it. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/['"]/g, ''));

test('every call of repro has a verb and options that exist, and names sets, parameters and nodes that do', async () => {
  const calls = lines.flatMap(({ path, line }) => {
    const args = /^(?:\.\/repro|node repro) ([^.…]*[^]*)$/.exec(line)?.[1];
    return args === undefined || /VERB|<|…/.test(args) ? [] : [{ path, line, args: words(args) }];
  });
  assert.ok(calls.length > 20, `${calls.length} calls found`);
  for (const { path, line, args } of calls) {
    const program = commandLine({ pipeline, root, command: './repro' });
    let options: { params?: string; set?: string[] } = {};
    let patterns: unknown;
    for (const command of program.commands)
      command.action((...all: unknown[]) => {
        options = command.opts();
        patterns = ['run', 'why', 'show'].includes(command.name()) ? all[0] : undefined;
      });
    await assert.doesNotReject(program.parseAsync(['node', 'repro', ...args]), `${path}: ${line}`);
    const set = options.params ?? pipeline.defaultSet!;
    if (!knownSets(root).includes(set)) continue;
    const parameters = loadParameters(root, set, options.set ?? [], pipeline.params);
    const named = [patterns ?? []].flat() as string[];
    if (named.length > 0 && !named.includes('KEY')) matchNodes(planGraph(pipeline, root, parameters).graph, named);
  }
});

test('every script that a document runs is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  for (const { path, line } of lines) {
    const script = /^npm run (?:--silent )?([\w:-]+)/.exec(line)?.[1];
    assert.ok(script === undefined || script in scripts, `${path}: ${line}`);
  }
});
