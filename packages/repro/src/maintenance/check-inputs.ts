import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceDirectory } from '../code/bundler.mjs';
import { sandboxProblem } from '../environments/start.ts';
import type { ProcessOptions } from '../execute/job-process.ts';
import type { Denied } from '../execute/protocol.ts';
import { WorkerPool } from '../execute/worker-pool.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Decision } from '../plan/scan.ts';
import type { Places, Session } from '../session-parts.ts';
import { AloneRuns, forEachNode } from './run-alone.ts';

/** What a node read, or did, that it does not declare. */
export interface InputsFinding {
  readonly node: string;
  /**
   * - `undeclared`: `details` name what it read or started.
   * - `different`: what it could not read it did without, and its outputs are others.
   * - `unchecked`: nothing here can restrict what it reads.
   */
  readonly status: 'declared' | 'undeclared' | 'different' | 'failed' | 'not-run' | 'unchecked';
  readonly details: readonly string[];
}

export interface CheckInputsOptions {
  /** A directory for outputs, gone afterwards. */
  readonly scratch: string;
  /** The program of the job processes. */
  readonly worker: URL;
  readonly jobs: number;
  /** Nodes that it stops have no finding. */
  readonly signal: AbortSignal;
  readonly onFinding: (finding: InputsFinding) => void;
}

/** Reads of one node beyond this are not named one by one. */
const mostNamed = 20;

/**
 * Runs fresh nodes again with what they may read restricted to their inputs, their code and the installed packages, and
 * says what else they read. Code in TypeScript runs under Node's permission model, where what is not permitted throws;
 * then that is permitted and the node runs again, until all is named. Commands run in a sandbox without the project, if
 * bwrap works here. Nothing is recorded.
 */
export async function checkInputs(
  session: Session,
  nodes: readonly GraphNode[],
  decisions: readonly Decision[],
  { scratch, worker, jobs, signal, onFinding }: CheckInputsOptions,
): Promise<InputsFinding[]> {
  const runs = new AloneRuns(session, decisions, scratch);
  const noSandbox = nodes.some(({ stage }) => stage.command) ? sandboxProblem() : undefined;
  const temporary = join(scratch, 'temporary');
  mkdirSync(temporary, { recursive: true });
  const findings: InputsFinding[] = [];

  const checked = async (node: GraphNode): Promise<Omit<InputsFinding, 'node'> | undefined> => {
    const { command, here, code } = node.stage;
    // An environment asks programs what is installed, which is what it is for.
    if (here && code?.protocol === 'repro:')
      return { status: 'declared', details: ['what is installed on this machine is in its key'] };
    if (command && noSandbox !== undefined)
      return { status: 'unchecked', details: [`what a command reads can be restricted by bwrap: ${noSandbox}`] };
    const seen: Denied[] = [];
    for (;;) {
      const options = command
        ? {}
        : restricted(session, [scratch, dirname(fileURLToPath(worker)), sourceDirectory], seen);
      const pool = new WorkerPool(worker, { ...options, variables: { TMPDIR: temporary } });
      const stop = (): void => pool.abort();
      signal.addEventListener('abort', stop, { once: true });
      const result = await runs
        .run(node, pool, ({ command: job, ...files }) => ({
          ...files,
          ...(job && { command: { ...job, sandbox: 'strict' } }),
        }))
        // oxlint-disable-next-line typescript/no-misused-promises -- finally waits for the promise
        .finally(() => {
          signal.removeEventListener('abort', stop);
          return pool.close();
        });
      if (signal.aborted && result.type !== 'done') return undefined;
      const variables = result.type === 'done' ? (result.undeclared ?? []) : [];
      const named = [
        ...seen.map((denied) => sentence(denied, session.root)),
        ...variables.map((name) => `reads the environment variable ${name}`),
      ];
      if (result.type === 'failed' && result.denied && seen.length < mostNamed) {
        seen.push(result.denied);
        continue;
      }
      if (named.length > 0) return { status: 'undeclared', details: named };
      if (result.type === 'failed') return { status: 'failed', details: [result.message, ...lastLines(result.log)] };
      if (result.type === 'not-run') return { status: 'not-run', details: [result.message] };
      const details = runs.differences(node);
      return { status: details.length > 0 ? 'different' : 'declared', details };
    }
  };
  await forEachNode(session, nodes, { jobs, signal }, async (node) => {
    const found = await checked(node);
    if (!found) return;
    const finding = { node: node.name, ...found };
    findings.push(finding);
    onFinding(finding);
  });
  return findings;
}

/** Options of Node under which only these folders, the packages and the blobs of the store can be read. */
function restricted({ root, store }: Places, folders: readonly string[], seen: readonly Denied[]): ProcessOptions {
  const packages = join(root, 'node_modules');
  const readable = [...folders, packages, join(store.directory, 'cas')].flatMap((folder) => [
    folder,
    realpathSync(folder),
  ]);
  const files = seen.filter(({ permission }) => permission === 'FileSystemRead').map(({ resource }) => resource);
  const known = process.allowedNodeEnvironmentFlags;
  return {
    execArgv: [
      // Node called it experimental up to version 23.4.
      known.has('--permission') ? '--permission' : '--experimental-permission',
      '--no-warnings',
      // Overlapping folders confuse Node 20.
      ...outermost(readable).map((folder) => `--allow-fs-read=${join(folder, '*')}`),
      ...files.map((path) => `--allow-fs-read=${path}`),
      '--allow-fs-write=*',
      '--allow-worker',
      ...(known.has('--allow-addons') ? ['--allow-addons'] : []),
      ...(seen.some(({ permission }) => permission === 'ChildProcess') ? ['--allow-child-process'] : []),
    ],
  };
}

/** Less those that are in another. */
function outermost(folders: readonly string[]): string[] {
  return [...new Set(folders)].filter((one) => !folders.some((other) => one.startsWith(other + sep)));
}

function sentence({ permission, resource }: Denied, root: string): string {
  if (permission === 'ChildProcess')
    return 'starts a program: what that reads is not seen: declare it by defineCommand';
  if (permission !== 'FileSystemRead') return `needs the permission ${permission}`;
  const path = relative(root, resource);
  return `reads ${path.startsWith('..') ? resource : path || 'the folder of the project'}`;
}

function lastLines(log: string): string[] {
  return log
    .trim()
    .split('\n')
    .slice(-3)
    .filter((line) => line !== '');
}
