import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { planMatching } from '../../plan/matching.ts';
import { Scan } from '../../plan/scan.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';

interface Options extends CommonOptions {
  readonly output: string[];
  readonly origin: string | undefined;
}

export function adoptVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('adopt')
    .description('take in a result that was made elsewhere; its origin is recorded and said in the report')
    .argument('<node>', 'the node, by name');
  withCommonOptions(command, invocation)
    .requiredOption(
      '--output <name=path>',
      'file or folder of one output; repeatable, one for each output',
      collect,
      [],
    )
    .option('--origin <text>', 'where and how it was made, for the report (default: the paths)')
    .action((node: string, options: Options) => adoptNode(invocation, node, options));
  withExample(
    command,
    invocation,
    `repro adopt '${exampleWords(invocation).node}' --output weights=old/weights.bin --origin 'run of 3 May, commit 1a2b3c'`,
  );
}

async function adoptNode(invocation: Invocation, pattern: string, options: Options): Promise<void> {
  const files = Object.fromEntries(
    options.output.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1) throw new InputError(`--output ${text}: expected name=path`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  const session = await openFrom(invocation, options, 'create');
  try {
    const { nodes, decisions } = planMatching(session.graph, new Scan(session), pattern);
    const [node, ...more] = nodes;
    if (!node || more.length > 0)
      throw new InputError(`${pattern}: names ${more.length + 1} nodes: expected one: a result is of one node`);
    const origin = options.origin ?? Object.values(files).join(', ');
    const { adopt } = await import('../../travel/adopt.ts');
    await adopt(session, { node, decision: decisions[node.index]!, files, origin });
    print(`${node.name}: taken in from ${origin}\n`);
  } finally {
    session.close();
  }
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
