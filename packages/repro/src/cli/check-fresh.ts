import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../errors.ts';
import type { GraphNode } from '../graph/graph.ts';
import { knownKeys, planAll, Scan } from '../plan/scan.ts';
import type { Decision } from '../plan/scan.ts';
import { matchNodes } from '../select.ts';
import type { Session } from '../session-parts.ts';
import { removeTree } from '../store/files.ts';
import { Leases } from '../store/lease.ts';
import { notRunExitCode } from './exit-codes.ts';
import { exampleWords } from './invocation.ts';
import type { Invocation } from './invocation.ts';
import { defaultJobs, jobCount, openFrom, positiveInteger, withCommonOptions, withExample } from './options.ts';
import type { CommonOptions } from './options.ts';
import { plural } from '../plural.ts';
import { untilInterrupted } from './until-interrupted.ts';

interface CheckOptions extends CommonOptions {
  readonly sample: number | undefined;
  readonly jobs: number;
}

/** What a check works on. */
export interface FreshNodes {
  readonly session: Session;
  readonly decisions: readonly Decision[];
  /** Those to run again. */
  readonly nodes: readonly GraphNode[];
  /** A folder of the store for their files, gone afterwards. */
  readonly scratch: string;
  readonly jobs: number;
  /** Of an interrupt. */
  readonly signal: AbortSignal;
  /** How many of the named nodes are not fresh, and so left out: `; 2 nodes not fresh, left out`, or nothing. */
  readonly leftOut: string;
}

/**
 * A verb that runs fresh nodes again, outside the store. `needs`: why there must be some, as the end of an error message.
 */
export function checkVerb(
  program: Command,
  invocation: Invocation,
  { name, description, needs }: { readonly name: string; readonly description: string; readonly needs: string },
  check: (fresh: FreshNodes) => Promise<void>,
): void {
  const command = program
    .command(name)
    .description(description)
    .argument('[nodes...]', 'nodes by name or pattern; all that are fresh if none');
  withCommonOptions(command, invocation)
    .option('--sample <k>', 'number of nodes, drawn at random', positiveInteger)
    .option('--jobs <n>', 'jobs at once, each in a process of its own', jobCount, defaultJobs)
    .action((patterns: string[], options: CheckOptions) => onFresh(invocation, patterns, options, needs, check));
  withExample(command, invocation, `repro ${name} ${exampleWords(invocation).stage} --sample 3`);
}

async function onFresh(
  invocation: Invocation,
  patterns: readonly string[],
  options: CheckOptions,
  needs: string,
  check: (fresh: FreshNodes) => Promise<void>,
): Promise<void> {
  const session = await openFrom(invocation, options, 'existing');
  const { graph, store } = session;
  const decisions = planAll(graph, new Scan(session));
  const named = patterns.length ? matchNodes(graph, patterns, () => knownKeys(decisions)) : graph.nodes;
  const fresh = named.filter((node) => isOwn(decisions[node.index]!));
  if (fresh.length === 0) throw new InputError(`none of ${plural(named.length, 'node')} is fresh: run first, ${needs}`);
  const nodes = options.sample === undefined ? fresh : drawn(fresh, options.sample);
  const left = named.length - fresh.length;

  const scratch = join(store.directory, 'tmp', `determinism-${process.pid}-${randomBytes(4).toString('hex')}`);
  // Keeps gc from taking the scratch directory away.
  const leases = new Leases(store.directory);
  leases.acquire(`check-${process.pid}`);
  mkdirSync(scratch);
  try {
    const leftOut = left > 0 ? `; ${plural(left, 'node')} not fresh, left out` : '';
    await untilInterrupted((signal) =>
      check({ session, decisions, nodes, scratch, jobs: options.jobs, signal, leftOut }),
    );
  } finally {
    removeTree(scratch);
    leases.releaseAll();
    session.close();
  }
}

/** `, 3 not reached before the interrupt`, or nothing. */
export function interruptedPart(nodes: readonly unknown[], findings: readonly unknown[]): string {
  const open = nodes.length - findings.length;
  return open > 0 ? `, ${open} not reached before the interrupt` : '';
}

/** `wrong`, `notRun`: how many nodes are not as they should be, and how many could not run here. */
export function checkExitCode(wrong: number, notRun: number, { aborted }: AbortSignal): number {
  return wrong > 0 ? 1 : aborted ? 130 : notRun > 0 ? notRunExitCode : 0;
}

/** Fresh, and of the chosen backend: one that was accepted of another cannot come out the same. */
function isOwn(decision: Decision): boolean {
  return decision.state === 'fresh' && decision.accepted === undefined;
}

function drawn(nodes: readonly GraphNode[], count: number): GraphNode[] {
  const pool = [...nodes];
  const chosen = new Set<GraphNode>();
  // Each is one of those that are left, the last of which takes its place.
  while (chosen.size < count && pool.length > 0) {
    const at = randomInt(pool.length);
    chosen.add(pool[at]!);
    pool[at] = pool.at(-1)!;
    pool.pop();
  }
  return nodes.filter((node) => chosen.has(node));
}
