/** Where the text and the authors' scripts differ: the same models both ways, compared difference by difference. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { group } from 'repro';
import type { Handle } from 'repro';
import type { VariantComparison } from '../stages/toy/artifacts.ts';
import { differenceIds } from '../stages/toy/compare-variants/differences.ts';
import type { DifferenceId } from '../stages/toy/compare-variants/differences.ts';
import { compareVariants } from '../stages/toy/compare-variants/stage.ts';
import { Factor, Sweep, gridValues, strict } from './parameter-types.ts';
import type { Frequencies } from './parameter-types.ts';
import type { MeasuredModel, TrainModel } from './toy-model.ts';

export const VariantsParameters = Type.Object(
  {
    ...Sweep,
    scale: Type.Number({ exclusiveMinimum: 0, description: 'Of exponential frequencies' }),
    longer: Factor(),
    larger: Factor("Factors on steps and on batch of the authors' scripts"),
    differences: Type.Optional(
      Type.Array(Type.Unsafe<DifferenceId>(Type.String({ enum: [...differenceIds] })), {
        minItems: 1,
        uniqueItems: true,
        description: 'Differences that are trained (default: all)',
      }),
    ),
  },
  {
    ...strict,
    description:
      "Models made by the paper's text beside the same made by its authors' scripts, difference by difference",
  },
);

export function variantComparisons(
  variants: Static<typeof VariantsParameters>,
  trainModel: TrainModel,
): Handle<typeof VariantComparison>[] {
  return group('variants', () => comparisons(variants, trainModel));
}

function comparisons(
  variants: Static<typeof VariantsParameters>,
  trainModel: TrainModel,
): Handle<typeof VariantComparison>[] {
  const { n, m: widths, alpha: alphas, gamma: gammas, scale, training, larger, longer } = variants;
  const [alpha] = gridValues(alphas) as [number, ...number[]];
  const models = (law: Frequencies, changed = training, replicate = 0): MeasuredModel[] =>
    gridValues(gammas).flatMap((gamma) =>
      widths.map((m) => trainModel({ law: { ...law, n, density: 1 }, m, gamma, training: changed, replicate })),
    );
  const linear = (firstIndex: 0 | 1) => models({ frequencies: 'linear', firstIndex });
  const exponential = (firstIndex: 0 | 1) => models({ frequencies: 'exponential', scale, firstIndex });
  const powerLaw: Frequencies = { frequencies: 'power-law', alpha };
  const usual = models(powerLaw);
  const longSchedule = { ...training, batch: training.batch * larger, steps: training.steps * longer };
  const pairs: Record<DifferenceId, () => readonly [text: MeasuredModel[], scripts: MeasuredModel[]]> = {
    'final-loss': () => [usual, usual],
    'unlearned-loss': () => [usual, usual],
    'linear-first-index': () => [linear(1), linear(0)],
    'exponential-first-index': () => [exponential(1), exponential(0)],
    'batch-and-steps': () => [usual, models(powerLaw, longSchedule)],
    'loss-scale': () => [models(powerLaw, { ...training, lossScale: n }), usual],
    'random-numbers': () => [usual, models(powerLaw, training, 1)],
  };
  const measurements = (side: readonly MeasuredModel[]) => side.map(({ measurement }) => measurement);
  const wanted = variants.differences ?? differenceIds;
  return differenceIds
    .filter((difference) => wanted.includes(difference))
    .map((difference) => {
      const [text, scripts] = pairs[difference]();
      return compareVariants({ difference }, { text: measurements(text), scripts: measurements(scripts) }).comparison;
    });
}
