import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { HubRepository } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';

const ResolveRepositoryParams = Type.Object({
  kind: Type.Union([Type.Literal('model'), Type.Literal('dataset')]),
  /** `owner/name`. */
  repository: Type.String({ pattern: '^\\w[\\w.-]*/\\w[\\w.-]*$' }),
  /** A branch, a tag or a commit. What a branch stands for is asked once; the result, which the lock keeps, is the pin from then on. */
  revision: Type.String({ minLength: 1 }),
  /** Lists only files below this folder; empty for all. */
  folder: Type.String(),
});

export const resolveRepository = defineStage({
  name: 'resolve-repository',
  code: new URL('./run.ts', import.meta.url),
  settings: hubVariables,
  summary: 'The commit that a revision of a repository of the hub stands for, and its files',
  labels: ['repository', { param: 'revision', unless: 'main' }],
  params: ResolveRepositoryParams,
  inputs: {},
  outputs: { listing: HubRepository },
  pinned: { output: 'listing', member: 'pin' },
  // Most of its time would be that of loading the client of the hub.
  execution: { resources: { cpu: 0.5 }, batchBy: [], batchWaits: false, maximumBatch: 8 },
  cost: () => 1,
});
