import type { Command } from 'commander';
import { checkExitCode, checkVerb, interruptedPart } from '../check-fresh.ts';
import type { FreshNodes } from '../check-fresh.ts';
import type { Invocation } from '../invocation.ts';
import { print } from '../print.ts';
import { plural } from '../../plural.ts';

export function checkDeterminismVerb(program: Command, invocation: Invocation): void {
  const words = {
    name: 'check-determinism',
    description: 'second run of fresh nodes outside the store, with a comparison of bytes; exit code 1 if some differ',
    needs: 'there is nothing to compare with',
  };
  checkVerb(program, invocation, words, check);
}

async function check({ session, decisions, nodes, scratch, jobs, signal, leftOut }: FreshNodes): Promise<void> {
  const [{ checkDeterminism }, { WorkerPool }] = await Promise.all([
    import('../../maintenance/check-determinism.ts'),
    import('../../execute/worker-pool.ts'),
  ]);
  const runner = new WorkerPool(new URL('./worker.mjs', import.meta.url));
  try {
    const findings = await checkDeterminism(session, nodes, decisions, {
      scratch,
      runner,
      jobs,
      signal,
      onFinding: ({ node, status, details }) =>
        print(
          `${status === 'same' ? 'same     ' : status.padEnd(9)} ${node}${details.map((detail) => `\n            ${detail}`).join('')}\n`,
        ),
    });
    const count = (status: string): number => findings.filter((finding) => finding.status === status).length;
    const [different, failed, notRun] = [count('different'), count('failed'), count('not-run')];
    print(
      `${plural(findings.length, 'node')} run again: ${count('same')} the same, ${different} different, ${failed} failed` +
        `${notRun ? `, ${notRun} not run` : ''}${interruptedPart(nodes, findings)}${leftOut}\n`,
    );
    process.exitCode = checkExitCode(different + failed, notRun, signal);
  } finally {
    await runner.close();
  }
}
