import type { PipelineDefinition } from '../pipeline.ts';

/** What a verb is given besides its own options. */
export interface Invocation {
  readonly pipeline: PipelineDefinition;
  readonly root: string;
}
