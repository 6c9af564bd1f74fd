/** How the two quantities are read that the paper defines in two ways. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { ModelSummary } from './artifacts.ts';

export const Readings = Type.Object(
  {
    finalLoss: Type.Union([Type.Literal('fresh-data'), Type.Literal('last-training')], {
      description:
        'Loss of a trained model: on fresh data (text), or the mean of the last 100 training losses (scripts)',
    }),
    unlearnedLoss: Type.Union([Type.Literal('eq-4'), Type.Literal('app-d5')], {
      description:
        'Loss by unlearned features: (4/3) sum of p_i (Eq. 4), or its integral without the factor 4/3 (App. D.5; power laws only)',
    }),
  },
  { additionalProperties: false },
);
export type Readings = Static<typeof Readings>;

export const readingsOfText: Readings = { finalLoss: 'fresh-data', unlearnedLoss: 'eq-4' };

/**
 * A measured model with `loss` and `unlearnedLoss` as they are to be read; everything else as it was measured. The
 * integral of App. D.5 exists for power laws alone: for other frequencies the sum of Eq. 4 stays.
 */
export function readAs(summary: ModelSummary, { finalLoss, unlearnedLoss }: Readings): ModelSummary {
  const { trainingLoss, trainingLossStandardDeviation, unlearnedLossIntegral } = summary;
  return {
    ...summary,
    ...(finalLoss === 'last-training'
      ? { loss: trainingLoss, lossStandardDeviation: trainingLossStandardDeviation }
      : {}),
    ...(unlearnedLoss === 'app-d5' && unlearnedLossIntegral !== null
      ? { unlearnedLoss: unlearnedLossIntegral / (4 / 3) }
      : {}),
  };
}
