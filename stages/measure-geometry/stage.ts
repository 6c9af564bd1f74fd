import { defineStage } from '../../engine/index.ts';
import { Distribution, EvaluationSamples, ModelCell, ModelMeasurement, TrainingLosses, Weights } from '../artifacts.ts';

export const measureGeometry = defineStage({
  name: 'measure-geometry',
  summary: 'Measures one trained model: held-out loss, represented fractions, norms, overlaps, ambiguity.',
  /** Which model it is: labels for the summary that the inputs do not carry. */
  params: ModelCell,
  inputs: {
    weights: Weights,
    losses: TrainingLosses,
    distribution: Distribution,
    evaluation: EvaluationSamples,
  },
  outputs: { measurement: ModelMeasurement },
  cost: ({ n, m }) => n * n * m,
});
