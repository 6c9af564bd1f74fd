import type { Command } from 'commander';
import type { GraphNode } from '../../graph/graph.ts';
import { changedMembers } from '../../plan/reasons.ts';
import { planMatching } from '../../plan/matching.ts';
import { Scan } from '../../plan/scan.ts';
import type { Decision } from '../../plan/scan.ts';
import { cutMiddle, shownName } from '../../graph/shown-name.ts';
import { outcomeOf } from '../../plan/outcome.ts';
import type { Outcome } from '../../plan/outcome.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print, printJson, terminalWidth } from '../print.ts';
import { plural } from '../../plural.ts';
import { groupByReason, originsOf } from '../why-groups.ts';
import type { Explained, ReasonGroup } from '../why-groups.ts';

export function whyVerb(program: Command, invocation: Invocation): void {
  const words = exampleWords(invocation);
  const command = program
    .command('why')
    .description('reasons why a node would run: what changed, from which value to which')
    .argument('<node>', 'node, pattern or key; several nodes are grouped by reason');
  withCommonOptions(command, invocation)
    .option('--json', 'print JSON', false)
    .action((pattern: string, options: CommonOptions & { json: boolean }) => why(invocation, pattern, options));
  withExample(command, invocation, `repro why '${words.node}' --set ${words.override}`);
}

async function why(invocation: Invocation, pattern: string, options: CommonOptions & { json: boolean }): Promise<void> {
  const session = await openFrom(invocation, options);
  const scan = new Scan(session);
  const { nodes, decisions } = planMatching(session.graph, scan, pattern);
  const outcome = (node: GraphNode): Outcome => outcomeOf(decisions[node.index]);
  const explained = nodes.map((node) => {
    const decision = decisions[node.index]!;
    return { node, state: decision.state, reasons: scan.explain(node, decision, outcome) };
  });
  const lastRun = session.byName.readParameters();
  const parameters = lastRun ? changedMembers('', lastRun, session.parameters.values) : [];
  session.close();
  if (options.json) return printJson({ parameters, nodes: explained.map((one) => json(one, decisions)) });

  if (explained.length === 1) print(details(explained[0]!, decisions[explained[0]!.node.index]!));
  else for (const group of groupByReason(explained, originsOf(parameters, options.set))) print(groupText(group));
  if (parameters.length) print(`since the last run of ${session.parameters.name}:\n${lines(parameters, '  ')}`);
}

function json({ node, state, reasons }: Explained, decisions: readonly (Decision | undefined)[]): object {
  const decision = decisions[node.index]!;
  const { accepted, passedOver } = decision.state === 'fresh' ? decision : {};
  return {
    ...{ node: node.name, state, reasons },
    ...(accepted !== undefined && { accepted }),
    ...(passedOver && { passedOver }),
  };
}

/** All that is known of one node. */
function details({ node, state, reasons }: Explained, decision: Decision): string {
  const { accepted, passedOver } = decision.state === 'fresh' ? decision : {};
  const rather =
    passedOver &&
    `; ${passedOver.numericClass === undefined ? 'its own' : `that of ${passedOver.numericClass}`} is there too, but ${passedOver.dependent} has no result made of that`;
  const fresh =
    accepted === undefined
      ? ': nothing that its key is made of changed'
      : `: by a result of another backend, ${accepted}, which you accept${rather ?? ''}`;
  const text = reasons.map(({ kind, details }) =>
    details.length > 1
      ? `  ${kind}\n${lines(details, '    ')}`
      : `  ${kind}${details.length === 1 ? `: ${details[0]!}` : ''}\n`,
  );
  return `${node.name}: ${state}${state === 'fresh' ? fresh : ''}\n${text.join('')}`;
}

/** `25 nodes of train, stale: parameter changed: small.training.steps 7000 -> 8000, --set`, and the first of them. */
function groupText({ stage, state, reasons, nodes }: ReasonGroup): string {
  const width = terminalWidth();
  const names = nodes.map(({ name }) => cutMiddle(shownName(name), width - 2));
  const head = `${plural(nodes.length, 'node')} of ${stage}, ${state}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`;
  return `${head}\n${lines(names, '  ', 3)}`;
}

/** The first of many lines; `--json` has them all. */
function lines(all: readonly string[], indent: string, most = 12): string {
  const shown = all.length > most + 2 ? [...all.slice(0, most), `... and ${all.length - most} more`] : all;
  return shown.map((line) => `${indent}${line}\n`).join('');
}
