import type { Command } from './command.ts';
import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, InputType } from './artifact.ts';

/** What one node takes while it runs; the scheduler never exceeds the limits of the machine. */
export interface Resources {
  /** Worker threads kept busy. Default 1. */
  readonly cpu?: number;
  /** Share of the accelerator, at most 1. Default 0. */
  readonly accelerator?: number;
  readonly memoryBytes?: number;
}

/** How a stage runs on one backend. */
export interface Execution {
  readonly resources?: Resources;
  /**
   * Names of parameters that nodes must share to run as one job: through the `runBatch` of the stage, or, where its
   * code has none, through its `run`, one node after another in one module. Variants of a stage share a job too, each
   * through its own `run`. Absent: one node, one job.
   */
  readonly batchBy?: readonly string[];
  /**
   * `false`: a batch takes what is ready, at most its share for each worker. For nodes that take less time than their
   * code takes to warm up. Default: a batch waits for all that feeds a node of its shape.
   */
  readonly batchWaits?: boolean;
  /** Most nodes in one job. Default: no limit. */
  readonly maximumBatch?: number;
}

/** A backend under which a stage computes; results of different numeric classes are never mixed up. */
export interface BackendExecution extends Execution {
  /** Part of the key: backends of one class give the same bytes. */
  readonly numericClass: string;
  /**
   * What there is here for the backend to compute on. Asked in this process, and only where a node has to run, or by
   * `doctor`. Absent: it works everywhere.
   */
  readonly probe?: () => Promise<BackendProbe>;
  /** For `doctor`: computes something known, in a second, and says how near it came. Throws if that is too far off. */
  readonly selfTest?: () => Promise<string>;
}

export interface BackendProbe {
  /** `fast`: what it is for is here, so `--backend auto` takes it; `slow`: it works, if asked for by name; `absent`: it does not. */
  readonly state: 'fast' | 'slow' | 'absent';
  /** The device; or what is missing, in a few words. */
  readonly message: string;
  /** Where something better could be installed: a sentence that says how. */
  readonly advice?: string;
  /** What else a user may want to know: drivers, versions, limits. */
  readonly facts?: Readonly<Record<string, string>>;
}

/**
 * A parameter by its path, such as `optimizer.rate`; left out of names where it has the value `unless`; named by the last
 * part of its path, or by `as`.
 */
export type Label = string | ConditionalLabel;
export interface ConditionalLabel {
  readonly param: string;
  readonly unless: string | number | boolean;
  readonly as?: string;
}

export interface StageDeclaration<
  P extends TObject = TObject,
  I extends Record<string, InputType> = Record<string, InputType>,
  O extends Record<string, ArtifactType> = Record<string, ArtifactType>,
> {
  readonly name: string;
  /**
   * Tells this stage from others of the same name. Stages that share a name are variants of one: each has its own code,
   * and all of them count as one stage in names, estimates and progress. Example: one stage `figure`, a variant for each figure.
   */
  readonly variant?: string;
  /**
   * URL of the code: `new URL('./run.ts', import.meta.url)`. Default: `stages/<name>/run.ts` in the root of the project.
   * For a stage with backends, `run.<backend>.ts` in the same folder.
   */
  readonly code?: URL;
  /** For a stage that is a program in any language, in place of `code`: see `defineCommand`. */
  readonly command?: Command;
  /**
   * What of this machine the bytes depend on, by name, such as the versions of interpreters: it counts as the stage's code.
   * `root`: of the project.
   */
  readonly here?: (root: string) => Promise<Readonly<Record<string, string>>>;
  /**
   * Environment variables that the stage reads: their values are part of its keys. A list: as they are where the run was
   * started, `['MODEL_SIZE']`; an object: these values. Of other variables it sees none but those by which the machine,
   * the network and devices are reached, such as PATH and HTTPS_PROXY; TZ is UTC and LANG is C.UTF-8.
   */
  readonly variables?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * Environment variables that the stage reads and that no result depends on, such as tokens and mirrors: `['HF_*']`. In
   * no key.
   */
  readonly settings?: readonly string[];
  /** One sentence for `graph` and `--help`. */
  readonly summary: string;
  readonly params: P;
  /**
   * The parameters by which nodes are named, in the order of the name, their own or those of what they are made from:
   * `['alpha', { param: 'density', unless: 1 }, 'gamma', 'm']`. Others appear only where they tell two nodes apart.
   */
  readonly labels?: readonly Label[];
  readonly inputs: I;
  readonly outputs: O;
  readonly execution?: Execution;
  /** Only for stages whose bytes depend on where they run, in order of preference for `--backend auto`; the last works everywhere. */
  readonly backends?: Readonly<Record<string, BackendExecution>>;
  /** Expected floating-point operations of a node: what a dry run tells before anyone commits a night to it. */
  readonly work?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /**
   * Expected time of a node in any unit, less what every node takes: for estimates and the order of work. Default:
   * its `work`, or 1.
   */
  readonly cost?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /** Expected memory of a node in bytes, for the dry run; limits are declared with the resources. */
  readonly memory?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /** Bytes a node fetches at most, and those it leaves on the disk, for the dry run. */
  readonly downloads?: (params: Static<P>, feeding: FeedingParams<I>) => Downloads;
  /** Measures in a second at most, in this process, what costs take here: for estimates while the store holds nothing of the stage. */
  readonly calibrate?: () => Promise<readonly TimedCost[]>;
  /**
   * For a stage that asks the world outside what a name stands for now: the member of a JSON output that holds the answer,
   * a string. The lock keeps it, and where the result is not in the store it is handed to the next run as `pin`, so
   * that the same thing is fetched. It is in no key. Such a stage has no inputs.
   */
  readonly pinned?: { readonly output: keyof O & string; readonly member: string };
  /** What the user can do if a node of the stage cannot be made: a sentence for the message of its failure. */
  readonly withoutIt?: (params: Static<P>) => string;
}

/** By input, the parameters of the nodes that feed it; of a source file there are none. */
export type FeedingParams<I extends Record<string, InputType>> = {
  readonly [K in keyof I]: readonly Readonly<Record<string, unknown>>[];
};

export interface Downloads {
  readonly bytes: number;
  /** What stays of it, wherever that is. */
  readonly diskBytes: number;
}

export interface TimedCost {
  readonly cost: number;
  readonly seconds: number;
}
