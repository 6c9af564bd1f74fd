import type { BackendChoice } from './backends/choice.ts';
import type { Graph, GraphNode } from './graph/graph.ts';
import type { BackendExecution, Execution } from './graph/stage.ts';
import type { ParameterSet } from './params/load.ts';
import type { PipelineDefinition, Publication } from './pipeline.ts';
import type { ScanContext } from './plan/scan.ts';
import type { RootFacts } from './store/root.ts';

/** What is to be made: a parameter set, and what the pipeline makes of it. */
export interface PlannedSet {
  readonly pipeline: PipelineDefinition;
  readonly parameters: ParameterSet;
  readonly graph: Graph;
  readonly publication: Publication;
}

/** Where results are kept and published. */
export interface Places extends Pick<ScanContext, 'root' | 'store' | 'byName'> {
  /** `reports/<set>`, absolute; `reports/<set>+...` with overrides. */
  readonly reportDirectory: string;
  /** What the store knows this project, set and overrides by. */
  readonly rootFacts: RootFacts;
  /** What an earlier run found that a node asked of the world outside, by the lock in `reportDirectory`. */
  readonly pinOf: (node: GraphNode) => string | undefined;
  readonly close: () => void;
}

/** How nodes are computed: their code, and the backends of those that have some. */
export interface Computation extends Pick<ScanContext, 'code' | 'numericClass' | 'accepts' | 'known' | 'checked'> {
  /** The backend asked for: a name, or `auto`. */
  readonly backend: string;
  /** What that came to, by the names of the stages that declare backends. */
  readonly backends: ReadonlyMap<string, BackendChoice>;
  readonly execution: (node: GraphNode) => Execution | BackendExecution | undefined;
}

/** One parameter set of a project, planned, with its open store: what the verbs of the command line work on. */
export interface Session extends PlannedSet, Places, Computation {}
