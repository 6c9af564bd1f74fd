import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { Checkpoint, Texts, Tokenizer } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';
import { ModelLoss, TextLosses, TokenLosses } from './artifacts.ts';

const EvalLlmParams = Type.Object({
  /** What the results are to be called by. */
  model: Type.String({ minLength: 1 }),
  dataset: Type.String({ minLength: 1 }),
  /** The published number of parameters, by which the time is estimated. */
  parameters: Type.Integer({ minimum: 0 }),
  /** The first texts of the data set, at most. */
  maximumTexts: Type.Integer({ minimum: 1 }),
  /** Texts are cut to so many tokens, special ones included, or to as many as the model has positions. */
  maximumTokens: Type.Integer({ minimum: 2 }),
});

/** All cores, so that no other node runs beside it: ONNX Runtime has threads of its own. */
const allCores = { cpu: 1024 };

export const evalLlm = defineStage({
  name: 'eval-llm',
  code: new URL('./run.ts', import.meta.url),
  settings: [...hubVariables, 'REPRO_MAX_RESIDENT_BYTES'],
  summary: 'The loss of a language model on the texts of a data set, on ONNX Runtime',
  labels: ['dataset', 'model'],
  params: EvalLlmParams,
  inputs: { checkpoint: Checkpoint, tokenizer: Tokenizer, texts: Texts },
  outputs: { loss: ModelLoss, textLosses: TextLosses, tokenLosses: TokenLosses },
  // in order of preference
  backends: {
    cuda: {
      numericClass: 'onnxruntime-cuda-f32',
      resources: { cpu: 1, accelerator: 1 },
      probe: probe('cuda'),
      selfTest: selfTest('cuda'),
    },
    webgpu: {
      numericClass: 'onnxruntime-webgpu-f32',
      resources: { cpu: 1, accelerator: 1 },
      probe: probe('webgpu'),
      selfTest: selfTest('webgpu'),
    },
    cpu: { numericClass: 'onnxruntime-cpu-f32', resources: allCores, selfTest: selfTest('cpu') },
  },
  /** About a nanosecond on two cores. */
  cost: ({ parameters, maximumTexts, maximumTokens }) => (parameters * maximumTexts * maximumTokens) / 75,
});

function probe(provider: 'cuda' | 'webgpu') {
  return async () => (await import('./provider-probe.ts')).probeProvider(provider);
}

function selfTest(provider: 'cuda' | 'webgpu' | 'cpu') {
  return async () => (await import('./provider-probe.ts')).testProvider(provider);
}
