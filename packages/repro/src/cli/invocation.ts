import type { PipelineDefinition, PipelineExamples } from '../pipeline.ts';

/** What a verb is called on. */
export interface Invocation {
  readonly pipeline: PipelineDefinition;
  /** The directory of the project, absolute. */
  readonly root: string;
  /** How the user starts this command line, e.g. `./repro` or `npx repro`. */
  readonly command: string;
}

/** The words of help examples: those that the pipeline declares, else placeholders. */
export function exampleWords({ pipeline: { examples = {} } }: Invocation): Required<PipelineExamples> {
  return { set: 'SET', stage: 'STAGE', node: 'NODE', override: 'PATH=VALUE', ...examples };
}
