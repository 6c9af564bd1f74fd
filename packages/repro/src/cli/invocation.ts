import type { Footprint } from '../footprint.mjs';
import type { PipelineDefinition, PipelineExamples } from '../pipeline.ts';

/** What a verb is called on. */
export interface Invocation {
  readonly pipeline: PipelineDefinition;
  /** The directory of the project, absolute. */
  readonly root: string;
  /** How the user starts this command line, e.g. `./repro` or `npx repro`. */
  readonly command: string;
  /** For `run`: what it looks at is collected, so that the same call can end at once if nothing of it has changed. */
  readonly footprint?: CollectedFootprint | undefined;
}

export interface CollectedFootprint {
  readonly footprint: Footprint;
  /** Where it is to be kept. */
  readonly path: string;
  /** The folders of the bundled code. */
  readonly touched: string[];
}

/** The words of help examples: those that the pipeline declares, else placeholders. */
export function exampleWords({ pipeline: { examples = {} } }: Invocation): Required<PipelineExamples> {
  return { set: 'SET', stage: 'STAGE', node: 'NODE', override: 'PATH=VALUE', ...examples };
}
