import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { batchActivity, trainingMemory, trainingStepCost, trainingStepWork } from '../../../numerics/toy-model/work.ts';
import type { BatchActivity } from '../../../numerics/toy-model/work.ts';
import type { FrequencyLaw } from '../../../numerics/features/frequencies.ts';
import { Distribution, TrainingLosses, Weights } from '../artifacts.ts';
import { InitialBias } from './initial-bias.ts';
import { toyModelLabels } from '../labels.ts';

export const TrainParams = Type.Object({
  /** Number of features: that of the distribution. */
  n: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** Hidden width. */
  m: Type.Integer({ minimum: 1, maximum: 16384 }),
  /** Weight decay, or, below 0, growth towards unit rows (Eq. 2). */
  gamma: Type.Number(),
  batch: Type.Integer({ minimum: 1, maximum: 65536 }),
  steps: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
  /** Steps of warm-up; 0 for none. */
  warmup: Type.Integer({ minimum: 0 }),
  /** Largest learning rates. */
  peakRateW: Type.Number({ exclusiveMinimum: 0 }),
  peakRateB: Type.Number({ exclusiveMinimum: 0 }),
  /** Factor on the mean squared error (over batch and features) that is minimised: 1 small models, 100 large. */
  lossScale: Type.Number({ exclusiveMinimum: 0 }),
  beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
  beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
  epsilon: Type.Number({ exclusiveMinimum: 0 }),
  /** Whether rows of W are projected to unit norm after each step. */
  projection: Type.Union([Type.Literal('none'), Type.Literal('unit-rows')]),
  initialBias: InitialBias,
  seed: Type.Integer({ minimum: 0 }),
  /** 0 for the model itself, 1, 2, ... for its repetitions under other random numbers. */
  replicate: Type.Integer({ minimum: 0 }),
});

export const train = defineStage({
  name: 'train',
  code: new URL('./run.ts', import.meta.url),
  summary: 'One toy model, trained with AdamW and decoupled weight decay (Eq. 2)',
  labels: toyModelLabels,
  params: TrainParams,
  inputs: { distribution: Distribution },
  outputs: { weights: Weights, losses: TrainingLosses },
  backends: {
    webgpu: {
      numericClass: 'webgpu-f32-v1',
      resources: { cpu: 1, accelerator: 1 },
      batchBy: ['n', 'batch', 'steps'],
      probe: async () => (await import('../../backends/webgpu-probe.ts')).probeWebGpu(),
      selfTest: async () => (await import('./backend-tests.ts')).testWebGpu(),
    },
    tensorflow: {
      numericClass: 'tensorflow-f32',
      // it has threads of its own, and takes the memory of the graphics processor
      resources: { cpu: 1024, accelerator: 1 },
      probe: async () => (await import('./tensorflow-probe.ts')).probeTensorFlow(),
      selfTest: async () => (await import('./backend-tests.ts')).testTensorFlow(),
    },
    wasm: {
      numericClass: 'wasm-f32-v1',
      resources: { cpu: 1 },
      selfTest: async () => (await import('./backend-tests.ts')).testWasm(),
    },
  },
  work: ({ n, m, batch, steps }, { distribution }) => steps * trainingStepWork(activity(distribution, batch), n, m),
  cost: ({ steps, ...settings }, { distribution }) =>
    steps * trainingStepCost(activity(distribution, settings.batch), settings),
  memory: ({ n, m, batch }, { distribution }) => trainingMemory(activity(distribution, batch), n, m),
  calibrate: async () => {
    const { timeTrainingSteps } = await import('../../../numerics/toy-model/calibration.ts');
    return timeTrainingSteps().map(({ work, seconds }) => ({ cost: work, seconds }));
  },
});

/** By the parameters of the one node, of the stage `sample`, that makes the distribution. */
function activity([law]: readonly object[], batch: number): BatchActivity {
  return batchActivity(law as FrequencyLaw, batch);
}
