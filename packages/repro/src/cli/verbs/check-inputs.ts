import type { Command } from 'commander';
import { checkExitCode, checkVerb, interruptedPart } from '../check-fresh.ts';
import type { FreshNodes } from '../check-fresh.ts';
import type { Invocation } from '../invocation.ts';
import { print } from '../print.ts';
import { plural } from '../../plural.ts';

export function checkInputsVerb(program: Command, invocation: Invocation): void {
  const words = {
    name: 'check-inputs',
    description: 'second run of fresh nodes that can read only what they declare; exit code 1 if some read more',
    needs: 'since a check runs nodes on stored inputs',
  };
  checkVerb(program, invocation, words, check);
}

async function check({ session, decisions, nodes, scratch, jobs, signal, leftOut }: FreshNodes): Promise<void> {
  const { checkInputs } = await import('../../maintenance/check-inputs.ts');
  const findings = await checkInputs(session, nodes, decisions, {
    scratch,
    worker: new URL('./worker.mjs', import.meta.url),
    jobs,
    signal,
    onFinding: ({ node, status, details }) =>
      print(`${status.padEnd(10)} ${node}${details.map((detail) => `\n             ${detail}`).join('')}\n`),
  });
  const count = (...statuses: string[]): number => findings.filter(({ status }) => statuses.includes(status)).length;
  const parts = [
    `${count('declared')} read what they declare`,
    `${count('undeclared', 'different')} more than that`,
    `${count('failed')} failed`,
    ...(count('not-run') ? [`${count('not-run')} not run`] : []),
    ...(count('unchecked') ? [`${count('unchecked')} could not be checked`] : []),
  ];
  print(`${plural(findings.length, 'node')}: ${parts.join(', ')}${interruptedPart(nodes, findings)}${leftOut}\n`);
  process.exitCode = checkExitCode(count('undeclared', 'different', 'failed'), count('not-run', 'unchecked'), signal);
}
