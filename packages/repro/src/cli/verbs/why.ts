import type { Command } from 'commander';
import { matchNodes } from '../../select.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { changedMembers } from '../../plan/reasons.ts';
import { knownKeys, planAll, Scan } from '../../plan/scan.ts';
import { outcomeOf } from '../../plan/outcome.ts';
import type { Outcome } from '../../plan/outcome.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print, printJson } from '../print.ts';

export function whyVerb(program: Command, invocation: Invocation): void {
  const words = exampleWords(invocation);
  const command = program
    .command('why')
    .description('tell why a node would run: what changed, from what to what')
    .argument('<node>', 'a node, or a pattern');
  withCommonOptions(command, invocation)
    .option('--json', 'print JSON', false)
    .action((pattern: string, options: CommonOptions & { json: boolean }) => why(invocation, pattern, options));
  withExample(command, invocation, `repro why '${words.node}' --set ${words.override}`);
}

async function why(invocation: Invocation, pattern: string, options: CommonOptions & { json: boolean }): Promise<void> {
  const session = await openFrom(invocation, options);
  const scan = new Scan(session);
  const decisions = planAll(session.graph, scan);
  const nodes = matchNodes(session.graph, [pattern], () => knownKeys(decisions));
  const outcome = (node: GraphNode): Outcome => outcomeOf(decisions[node.index]);
  const explained = nodes.map((node) => {
    const decision = decisions[node.index]!;
    const accepted = decision.state === 'fresh' ? decision.accepted : undefined;
    return {
      node: node.name,
      state: decision.state,
      reasons: scan.explain(node, decision, outcome),
      ...(accepted !== undefined && { accepted }),
    };
  });
  const lastRun = session.byName.readParameters();
  const parameters = lastRun ? changedMembers('', lastRun, session.parameters.values) : [];
  session.close();
  if (options.json) {
    printJson({ parameters, nodes: explained });
    return;
  }
  for (const { node, state, reasons, accepted } of explained) {
    print(
      `${node}: ${state}${state !== 'fresh' ? '' : accepted === undefined ? ': nothing its key is made of changed' : `: by a result of another backend, ${accepted}, which you accept`}\n`,
    );
    for (const { kind, details } of reasons) {
      print(`  ${kind}${details.length === 1 ? `: ${details[0]!}` : ''}\n`);
      if (details.length > 1) print(lines(details, '    '));
    }
  }
  if (parameters.length) print(`since the last run of ${session.parameters.name}:\n${lines(parameters, '  ')}`);
}

/** The first of many lines; `--json` has them all. */
function lines(all: readonly string[], indent: string): string {
  const shown = all.length > 14 ? [...all.slice(0, 12), `... and ${all.length - 12} more`] : all;
  return shown.map((line) => `${indent}${line}\n`).join('');
}
