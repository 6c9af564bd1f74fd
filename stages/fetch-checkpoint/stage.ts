import { Type } from '@sinclair/typebox';
import { defineStage } from '../../engine/index.ts';
import { Checkpoint, HubRepository } from '../artifacts.ts';

export const FetchCheckpointParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
  /** The published number of parameters, by which downloads are estimated. */
  parameters: Type.Integer({ minimum: 0 }),
});

export const fetchCheckpoint = defineStage({
  name: 'fetch-checkpoint',
  summary: 'A whole checkpoint in the cache of the hub, every file verified',
  params: FetchCheckpointParams,
  inputs: { listing: HubRepository },
  outputs: { checkpoint: Checkpoint },
  execution: { resources: { cpu: 0.5 } },
  cost: ({ parameters }) => parameters,
});
