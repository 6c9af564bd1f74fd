/** Figs. 7a and 7b: what the activation density E does to the loss. */
import { exp, ln } from '../../../numerics/elementary.ts';
import { fitLine } from '../../../numerics/statistics/regression.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import { gammaText, grid, lossOf, modelKey, models, read, vector } from './pairs.ts';
import type { Pair, Published, Sweep } from './pairs.ts';
import type { Series } from './series.ts';

/**
 * Figs. 7a and 7b: losses, those of E = 1 from the small sweep; at another n, how the loss and the exponent go with E.
 */
export function densitySeries(
  small: Sweep,
  density: Sweep,
  { lossesByDensity, lossesByWidthAndDensity }: Published,
  theirs: FittedSweepContent,
  sameScale: boolean,
): Series[] {
  if (sameScale) {
    // At E = 1 both experiments have the same models.
    const all = [...(small?.models ?? []), ...(density?.models ?? [])];
    const once = groupBy(all, (model) => `${modelKey(model)} ${model.replicate}`);
    const both = { models: [...once.values()].map(([model]) => model!) } as FittedSweepContent;
    const points = (rows: readonly { gamma: number; density: number; m: number; loss: number }[]): Pair[] => {
      const shown = rows.map((row) => ({ ...theirs.models[0]!, ...row, density: Number(row.density.toFixed(6)) }));
      return models(both, { models: shown }, lossOf, ln);
    };
    const loss = { what: 'loss', quantity: 'loss', logarithmic: true, sameScale } as const;
    const [byDensity, byWidth] = [lossesByDensity.rows, lossesByWidthAndDensity.rows];
    return [
      {
        ...{ figure: '7a', ...loss, ofTheirs: byDensity.length },
        points: read(points(byDensity), (theirs) => vector / exp(theirs)),
      },
      { figure: '7b', ...loss, ofTheirs: byWidth.length, points: read(points(byWidth), vector) },
    ];
  }
  const slopes = { logarithmic: false, sameScale };
  // Fig. 7a is of one width, m/n = 0.063.
  const width = ({ m, n }: ModelSummary): boolean => Math.abs(m / n - 0.063) < 0.001;
  const lossSlopes = ({ models: all }: FittedSweepContent): Map<string, number> =>
    slopesOn(
      all.filter(width),
      ({ density: x }) => ln(x),
      ({ loss }) => ln(loss),
    );
  const exponentSlopes = ({ exponents: fits }: FittedSweepContent): Map<string, number> =>
    slopesOn(
      fits,
      ({ density: x }) => x,
      ({ exponent }) => exponent,
    );
  const compared = (what: (sweep: FittedSweepContent) => Map<string, number>, isShown: (gamma: string) => boolean) => {
    const shown = [...what(theirs)].filter(([gamma]) => isShown(gamma));
    const mine = density && what(density);
    const pairs = shown.flatMap(([gamma, slope]) => {
      const own = mine?.get(gamma);
      return own === undefined ? [] : [{ place: gammaText(Number(gamma)), ours: [own], theirs: slope }];
    });
    return { points: read(pairs, vector), ofTheirs: shown.length };
  };
  const ofExponents = grid(lossesByWidthAndDensity.rows[0]!.gamma);
  return [
    { figure: '7a', what: 'slope of ln L on ln E', ...slopes, ...compared(lossSlopes, () => true) },
    {
      ...{ figure: '7b', what: 'change of αₘ per unit of E', ...slopes },
      ...compared(exponentSlopes, (gamma) => gamma === ofExponents),
    },
  ];
}

/** Least-squares slopes, by γ, of what has three or more x. */
function slopesOn<T extends { readonly gamma: number }>(
  all: readonly T[],
  x: (one: T) => number,
  y: (one: T) => number,
): Map<string, number> {
  const groups = [...groupBy(all, ({ gamma }) => grid(gamma))];
  return new Map(
    groups
      .filter(([, group]) => distinct(group.map(x)).length >= 3)
      .map(([gamma, group]) => [String(gamma), fitLine(group.map(x), group.map(y)).slope]),
  );
}
