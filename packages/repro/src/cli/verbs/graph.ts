import { Option } from 'commander';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { loadParameters } from '../../params/load.ts';
import { matchNodes } from '../../select.ts';
import { planGraph } from '../../session.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { positiveInteger, withExample, withParameterOptions } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';
import type { Diagram } from '../graph/diagram.ts';

type Format = 'mermaid' | 'dot' | 'json';

interface Options extends Pick<CommonOptions, 'params' | 'set'> {
  readonly format: Format;
  readonly full: boolean;
  readonly depth: number | undefined;
}

export function graphVerb(program: Command, invocation: Invocation): void {
  const words = exampleWords(invocation);
  const command = program
    .command('graph')
    .description('graph of the stages, or of the nodes that a node is made from, as Mermaid, DOT or JSON')
    .argument('[node]', 'node or pattern: these nodes and what they are made from, in place of stages');
  withParameterOptions(command, invocation)
    .addOption(
      new Option('--format <format>', 'output format: mermaid, dot, json')
        .choices(['mermaid', 'dot', 'json'])
        .default('mermaid'),
    )
    .option('--full', 'every node instead of every stage', false)
    .option('--depth <k>', 'steps from the node to what it is made from (default: all)', positiveInteger)
    .action((pattern: string | undefined, options: Options) => draw(invocation, pattern, options));
  withExample(
    command,
    invocation,
    `repro graph --params ${words.set}`,
    `repro graph '${words.node}' --depth 2 --format dot`,
  );
}

async function draw({ pipeline, root }: Invocation, pattern: string | undefined, options: Options): Promise<void> {
  const { params, set, format, full, depth } = options;
  if (depth !== undefined && pattern === undefined)
    throw new InputError('--depth: expected a node that it counts from, such as: graph NODE --depth 2');
  const { graph } = planGraph(pipeline, root, loadParameters(root, params, set, pipeline.params));
  const { diagramOf } = await import('../graph/diagram.ts');
  const diagram =
    pattern === undefined
      ? diagramOf(graph.nodes, full)
      : diagramOf(withProducers(matchNodes(graph, [pattern]), depth ?? Infinity), true);
  if (format === 'json') return print(json(diagram));
  const { dot, mermaid } = await import('../graph/text-formats.ts');
  print(format === 'dot' ? dot(diagram) : mermaid(diagram));
}

/** The nodes and what they are made from, so many steps back, in topological order. */
function withProducers(nodes: readonly GraphNode[], depth: number): GraphNode[] {
  const found = new Set(nodes);
  let last: readonly GraphNode[] = nodes;
  for (let step = 0; step < depth && last.length > 0; step++) {
    const next: GraphNode[] = [];
    for (const { inputs } of last) {
      for (const { handles } of inputs) {
        for (const { node } of handles) {
          if (node.kind !== 'node' || found.has(node)) continue;
          found.add(node);
          next.push(node);
        }
      }
    }
    last = next;
  }
  return [...found].sort((a, b) => a.index - b.index);
}

function json({ vertices, edges }: Diagram): string {
  return (
    JSON.stringify({ vertices: vertices.map(({ id, kind, count }) => ({ id, kind, count })), edges }, null, 1) + '\n'
  );
}
