/**
 * Our numbers next to the authors', figure by figure: for each of their figures whose points are known, the numbers that
 * a set has as well. At the authors' own n these are the same models; at another n, only numbers that have a meaning
 * without n are compared: exponents, R², slopes, and fractions at equal m/n.
 */
import { ln } from '../../../numerics/elementary.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { publishedSweeps } from '../claims/published-sources.ts';
import { densitySeries } from './density.ts';
import {
  closestDistance,
  exponents,
  largeLoss,
  lossOf,
  map,
  models,
  r2,
  raster,
  read,
  represented,
  seedsOf,
  strongRatio,
  vector,
} from './pairs.ts';
import type { Sweep } from './pairs.ts';
import type { Series } from './series.ts';

/** One for each figure whose points are known, in the order of the paper; without points where a set has none. */
export function compareWithPublished(
  sweeps: readonly FittedSweepContent[],
  published: PublishedPointsContent,
): Series[] {
  const find = (name: string): Sweep => sweeps.find(({ experiment }) => experiment === name);
  const { series } = published;
  const [small, large, density] = [find('small'), find('large'), find('density')];
  const theirs = publishedSweeps(published);
  const [theirSmall, theirDensity, theirLarge] = theirs as [FittedSweepContent, FittedSweepContent, FittedSweepContent];
  const of = { small: isOf(small, publishedFeatures.small), large: isOf(large, publishedFeatures.large) };
  const ofDensity = isOf(density, publishedFeatures.small);
  const fromSmall = { logarithmic: false, sameScale: of.small };
  const fits = { ...fromSmall, quantity: 'exponent' } as const;
  const { exponents: map4b, strongExponents: line6e, exponentsClosestToNoSuperposition: line5b } = series;
  const strong = series.stronglyRepresentedFractions.rows;
  return [
    ...(['weak', 'strong'] as const).map((regime) => largeSeries(regime, large, theirLarge, of.large)),
    {
      ...{ figure: '3a', what: 'φ½', quantity: 'representedFraction', ...fromSmall },
      points: read(represented(small, series, of.small), vector),
      ofTheirs: series.representedFractions.rows.length,
    },
    {
      ...{ figure: '4a', what: 'R² of log L over log m', logarithmic: false, sameScale: of.large },
      points: read(r2(large, series), raster),
      ofTheirs: series.largeFits.rows.length,
    },
    {
      ...{ figure: '4b', what: 'αₘ', ...fits, ofTheirs: map4b.rows.length },
      points: read(
        exponents(
          small,
          map4b.rows.filter(({ bound }) => !bound),
        ),
        map,
      ),
    },
    of.small
      ? {
          ...{ figure: '5b', what: 'αₘ where theirs come closest to no superposition', ...fits },
          points: read(exponents(small, line5b.rows), vector),
          ofTheirs: line5b.rows.length,
        }
      : {
          ...{ figure: '5b', what: 'mean |αₘ − (α − 1)| closest to no superposition', ...fromSmall },
          points: read(closestDistance(small, series), vector),
          ofTheirs: 1,
        },
    of.small
      ? {
          ...{ figure: '6c', what: 'φ₁', quantity: 'stronglyRepresentedFraction', ...fromSmall },
          points: read(
            models(small, theirSmall, (model) => model.stronglyRepresentedFraction),
            vector,
          ),
          ofTheirs: strong.length,
        }
      : {
          ...{ figure: '6c', what: 'median of φ₁ over min(1, m²/2n)', ...fromSmall },
          points: read(strongRatio(small, theirSmall), vector),
          ofTheirs: 1,
        },
    {
      ...{ figure: '6e', what: 'αₘ, strong superposition', ...fits, ofTheirs: line6e.rows.length },
      points: read(exponents(small, line6e.rows), vector),
    },
    ...densitySeries(small, density, series, theirDensity, ofDensity),
  ];
}

/** Whether an experiment is of that n, as far as it is finished or planned. */
const isOf = (sweep: Sweep, n: number): boolean =>
  [...(sweep?.models ?? []), ...(sweep?.missing ?? [])].some((model) => model.n === n);
/** Figs. 1b and 1d: losses, or the exponents of the lines through them. */
function largeSeries(regime: 'weak' | 'strong', ours: Sweep, theirs: FittedSweepContent, sameScale: boolean): Series {
  const isMeant = ({ gamma }: { readonly gamma: number }): boolean => gamma < 0 === (regime === 'strong');
  const figure = regime === 'weak' ? '1b' : '1d';
  if (sameScale) {
    const shown = theirs.models.filter(isMeant);
    return {
      ...{ figure, what: 'loss', quantity: 'loss', logarithmic: true, sameScale, ofTheirs: shown.length },
      points: read(models(ours, { models: shown }, lossOf, ln), largeLoss),
    };
  }
  const lines = theirs.exponents.filter(isMeant);
  const points = (ours?.exponents ?? []).filter(isMeant).flatMap((fit) => {
    const other = lines.find((found) => found.frequencies === fit.frequencies);
    return other ? [{ place: fit.frequencies, ours: seedsOf(fit), theirs: other.exponent }] : [];
  });
  return {
    ...{ figure, what: 'αₘ of the lines', logarithmic: false, sameScale, ofTheirs: lines.length },
    points: read(points, vector),
  };
}
