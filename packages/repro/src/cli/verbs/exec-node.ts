import type { Command } from 'commander';
import { runExecNode } from '../../cluster/run-exec-node.ts';
import type { Invocation } from '../invocation.ts';
import { withExample } from '../options.ts';

export function execNodeVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('exec-node')
    .description('build the nodes of one task of a submitted job, on the machine that runs it')
    .argument('<job>', 'directory of the job: <store>/cluster/repro-<name>')
    .argument('<task>', 'number of the task in the array')
    .action(async (job: string, task: string) => {
      process.exitCode = await runExecNode(job, Number(task));
    });
  withExample(command, invocation, 'repro exec-node artifacts/cluster/repro-0123456789abcdef 0');
}
