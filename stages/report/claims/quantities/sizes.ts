/** How the size of published language models goes with their width (Fig. 23). */
import type { ValueOf } from 'repro';
import type { SizeFits } from '../../../language/artifacts.ts';
import { formatNumber, formatWithUncertainty } from '../../format.ts';
import type { Estimate } from '../evidence.ts';
import type { Quantity } from './sources.ts';

type Fit = ValueOf<typeof SizeFits>['chinchilla']['fit'];

function estimate({ slope, standardError, low, high, bootstrap }: Fit, detail: string): Estimate {
  return {
    kind: 'estimate',
    value: slope,
    standardError,
    low,
    high,
    detail: `${detail} Models drawn again: ± ${formatNumber(bootstrap.standardError)}.`,
  };
}

/** The exponent of N in m of Chinchilla's models. */
export const chinchillaSize: Quantity = (_, { sizes: { chinchilla } }) =>
  estimate(
    chinchilla.fit,
    `Log-log slope over ${chinchilla.models.length} models, R² = ${formatNumber(chinchilla.fit.r2)}.`,
  );

/** alpha_m = slope alpha_N; errors in quadrature, where the paper's 0.06 is their plain sum. */
export const chinchillaModelExponent: Quantity = (_, { sizes: { chinchilla } }) => {
  const { fit, sizeExponent, modelExponent } = chinchilla;
  const halfWidth = 1.959963984540054 * modelExponent.uncertainty;
  return {
    kind: 'estimate',
    value: modelExponent.value,
    standardError: modelExponent.uncertainty,
    low: modelExponent.value - halfWidth,
    high: modelExponent.value + halfWidth,
    detail: `(${formatWithUncertainty(fit.slope, fit.standardError)}) times αN = ${formatWithUncertainty(sizeExponent.value, sizeExponent.uncertainty)}; errors added in quadrature.`,
  };
};

/** One exponent for the four families and a constant for each, N being all parameters. */
export const familySize: Quantity = (_, { sizes: { families, models } }) =>
  estimate(families.total, `All parameters of ${models.length} models; one slope, a constant for each family.`);

/** The same, N being the parameters less those of embeddings and head. */
export const familySizeLessEmbeddings: Quantity = (_, { sizes: { families, models } }) =>
  estimate(
    families.lessEmbeddings,
    `Parameters less embeddings and head of ${models.length} models; one slope, a constant for each family.`,
  );
