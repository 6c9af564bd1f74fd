import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { knownKeys, planAll, Scan } from '../../plan/scan.ts';
import type { Decision } from '../../plan/scan.ts';
import { Leases } from '../../store/lease.ts';
import { matchNodes } from '../../select.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { defaultJobs, jobCount, openFrom, positiveInteger, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { plural, print } from '../print.ts';

interface Options extends CommonOptions {
  readonly sample: number | undefined;
  readonly jobs: number;
}

export function checkInputsVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('check-inputs')
    .description('second run of fresh nodes that can read only what they declare; exit code 1 if some read more')
    .argument('[nodes...]', 'nodes by name or pattern; all that are fresh if none');
  withCommonOptions(command, invocation)
    .option('--sample <k>', 'number of nodes, drawn at random', positiveInteger)
    .option('--jobs <n>', 'jobs at once, each in a process of its own', jobCount, defaultJobs)
    .action((patterns: string[], options: Options) => check(invocation, patterns, options));
  withExample(command, invocation, `repro check-inputs ${exampleWords(invocation).stage} --sample 3`);
}

async function check(invocation: Invocation, patterns: readonly string[], options: Options): Promise<void> {
  const [session, { checkInputs }] = await Promise.all([
    openFrom(invocation, options, 'existing'),
    import('../../maintenance/check-inputs.ts'),
  ]);
  const { graph, store } = session;
  const decisions = planAll(graph, new Scan(session));
  const named = patterns.length ? matchNodes(graph, patterns, () => knownKeys(decisions)) : graph.nodes;
  const fresh = named.filter((node) => isOwn(decisions[node.index]!));
  if (fresh.length === 0)
    throw new InputError(
      `none of ${plural(named.length, 'node')} is fresh: run first, since a check runs nodes on stored inputs`,
    );
  const nodes = options.sample === undefined ? fresh : drawn(fresh, options.sample);

  const scratch = join(store.directory, 'tmp', `determinism-${process.pid}-${randomBytes(4).toString('hex')}`);
  // Keeps gc from taking the scratch directory away.
  const leases = new Leases(store.directory);
  leases.acquire(`check-${process.pid}`);
  mkdirSync(scratch);
  const onSignal = (): void => {
    rmSync(scratch, { recursive: true, force: true });
    leases.releaseAll();
    process.exit(130);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const findings = await checkInputs(session, nodes, decisions, {
      scratch,
      worker: new URL('./worker.mjs', import.meta.url),
      jobs: options.jobs,
      onFinding: ({ node, status, details }) =>
        print(`${status.padEnd(10)} ${node}${details.map((detail) => `\n             ${detail}`).join('')}\n`),
    });
    const count = (...statuses: string[]): number => findings.filter(({ status }) => statuses.includes(status)).length;
    const left = named.length - fresh.length;
    const parts = [
      `${count('declared')} read what they declare`,
      `${count('undeclared', 'different')} more than that`,
      `${count('failed')} failed`,
      ...(count('not-run') ? [`${count('not-run')} not run`] : []),
      ...(count('unchecked') ? [`${count('unchecked')} could not be checked`] : []),
    ];
    print(
      `${plural(findings.length, 'node')}: ${parts.join(', ')}${left ? `; ${plural(left, 'node')} not fresh, left out` : ''}\n`,
    );
    if (count('undeclared', 'different', 'failed') > 0) process.exitCode = 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    rmSync(scratch, { recursive: true, force: true });
    leases.releaseAll();
    session.close();
  }
}

/** Fresh, and of the chosen backend: one that was accepted of another cannot come out the same. */
function isOwn(decision: Decision): boolean {
  return decision.state === 'fresh' && decision.accepted === undefined;
}

function drawn(nodes: readonly GraphNode[], count: number): GraphNode[] {
  const pool = [...nodes];
  while (pool.length > count) pool.splice(randomInt(pool.length), 1);
  return pool;
}
