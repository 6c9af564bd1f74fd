import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { HeadOrigin, HubRepository, LanguageModelHead } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';

const FetchHeadParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
  /** The published shape of the head, which it must have. */
  vocabulary: Type.Integer({ minimum: 1 }),
  width: Type.Integer({ minimum: 1 }),
  /** Of a number of the checkpoint as published, by which the download is estimated. */
  bytesPerNumber: Type.Integer({ minimum: 1 }),
});

export const fetchHead = defineStage({
  name: 'fetch-head',
  code: new URL('./run.ts', import.meta.url),
  settings: hubVariables,
  summary: 'The head W of a language model alone, read from its checkpoint by range',
  labels: ['repository'],
  params: FetchHeadParams,
  inputs: { listing: HubRepository },
  outputs: { head: LanguageModelHead, origin: HeadOrigin },
  pinned: { output: 'origin', member: 'pin' },
  execution: { resources: { cpu: 0.5 } },
  /** Elements. */
  cost: ({ vocabulary, width }) => vocabulary * width,
  downloads: ({ vocabulary, width, bytesPerNumber }) => {
    const bytes = vocabulary * width * bytesPerNumber;
    return { bytes, diskBytes: bytes };
  },
});
