/** Figs. 4b, 5b, 6e, 14 and 17: the model exponent over weight decay and data exponent, and what theory says of it. */
import { errorBars, hollow, linearAxis, linearDomain, points, rowsOf, some, theory } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import type { ExponentFit } from '../../toy/artifacts.ts';
import { gammasOf, nearestGammas, sameGamma } from '../figure-data.ts';
import type { FigureData, Sweep } from '../figure-data.ts';
import { gammaColourOf } from './colours.ts';

/** A power law's fit, with an exponent of its frequencies. */
export type PowerLawFit = ExponentFit & { readonly alpha: number };

export function powerLawFits(data: FigureData, sweep: Sweep): readonly PowerLawFit[] {
  const fits = sweep.exponents.filter((fit): fit is PowerLawFit => fit.alpha !== null);
  return some(fits, `fitted power-law exponents in "${sweep.experiment}"`);
}

export const alphaAxis = linearAxis('Data exponent α', [-0.1, 2.1], { values: [0, 0.5, 1, 1.5, 2], format: '.1f' });

/** The second to fourth smallest weight decays of the paper. */
export function strongFits(
  data: FigureData,
  fits: readonly PowerLawFit[],
): { strong: readonly PowerLawFit[]; remark: string } {
  const { chosen, remark } = nearestGammas(gammasOf(fits), [-7 / 9, -5 / 9, -1 / 3]);
  const strong = fits.filter((fit) => fit.gamma < 0 && chosen.some((gamma) => sameGamma(gamma, fit.gamma)));
  return { strong: some(strong, 'exponents with γ < 0'), remark };
}

/** Eq. 7's two branches, and that of no superposition. The first is labelled at its left end, above or below the points. */
export function rules(fits: readonly PowerLawFit[]): Fragment[] {
  const left = fits.filter((fit) => fit.alpha <= 0.5);
  const above = Math.max(1, ...left.map((fit) => fit.exponent + fit.standardError));
  const below = Math.min(1, ...left.map((fit) => fit.exponent - fit.standardError));
  const free = above - 1 <= 1 - below ? { y: above, dy: -8 } : { y: below, dy: 8 };
  return [
    ...theory(
      [
        { x: 0, y: 1 },
        { x: 2, y: 1 },
      ],
      { x: 0, text: 'αₘ = 1', ...free },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 2 },
      ],
      { x: 1.22, y: 0.44, text: '2(α − 1)', align: 'right', dx: -5 },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 1 },
      ],
      { x: 1.06, y: 0.06, text: 'α − 1', dx: 7, dy: 5 },
    ),
  ];
}

/** The legend lists the weight decays that are drawn: of `all` points of the figure. */
export function exponentPoints(fits: readonly PowerLawFit[], y: Fragment, opacity = 1, all = fits): Fragment[] {
  const gammas = gammasOf(fits);
  // Set apart a little by gamma, so that no point hides another.
  const apart = (gamma: number): number => 0.028 * (gammas.indexOf(gamma) - (gammas.length - 1) / 2);
  const rows = exponentRows(fits, ({ alpha, gamma }) => alpha + apart(gamma));
  const color = gammaColourOf(all);
  return [errorBars(rows, y, { color }, { opacity, strokeWidth: 1.44 }), points(rows, { color }, { opacity })];
}

/** Exponents with a standard error up and down, against `x`. */
export function exponentRows<F extends ExponentFit>(fits: readonly F[], x: (fit: F) => number) {
  const columns = {
    gamma: ({ gamma }: F) => gamma,
    x,
    y: ({ exponent }: F) => exponent,
    low: ({ exponent, standardError }: F) => exponent - standardError,
    high: ({ exponent, standardError }: F) => exponent + standardError,
  };
  return rowsOf(fits, columns, 'gamma', 'x');
}

/** From 0 to `reach` at least, so that the lines of theory are seen whole. */
export function exponentDomain(
  fits: readonly Pick<PowerLawFit, 'exponent' | 'standardError'>[],
  reach: number,
): readonly [number, number] {
  return linearDomain([
    reach,
    ...fits.flatMap(({ exponent, standardError }) => [exponent - standardError, exponent + standardError]),
  ]);
}

/** The authors' exponents as rings in the colours of their weight decays. */
export function publishedExponents(
  rows: readonly { readonly gamma: number; readonly alpha: number; readonly exponent: number }[],
  drawn: readonly { readonly gamma: number }[],
): Fragment[] {
  const marks = rows.map(({ gamma, alpha, exponent }) => ({ gamma, x: alpha, y: exponent }));
  return marks.length ? [hollow(marks, { color: gammaColourOf(drawn) })] : [];
}
