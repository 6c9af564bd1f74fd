import { Type } from '@sinclair/typebox';
import { defineStage, optional } from 'repro';
import { Checkpoint, HeadOrigin, HubRepository, LanguageModelHead } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';

const FetchCheckpointParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
  /** The published number of parameters, by which downloads are estimated. */
  parameters: Type.Integer({ minimum: 0 }),
  /** Of a number of the checkpoint as published. */
  bytesPerNumber: Type.Integer({ minimum: 1 }),
});

export const fetchCheckpoint = defineStage({
  name: 'fetch-checkpoint',
  code: new URL('./run.ts', import.meta.url),
  settings: hubVariables,
  summary: 'A whole checkpoint in the cache of the hub, every file verified',
  labels: ['repository'],
  params: FetchCheckpointParams,
  /** The head that was read by range, which is compared with the whole file. */
  inputs: { listing: HubRepository, head: optional(LanguageModelHead), origin: optional(HeadOrigin) },
  outputs: { checkpoint: Checkpoint },
  execution: { resources: { cpu: 0.5 } },
  cost: ({ parameters }) => parameters,
  /** Into the cache of the hub. Buffers that some checkpoints hold beside their parameters, a few percent, are not counted. */
  downloads: ({ parameters, bytesPerNumber }) => ({
    bytes: parameters * bytesPerNumber,
    diskBytes: parameters * bytesPerNumber,
  }),
});
