import { copyFileSync, mkdtempSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { explainFailure } from '../execute/explain-failure.ts';
import { jobCode } from '../execute/job-code.ts';
import { outputDirectory, outputFiles, packOutputs, prepareFiles } from '../execute/node-files.ts';
import type { Places } from '../execute/node-files.ts';
import { shareLog } from '../execute/job-log.ts';
import { recordResult } from '../execute/record.ts';
import type { JobMessage } from '../execute/protocol.ts';
import { ofNode } from '../execute/worker-pool.ts';
import type { JobOutcome, Runner } from '../execute/worker-pool.ts';
import type { Digest } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { handedVariables } from '../graph/variables.ts';
import { announceRun } from '../run-lease.ts';
import { fileDigest, makeDirectory, removeIfPossible, statOrUndefined } from '../store/files.ts';
import { Leases } from '../store/lease.ts';
import { Store } from '../store/store.ts';
import { reason, systemLine } from '../system-error.mjs';
import { reviveNode, sourcesOf } from './node-file.ts';
import type { NodeFile } from './node-file.ts';
import { TaskPlace } from './spool.ts';
import type { KeyEnd, TaskFile } from './spool.ts';
import { untilVisible } from './visible.ts';

/** After the end of a process by a signal, so long is waited for the same signal here. */
const signalMilliseconds = 1000;
const leaseMilliseconds = 250;

export interface ExecNodeOptions {
  readonly runner: Runner;
  /** Whether the job was asked to stop: by its time limit, by preemption, by scancel. */
  readonly isStopped: () => boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Builds the nodes of a task, one unit after another, against the shared store: what a job of a cluster runs. A node that
 * has a result by now is left alone; one that another builds is waited for. Returns false if it was stopped before its end.
 * Throws if the task cannot be read, or the store not written to.
 */
export async function execNode(jobDirectory: string, task: number, options: ExecNodeOptions): Promise<boolean> {
  const place = new TaskPlace(jobDirectory, task);
  const file = readTask(place, jobDirectory, task);
  const store = new Store(place.store, 'existing');
  const leases = new Leases(store.directory);
  place.begin();
  try {
    await announceRun(leases);
    for (const { batch, nodes } of file.units) {
      if (!options.isStopped()) await new UnitBuild(place, store, leases, file, options).run(batch, nodes);
    }
    if (options.isStopped()) place.stop();
    return !options.isStopped();
  } finally {
    leases.releaseAll();
    await options.runner.close();
    store.close();
  }
}

function readTask(place: TaskPlace, jobDirectory: string, task: number): TaskFile {
  try {
    return place.read();
  } catch (error) {
    throw new InputError(
      `exec-node ${jobDirectory} ${task}: ${reason(error)}: expected the directory of a job below cluster/ in a store, and the number of one of its tasks`,
    );
  }
}

class UnitBuild {
  readonly #place: TaskPlace;
  readonly #store: Store;
  readonly #leases: Leases;
  readonly #task: TaskFile;
  readonly #options: ExecNodeOptions;

  constructor(place: TaskPlace, store: Store, leases: Leases, task: TaskFile, options: ExecNodeOptions) {
    this.#place = place;
    this.#store = store;
    this.#leases = leases;
    this.#task = task;
    this.#options = options;
  }

  async run(batch: boolean, nodes: readonly NodeFile[]): Promise<void> {
    const mine: NodeFile[] = [];
    for (const node of nodes) if (await this.#isOurs(node)) mine.push(node);
    if (mine.length === 0) return;
    const local = this.#localDirectory();
    try {
      await this.#build(batch, mine, local);
    } finally {
      for (const { key } of mine) this.#leases.release(key);
      if (local !== undefined) removeIfPossible(local);
    }
  }

  /** Takes the lease of a node; false if there is a result, which then is its end. */
  async #isOurs({ key, stage, force }: NodeFile): Promise<boolean> {
    for (;;) {
      const has = (): boolean =>
        !force && this.#store.lookup(key, Object.keys(stage.outputs), true).result !== undefined;
      if (has()) return (this.#place.end(key, { type: 'recorded', seconds: 0 }), false);
      if (this.#options.isStopped()) return false;
      if (this.#leases.acquire(key)) {
        if (!has()) return true;
        this.#leases.release(key);
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, leaseMilliseconds));
    }
  }

  async #build(batch: boolean, files: readonly NodeFile[], local: string | undefined): Promise<void> {
    const store = this.#store;
    const { runner } = this.#options;
    const started = performance.now();
    const end = (file: NodeFile, node: GraphNode, outcome: JobOutcome, seconds: number): void => {
      const came = this.#settle(file, node, outcome, seconds, files.length, local);
      if (came) this.#place.end(file.key, came);
    };
    const revived: ({ readonly file: NodeFile } & ReturnType<typeof reviveNode>)[] = [];
    const handed: JobMessage['nodes'][number][] = [];
    for (const file of files) {
      const { key, pin, code } = file;
      const { node, outcomeOf } = reviveNode(file);
      // One whose inputs are not as they should be fails alone, and not the others of its job.
      try {
        await this.#inputsVisible(file);
        const places = {
          store: this.#places(file, local),
          snapshot: this.#snapshotOf(file),
          snapshots: resolve(this.#place.sources),
          root: this.#task.root,
          ...(local !== undefined && { kept: this.#kept(key) }),
        };
        const { programFolders } = code;
        handed.push(
          prepareFiles(
            { node, key, pin, files: code.contents ?? {}, programFolders },
            this.#leases.id,
            places,
            outcomeOf,
          ),
        );
        revived.push({ file, node, outcomeOf });
      } catch (error) {
        end(file, node, { type: 'failed', message: systemLine(error), log: '' }, 0);
      }
    }
    if (revived.length === 0) return;
    const logs = revived.map(({ file }) => store.logPath(file.key));
    let outcome: JobOutcome;
    try {
      outcome = await runner.run(
        {
          type: 'run',
          ...jobCode(
            revived.map(({ file }) => file.code),
            handed,
          ),
          batch,
          log: logs[0]!,
          variables: handedVariables(revived[0]!.node.stage),
        },
        () => undefined,
      );
      for (const log of logs.slice(1)) shareLog(logs[0]!, log);
      if (outcome.type === 'failed' && outcome.cannotRun) await this.#signalFollows();
      outcome = this.#explained(revived[0]!.file, outcome);
    } catch (error) {
      outcome = { type: 'failed', message: systemLine(error), log: '' };
    }
    const seconds = (performance.now() - started) / 1000 / files.length;
    for (const [i, { file, node }] of revived.entries()) end(file, node, ofNode(outcome, i), seconds);
  }

  /** Whoever ends a job sends a signal to all of its processes: the stage may be ended before this one hears of it. */
  async #signalFollows(): Promise<void> {
    for (const end = performance.now() + signalMilliseconds; performance.now() < end && !this.#options.isStopped();)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Undefined where the job was asked to stop: it goes on from its checkpoint in another. */
  #settle(
    file: NodeFile,
    node: GraphNode,
    outcome: JobOutcome,
    seconds: number,
    shared: number,
    local: string | undefined,
  ): KeyEnd | undefined {
    const { key, code, numericClass, inputs, recorded } = file;
    if (outcome.type === 'failed')
      return this.#options.isStopped() ? undefined : { type: 'failed', message: outcome.message, log: outcome.log };
    if (outcome.type === 'not-run') return { type: 'not-run', message: outcome.message };
    const scratch = this.#store.scratchDirectory(key);
    const out = outputDirectory(scratch, this.#leases.id);
    const warnings: string[] = [];
    try {
      if (local !== undefined) this.#bringHome(node, join(local, key), out);
      const context = {
        store: this.#store,
        byName: { read: () => undefined },
        emit: (event: { readonly message?: string }) =>
          void (event.message !== undefined && warnings.push(event.message)),
      } as unknown as Parameters<typeof recordResult>[2];
      recordResult({ node, key, code, numericClass, inputs, seconds }, out, context, recorded);
      removeIfPossible(this.#leases.owns(key) ? scratch : out);
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
      return {
        type: 'recorded',
        seconds,
        ...(outcome.cpuSeconds !== undefined && { cpuSeconds: outcome.cpuSeconds / shared }),
      };
    } catch (error) {
      return { type: 'failed', message: systemLine(error), log: '' };
    }
  }

  /** Outputs were written to the machine's own disk: from there no rename leads into the store. */
  #bringHome(node: GraphNode, scratch: string, out: string): void {
    const local = outputDirectory(scratch, this.#leases.id);
    packOutputs(node, local);
    makeDirectory(out);
    for (const { path } of Object.values(outputFiles(node, local)))
      if (statOrUndefined(path)?.isFile()) copyFileSync(path, join(out, basename(path)));
  }

  async #inputsVisible({ from }: NodeFile): Promise<void> {
    const blobs = from.flatMap(({ handles }) => handles.flatMap(({ blob }) => blob ?? []));
    const seconds = this.#task.visibilitySeconds;
    const [unseen] = await untilVisible(this.#store, blobs, seconds);
    if (unseen)
      throw new Error(
        `cas/${unseen.digest} is not seen on this machine after ${seconds} s: expected the store to be on a file system that all machines share`,
      );
  }

  #snapshotOf(file: NodeFile): (path: string, digest?: Digest) => string {
    const sources = sourcesOf(file);
    return (path, digest = sources.get(path)) => {
      const copy = join(this.#place.sources, digest!);
      if (fileDigest(copy) !== digest)
        throw new Error(`the copy of ${path} in ${copy} is damaged: remove it and run again`);
      return copy;
    };
  }

  /** A folder on this machine's own disk, where that is configured. */
  #localDirectory(): string | undefined {
    const { scratch } = this.#task;
    if (scratch === undefined) return undefined;
    const { environment } = this.#options;
    const expanded = scratch.replace(/\$(\w+)|\$\{(\w+)\}/g, (_, a?: string, b?: string) => {
      const value = environment[a ?? b!];
      if (value === undefined) throw new InputError(`scratch ${scratch}: $${a ?? b!} is not set on this machine`);
      return value;
    });
    makeDirectory(expanded);
    return mkdtempSync(join(expanded, 'repro-'));
  }

  /**
   * With a local folder: inputs are copied there, and outputs are made there. Checkpoints stay in the shared store, since
   * the job that goes on from them may run on another machine.
   */
  #places({ key }: NodeFile, local: string | undefined): Places['store'] {
    const store = this.#store;
    if (local === undefined) return store;
    const own = join(local, key);
    return {
      directory: store.directory,
      verify: (blob) => store.verify(blob),
      read: (blob) => store.read(blob),
      blobPath: (digest) => {
        const copy = join(own, 'copies', digest);
        if (statOrUndefined(copy)) return copy;
        makeDirectory(join(own, 'copies'));
        copyFileSync(store.blobPath(digest), copy);
        if (fileDigest(copy) !== digest) throw new Error(`cas/${digest} could not be copied to ${local}`);
        return copy;
      },
      scratchDirectory: () => {
        const work = this.#kept(key);
        makeDirectory(own);
        makeDirectory(work);
        if (!statOrUndefined(join(own, 'work'))) symlinkSync(work, join(own, 'work'));
        return own;
      },
    };
  }

  /** Where checkpoints are, whatever machine goes on from them. */
  #kept(key: NodeFile['key']): string {
    return join(this.#store.scratchDirectory(key), 'work');
  }

  /** The failure of a command, with what it would have needed where what it printed says so. */
  #explained({ stage, code }: NodeFile, outcome: JobOutcome): JobOutcome {
    if (!stage.command || outcome.type !== 'failed') return outcome;
    const because = explainFailure({
      root: this.#task.root,
      log: outcome.log,
      files: Object.keys(code.files),
      hasEnvironment: stage.command.environment !== undefined,
    });
    return because === undefined ? outcome : { ...outcome, message: `${outcome.message}: ${because}` };
  }
}
