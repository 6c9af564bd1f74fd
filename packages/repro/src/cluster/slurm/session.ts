import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../errors.ts';
import type { Key } from '../../graph/digest.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { nodeCost } from '../../plan/node-cost.ts';
import { secondsPerCost, withNode } from '../../plan/pace.ts';
import type { Pace } from '../../plan/pace.ts';
import { earlierPaces } from '../../run.ts';
import type { ExecutorFactory } from '../../run.ts';
import { statOrUndefined } from '../../store/files.ts';
import type { ActionResult, Store } from '../../store/store.ts';
import { describeNode } from '../node-file.ts';
import { StoreSpool } from '../spool.ts';
import { revalidate } from '../visible.ts';
import { slurmByCommands } from './commands.ts';
import type { Slurm } from './commands.ts';
import { SlurmExecutor } from './executor.ts';
import type { OnInterrupt } from './executor.ts';
import type { SlurmOptions } from './options.ts';

/** The `slurm` of the `repro` member of a project's package.json. Throws an InputError if that cannot be read. */
export function configuredSlurm(root: string): unknown {
  const path = join(root, 'package.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return (JSON.parse(text) as { repro?: { slurm?: unknown } }).repro?.slurm;
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}: expected JSON`);
  }
}

/** What makes the executor of a run. `onInterrupt`: asked when the run is interrupted. */
export function slurmExecutors(
  options: SlurmOptions,
  onInterrupt: () => OnInterrupt,
  slurm: Slurm = slurmByCommands(),
): ExecutorFactory {
  return ({ session, head, leases, outcomeOf, emit }) => {
    const { store, root } = session;
    const spool = new StoreSpool(store.directory, root, (directory) => scriptText(directory, options));
    const paces: Map<string, Pace> = earlierPaces(session);
    const executor = new SlurmExecutor({
      slurm,
      spool,
      options,
      head,
      isHeadAlive: (lease) => leases.isHeld(lease),
      emit,
      taskFile: (units) => ({
        root,
        visibilitySeconds: options.visibility,
        scratch: options.scratch,
        units: units.map(({ unit, nodes }) => ({
          batch: unit.execution?.batchBy !== undefined,
          nodes: nodes.map((node) =>
            describeNode(node, {
              root,
              code: ({ stage }: GraphNode) => session.code.get(stage)!,
              numericClass: session.numericClass,
              pinOf: session.pinOf,
              outcomeOf,
            }),
          ),
        })),
      }),
      result: ({ key, node }) => resultOf(store, key, Object.keys(node.stage.outputs)),
      isRecorded: (key) => store.readResult(key) !== undefined,
      checkpoint: (key) => checkpointOf(store, key),
      secondsOf: ({ node }) => {
        const pace = paces.get(node.stage.name);
        return pace && secondsPerCost(pace) * nodeCost(node);
      },
      measured: ({ node }, { seconds }) => {
        const pace = withNode(paces.get(node.stage.name), nodeCost(node), seconds);
        if (pace) paces.set(node.stage.name, pace);
      },
    });
    return {
      name: executor.name,
      build: (unit, onStarted) => executor.build(unit, onStarted),
      flush: () => executor.flush(),
      stop: () => executor.stop(),
      interrupt: () => {
        executor.onInterrupt = onInterrupt();
        executor.interrupt();
      },
      close: () => executor.close(),
    };
  };
}

/** The result that another machine recorded. It verified the blobs before it named them, so that they are not read here once more. */
function resultOf(store: Store, key: Key, outputs: readonly string[]): ActionResult | 'unseen' | undefined {
  const result = store.readResult(key);
  if (!result) return void revalidate(join(store.directory, 'ac'));
  if (!outputs.every((name) => Object.hasOwn(result.outputs, name))) return undefined;
  for (const { digest, size } of [...Object.values(result.outputs), result.trace]) {
    const stats = statOrUndefined(store.blobPath(digest));
    if (stats?.size !== size) {
      revalidate(join(store.directory, 'cas'));
      return 'unseen';
    }
    store.index.remember(digest, stats);
  }
  return result;
}

function checkpointOf(store: Store, key: Key): string {
  const directory = join(store.scratchDirectory(key), 'work');
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const stats = statSync(join(directory, name), { throwIfNoEntry: false });
        return stats?.isFile() ? `${name} ${stats.size} ${stats.mtimeMs}` : '';
      })
      .join('');
  } catch {
    return '';
  }
}

function scriptText(directory: string, { setup, node = process.execPath }: SlurmOptions): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const program = fileURLToPath(new URL('./exec-node.mjs', import.meta.url));
  return [
    '#!/bin/sh',
    ...(setup === undefined ? [] : [setup]),
    // In place of the shell, so that signals to the batch script reach it.
    `exec ${quoted(node)} ${quoted(program)} ${quoted(directory)} "$SLURM_ARRAY_TASK_ID"`,
    '',
  ].join('\n');
}
