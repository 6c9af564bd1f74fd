import type { Command } from 'commander';
import { matchNodes } from '../../select.ts';
import { planAll, Scan } from '../../plan/scan.ts';
import type { Invocation } from '../main.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';

export function whyVerb(program: Command, invocation: Invocation): void {
  const command = program.command('why').description('tell why a node would run: what changed, from what to what').argument('<node>', 'a node, or a pattern');
  withCommonOptions(command)
    .option('--json', 'print JSON', false)
    .action((pattern: string, options: CommonOptions & { json: boolean }) => why(invocation, pattern, options));
  withExample(command, "./repro why 'train[m=39]' --set seed=2");
}

async function why(invocation: Invocation, pattern: string, options: CommonOptions & { json: boolean }): Promise<void> {
  const session = await openFrom(invocation, options);
  const nodes = matchNodes(session.graph, [pattern]);
  const decisions = planAll(session.graph, new Scan(session));
  session.close();
  if (options.json) {
    const found = nodes.map((node) => ({ node: node.name, ...pick(decisions[node.index]!) }));
    process.stdout.write(JSON.stringify(found, null, 1) + '\n');
    return;
  }
  for (const node of nodes) {
    const { state, reasons } = decisions[node.index]!;
    process.stdout.write(`${node.name}: ${state}${state === 'fresh' ? ': nothing its key is made of changed' : ''}\n`);
    for (const { kind, details } of reasons) {
      process.stdout.write(`  ${kind}${details.length === 1 ? `: ${details[0]!}` : ''}\n`);
      if (details.length > 1) for (const line of details) process.stdout.write(`    ${line}\n`);
    }
  }
}

function pick({ state, reasons }: { state: string; reasons: readonly unknown[] }): object {
  return { state, reasons };
}
