import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { batchActivity, heldOutWork, overlapWork } from '../../../numerics/toy-model/work.ts';
import type { SampleParams } from '../sample/stage.ts';
import { TrainParams } from '../train/stage.ts';
import { webGpuPairs } from '../../backends/webgpu-pairs.ts';
import { Distribution, EvaluationSamples, ModelCell, ModelMeasurement, TrainingLosses, Weights } from '../artifacts.ts';
import { toyModelLabels } from '../labels.ts';

const { frequencies, alpha, density } = ModelCell.properties;

export const measureGeometry = defineStage({
  name: 'measure-geometry',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Measures one trained model: held-out loss, represented fractions, norms, overlaps, ambiguity.',
  labels: toyModelLabels,
  /** How the model was trained, for what it began with, and labels for the summary that the inputs do not carry. */
  params: Type.Object({ ...TrainParams.properties, frequencies, alpha, density }),
  inputs: {
    weights: Weights,
    losses: TrainingLosses,
    distribution: Distribution,
    evaluation: EvaluationSamples,
  },
  outputs: { measurement: ModelMeasurement },
  backends: {
    // the device for a moment, between the launches of trainings, and for wide models alone: so no share of it is claimed
    webgpu: { ...webGpuPairs, resources: { cpu: 1 } },
    // most of a small model's time would be that of warming the code up
    wasm: {
      numericClass: 'wasm-f64-v1',
      resources: { cpu: 1 },
      batchBy: ['n', 'm'],
      batchWaits: false,
      maximumBatch: 16,
    },
  },
  /** The held-out loss, the overlaps of all pairs of rows and their Gram matrix. */
  work: ({ n, m }, { evaluation }) => {
    const [{ evaluationBatches, evaluationBatch, ...law }] = evaluation as readonly [Static<typeof SampleParams>];
    return heldOutWork(batchActivity(law, evaluationBatches * evaluationBatch), n, m) + overlapWork(n, m);
  },
  calibrate: async () => {
    const { timeMeasurements } = await import('../../../numerics/toy-model/calibration.ts');
    return timeMeasurements().map(({ work, seconds }) => ({ cost: work, seconds }));
  },
});
