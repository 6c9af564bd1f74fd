/** How the size of published language models goes with their width (Fig. 23). */
import type { ValueOf } from 'repro';
import { allCells, defineQuantity, formatNumber, formatWithUncertainty, missing } from 'repro/claims';
import type { Estimate, Missing, Part } from 'repro/claims';
import type { SizeFits } from '../../../language/artifacts.ts';
import type { Sources } from './sources.ts';

type Sizes = ValueOf<typeof SizeFits>;
type Fit = Sizes['chinchilla']['fit'];

function overSizes(measure: (sizes: Sizes) => Estimate): (part: Part, sources: Sources) => Estimate | Missing {
  return (_, { sizes }) => (sizes ? measure(sizes) : missing('Needs the published sizes of language models.'));
}

function estimate({ slope, standardError, low, high, bootstrap, count }: Fit, detail: string): Estimate {
  return {
    kind: 'estimate',
    ...{ value: slope, standardError, low, high, errorFrom: 'fit' },
    cells: allCells(count),
    seeds: null,
    detail: `${detail} Models drawn again: ± ${formatNumber(bootstrap.standardError)}.`,
  };
}

/** The exponent of N in m of Chinchilla's models. */
export const chinchillaSize = defineQuantity<Sources>({
  id: 'width-size-exponent',
  label: 'exponent of N in m',
  kind: 'estimate',
  measure: overSizes(({ chinchilla: { fit, models } }) =>
    estimate(fit, `Log-log slope over ${models.length} models, R² = ${formatNumber(fit.r2)}.`),
  ),
});

/** alpha_m = slope alpha_N; errors in quadrature, where the paper's 0.06 is their plain sum. */
export const chinchillaModelExponent = defineQuantity<Sources>({
  id: 'width-size-model-exponent',
  label: 'αₘ from N',
  kind: 'estimate',
  measure: overSizes(({ chinchilla: { fit, sizeExponent, modelExponent } }) => {
    const halfWidth = 1.959963984540054 * modelExponent.uncertainty;
    return {
      kind: 'estimate',
      value: modelExponent.value,
      standardError: modelExponent.uncertainty,
      low: modelExponent.value - halfWidth,
      high: modelExponent.value + halfWidth,
      errorFrom: 'fit',
      cells: allCells(fit.count),
      seeds: null,
      detail: `(${formatWithUncertainty(fit.slope, fit.standardError)}) times αN = ${formatWithUncertainty(sizeExponent.value, sizeExponent.uncertainty)}; errors added in quadrature.`,
    };
  }),
});

/** One exponent for the four families and a constant for each, N being all parameters. */
export const familySize = defineQuantity<Sources>({
  id: 'width-size-families-exponent',
  label: 'exponent of all parameters in m',
  kind: 'estimate',
  measure: overSizes(({ families, models }) =>
    estimate(families.total, `All parameters of ${models.length} models; one slope, a constant for each family.`),
  ),
});

/** The same, N being the parameters less those of embeddings and head. */
export const familySizeLessEmbeddings = defineQuantity<Sources>({
  id: 'width-size-families-exponent-less-embeddings',
  label: 'exponent of parameters less embeddings in m',
  kind: 'estimate',
  measure: overSizes(({ families, models }) =>
    estimate(
      families.lessEmbeddings,
      `Parameters less embeddings and head of ${models.length} models; one slope, a constant for each family.`,
    ),
  ),
});
