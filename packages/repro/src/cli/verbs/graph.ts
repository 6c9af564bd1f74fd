import { Option } from 'commander';
import type { Command } from 'commander';
import { loadParameters } from '../../params/load.ts';
import { planGraph } from '../../session.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withParameterOptions } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';
import type { Diagram } from '../graph/diagram.ts';

type Format = 'mermaid' | 'dot' | 'json' | 'svg';

export function graphVerb(program: Command, invocation: Invocation): void {
  const command = program.command('graph').description('draw the graph of stages, with how many nodes each has');
  withParameterOptions(command, invocation)
    .addOption(new Option('--format <format>', 'as what').choices(['mermaid', 'dot', 'json', 'svg']).default('mermaid'))
    .option('--full', 'every node instead of every stage', false)
    .action((options: Pick<CommonOptions, 'params' | 'set'> & { format: Format; full: boolean }) =>
      draw(invocation, options),
    );
  withExample(command, invocation, `repro graph --params ${exampleWords(invocation).set} --format svg > pipeline.svg`);
}

async function draw(
  { pipeline, root }: Invocation,
  { params, set, format, full }: Pick<CommonOptions, 'params' | 'set'> & { format: Format; full: boolean },
): Promise<void> {
  const { graph } = planGraph(pipeline, root, loadParameters(root, params, set, pipeline.params));
  const { diagramOf } = await import('../graph/diagram.ts');
  const diagram = diagramOf(graph, full);
  if (format === 'json') return print(json(diagram));
  if (format === 'svg') return print((await import('../graph/svg.ts')).svg(diagram));
  const { dot, mermaid } = await import('../graph/text-formats.ts');
  print(format === 'dot' ? dot(diagram) : mermaid(diagram));
}

function json({ vertices, edges }: Diagram): string {
  return (
    JSON.stringify({ vertices: vertices.map(({ id, kind, count }) => ({ id, kind, count })), edges }, null, 1) + '\n'
  );
}
