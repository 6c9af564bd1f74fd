import { Type } from '@sinclair/typebox';
import type { TObject } from '@sinclair/typebox';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StageCode } from '../src/code/stage-code.ts';
import type { RunEvent, RunSummary } from '../src/events.ts';
import type { Executor } from '../src/execute/executor.ts';
import { Scheduler } from '../src/execute/scheduler.ts';
import type { Budget } from '../src/execute/scheduler.ts';
import type { JobOutcome, Runner } from '../src/execute/worker-pool.ts';
import type { JobMessage } from '../src/execute/protocol.ts';
import type { Determinism } from '../src/graph/artifact.ts';
import { file, many, optional } from '../src/graph/artifact.ts';
import { codeDigestOfText, sha256 } from '../src/graph/digest.ts';
import { buildGraph } from '../src/graph/graph.ts';
import type { Graph, GraphNode } from '../src/graph/graph.ts';
import { defineStage } from '../src/graph/stage.ts';
import type { Execution, Stage, StageDeclaration } from '../src/graph/stage.ts';
import { Scan, planAll } from '../src/plan/scan.ts';
import type { Outcome } from '../src/plan/outcome.ts';
import type { Decision } from '../src/plan/scan.ts';
import { lockText } from '../src/publish/lock.ts';
import { withInputs } from '../src/select.ts';
import { ByName } from '../src/store/by-name.ts';
import { Leases } from '../src/store/lease.ts';
import { Store } from '../src/store/store.ts';

/** The one kind of artifact that puppets exchange. */
export const Text = file('text', '.txt');
export const SourceText = file('source-text', '.txt');

const puppetInputs = { from: many(Text), maybe: optional(Text), read: many(SourceText) };
export type PuppetStage = Stage<TObject, typeof puppetInputs, { out: typeof Text }>;

/** A stage whose nodes are puppets: a test decides when each ends, and with what bytes. */
export function puppetStage(
  name: string,
  execution: Execution = {},
  { determinism, cost }: { determinism?: Determinism; cost?: (params: object) => number } = {},
): PuppetStage {
  const out = determinism ? file('text', '.txt', determinism) : Text;
  const declaration = {
    name,
    summary: 'a puppet',
    params: Type.Object({}) as TObject,
    inputs: puppetInputs,
    outputs: { out },
    execution,
    ...(cost && { cost }),
  };
  return defineStage(declaration);
}

type Job = JobMessage['nodes'][number];

/** A job that has started and waits for the test to say how it ends. */
export interface Puppet {
  /** The first of `nodes`, for jobs of one node. */
  readonly node: string;
  readonly nodes: readonly string[];
  readonly jobs: readonly Job[];
  /** Writes each node's output (by default what the node is made of) and ends well. */
  finish(text?: (job: Job) => string): Promise<void>;
  /** Ends in the given way; nothing is written. */
  end(outcome: JobOutcome): Promise<void>;
  fail(message?: string): Promise<void>;
  progress(index: number, fraction: number): void;
  /** Writes the output of one node of a batch and tells so, while the job goes on. */
  finishOne(index: number): Promise<void>;
}

/** A runner that runs nothing: jobs wait until the test ends them one by one. */
export class PuppetRunner implements Runner {
  readonly running: Puppet[] = [];
  /** Names of the nodes of each job, in the order in which jobs started. */
  readonly started: string[][] = [];
  aborted = false;
  mostAtOnce = 0;

  run(
    message: JobMessage,
    onProgress: (index: number, fraction: number) => void,
    onFinished?: (index: number) => void,
  ): Promise<JobOutcome> {
    return new Promise((resolve) => {
      const nodes = message.nodes.map(({ node }) => node);
      const end = (outcome: JobOutcome): Promise<void> => {
        this.running.splice(this.running.indexOf(puppet), 1);
        resolve(outcome);
        return settled();
      };
      const puppet: Puppet = {
        node: nodes[0]!,
        nodes,
        jobs: message.nodes,
        end,
        finish: (text = puppetText) => {
          for (const job of message.nodes) writeFileSync(job.outputs['out']!.path, text(job));
          return end({ type: 'done' });
        },
        fail: (text = 'the puppet fell') => end({ type: 'failed', message: text, log: 'the log' }),
        progress: onProgress,
        finishOne: (index) => {
          const job = message.nodes[index]!;
          writeFileSync(job.outputs['out']!.path, puppetText(job));
          onFinished?.(index);
          return settled();
        },
      };
      this.running.push(puppet);
      this.started.push(nodes);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.running.length);
    });
  }

  abort(): void {
    this.aborted = true;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Nodes of the jobs that wait for the test, sorted. */
  get names(): string[] {
    return this.running.flatMap(({ nodes }) => nodes).sort();
  }

  /** The job that runs this node; throws if none does. */
  puppet(node: string): Puppet {
    const found = this.running.find(({ nodes }) => nodes.includes(node));
    if (!found) throw new Error(`${node} is not running: ${this.names.join(', ') || 'nothing'} is`);
    return found;
  }
}

/** Everything a puppet's bytes may depend on: its parameters and the bytes of its inputs. */
export function puppetText({ params, inputs }: Job): string {
  return sha256(JSON.stringify([params, ...inputTexts(inputs)]));
}

export function inputTexts(inputs: Job['inputs']): string[][] {
  const texts = (value: unknown): string[] => {
    if (value === undefined) return ['absent'];
    return (Array.isArray(value) ? value : [value]).map(({ path }: { path: string }) => readFileSync(path, 'utf8'));
  };
  return [texts(inputs['from']), texts(inputs['maybe']), texts(inputs['read'])];
}

/** Resolves when nothing more can happen until a puppet is released: all else in a run is synchronous. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export interface RunSettings {
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  /** Names of the nodes wanted; all if absent. */
  readonly wanted?: readonly string[];
  readonly forced?: readonly string[];
  /** Names of nodes that are not built where they are not finished. */
  readonly leftOut?: readonly string[];
  /** The clock by which the run watches the leases of others, in milliseconds. */
  readonly now?: () => number;
  /** What a run that has little time does first, and what it has time for. */
  readonly budget?: Budget;
  /** Builds the nodes in place of the run. */
  readonly executor?: (outcomeOf: (node: GraphNode) => Outcome) => Executor;
}

export interface PuppetRun {
  readonly runner: PuppetRunner;
  readonly events: RunEvent[];
  /** Events as `type node`. */
  readonly log: string[];
  readonly finished: Promise<RunSummary>;
  readonly scheduler: Scheduler;
  /** What a timer of the scheduler would do: looks again at nodes that another run is building. */
  readonly poll: () => Promise<void>;
  /** Ends puppets with their own bytes until the run is over; `choose` picks which is next. */
  finishAll(choose?: (running: readonly Puppet[]) => Puppet): Promise<RunSummary>;
  lock(): string;
}

/** A project of puppets in a directory: its graph, code digests and sources are as the test says. */
export class PuppetProject {
  readonly root: string;
  readonly code = new Map<string, string>();
  graph: Graph = { nodes: [], byName: new Map() };

  constructor(root: string) {
    this.root = root;
  }

  /** What `pipeline.ts` would build. */
  build(build: () => void): void {
    ({ graph: this.graph } = buildGraph((_, params) => params, build));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** As a new process opens it. */
  openStore(directory = 'artifacts'): Store {
    return new Store(join(this.root, directory));
  }

  states(store = this.openStore()): Record<string, Decision> {
    const decisions = planAll(this.graph, new Scan(this.context(store)));
    return Object.fromEntries(this.graph.nodes.map((node) => [node.name, decisions[node.index]!]));
  }

  start(
    { jobs = 2, keepGoing = false, wanted, forced = [], leftOut = [], now, executor, budget }: RunSettings = {},
    directory = 'artifacts',
  ): PuppetRun {
    const store = this.openStore(directory);
    const context = this.context(store);
    const leases = new Leases(store.directory, now);
    const runner = new PuppetRunner();
    const events: RunEvent[] = [];
    const timers = new Set<() => void>();
    const scheduler: Scheduler = new Scheduler({
      ...context,
      executor: executor?.(({ index }) => scheduler.outcomes[index]!),
      graph: this.graph,
      selected: wanted ? withInputs(wanted.map((name) => this.node(name))) : new Set(this.graph.nodes),
      forced: ({ name }) => forced.includes(name),
      leftOut: ({ name }) => leftOut.includes(name),
      execution: ({ stage }) => stage.execution,
      runner,
      leases,
      jobs,
      ...(budget && { budget }),
      keepGoing,
      rerunCommand: ({ name }) => `rerun ${name}`,
      emit: (event) => void events.push(event),
      after: (_, callback) => {
        timers.add(callback);
        return () => void timers.delete(callback);
      },
    });
    let over = false;
    const finished = scheduler.run().finally(() => {
      over = true;
      context.byName.save();
      leases.releaseAll();
      store.close();
    });
    // A test may look at a failed run only after it has done other things.
    finished.catch(() => undefined);
    const poll = (): Promise<void> => {
      for (const callback of [...timers]) callback();
      return settled();
    };
    return {
      runner,
      events,
      get log() {
        return events.map((event) => ('node' in event ? `${event.type} ${event.node.name}` : event.type));
      },
      finished,
      scheduler,
      poll,
      finishAll: async (choose = (running) => running[0]!) => {
        for (await settled(); !over;) {
          if (runner.running.length === 0) throw new Error('the run neither ends nor runs anything');
          await choose(runner.running).finish();
        }
        return finished;
      },
      lock: () => {
        return lockText(
          this.graph,
          (node) => scheduler.outcomes[node.index]!,
          (node) => scheduler.keys[node.index],
        );
      },
    };
  }

  node(name: string): GraphNode {
    const node = this.graph.byName.get(name);
    if (!node) throw new Error(`${name} is not a node: ${[...this.graph.byName.keys()].join(', ')}`);
    return node;
  }

  /** What plans and remotes are asked about. */
  context(store: Store) {
    const code = new Map<StageDeclaration, StageCode>();
    for (const { stage } of this.graph.nodes) {
      const text = this.code.get(stage.name) ?? stage.name;
      code.set(stage, {
        digest: codeDigestOfText(text),
        bundlePath: '',
        files: { [`stages/${stage.name}/run.ts`]: sha256(text) },
        packages: {},
      });
    }
    return {
      root: this.root,
      store,
      byName: new ByName(join(store.directory, 'roots', sha256('puppets').slice(0, 16))),
      code,
      numericClass: () => undefined,
    };
  }
}
