/** Figs. 4b, 5b, 6e, 14 and 17: the model exponent over weight decay and data exponent, and what theory says of it. */
import { errorBars, hollow, linearAxis, linearDomain, points, rowsOf, some, theory } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import type { ExponentFit } from '../../toy/artifacts.ts';
import { gammasOf, nearestGammas, sameGamma } from '../figure-data.ts';
import type { FigureData, Sweep } from '../figure-data.ts';
import { gammaMarks } from './colours.ts';
import { apartBy } from './set-apart.ts';

/** A power law's fit, with an exponent of its frequencies. */
export type PowerLawFit = ExponentFit & { readonly alpha: number };

/** An exponent of the authors' own figures. */
export interface PublishedExponent {
  readonly gamma: number;
  readonly alpha: number;
  readonly exponent: number;
}

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

/** Eq. 7's two branches, and that of no superposition. The first is labelled where its label hides fewest points. */
export function rules(fits: readonly PowerLawFit[], published: readonly PublishedExponent[] = []): Fragment[] {
  const marks = [
    ...fits.map(({ alpha, exponent, standardError }) => ({ alpha, exponent, error: standardError })),
    ...published.map(({ alpha, exponent }) => ({ alpha, exponent, error: 0 })),
  ];
  const free = placeOnOne(marks);
  return [
    ...theory(
      [
        { x: 0, y: 1 },
        { x: 2, y: 1 },
      ],
      { ...free, y: 1, text: 'αₘ = 1' },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 2 },
      ],
      { x: 1.3, y: 0.6, text: '2(α − 1)', align: 'right', dx: -6, dy: -2 },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 1 },
      ],
      { x: 1.14, y: 0.14, text: 'α − 1', dx: 6, dy: 3 },
    ),
  ];
}

/** Beside the line at 1: a place whose label, about 0.36 wide and 0.13 high on the axes, meets fewest marks and no other line. */
function placeOnOne(marks: readonly { alpha: number; exponent: number; error: number }[]): { x: number; dy: number } {
  const hidden = (x: number, side: 1 | -1): number =>
    marks.filter(({ alpha, exponent, error }) => {
      const [near, far] = [0.03, 0.16].map((gap) => 1 + side * gap) as [number, number];
      const [low, high] = [exponent - error - 0.05, exponent + error + 0.05];
      return alpha > x - 0.05 && alpha < x + 0.41 && high > Math.min(near, far) && low < Math.max(near, far);
    }).length;
  const places = Array.from({ length: 19 }, (_, i) => i / 20).flatMap((x) =>
    ([-1, 1] as const).map((side) => ({ x, dy: -8 * side, count: hidden(x, side) })),
  );
  const { x, dy } = places.reduce((best, place) => (place.count < best.count ? place : best));
  return { x, dy };
}

/** Set apart a little by gamma. The legend lists the weight decays that are drawn: of `all` points of the figure. */
export function exponentPoints(
  fits: readonly PowerLawFit[],
  y: Fragment,
  opacity = 1,
  all: readonly { readonly gamma: number }[] = fits,
): Fragment[] {
  const gammas = gammasOf(fits);
  const apart = (gamma: number): number => 0.028 * (gammas.indexOf(gamma) - (gammas.length - 1) / 2);
  const rows = exponentRows(fits, ({ alpha, gamma }) => alpha + apart(gamma));
  const { color, shape } = gammaMarks(all);
  return [errorBars(rows, y, { color }, { opacity, strokeWidth: 1.44 }), points(rows, { color, shape }, { opacity })];
}

/** What a caption says of the places of `exponentPoints`, with a space behind it; nothing of one weight decay. */
export const pointsApart = (fits: readonly PowerLawFit[]): string =>
  gammasOf(fits).length > 1 ? `${apartBy('γ', 'α').trimStart()} ` : '';

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

/** The authors' exponents as hollow marks, by their weight decays. `drawn`: all that the figure shows. */
export function publishedExponents(
  rows: readonly PublishedExponent[],
  drawn: readonly { readonly gamma: number }[],
): Fragment[] {
  const marks = rows.map(({ gamma, alpha, exponent }) => ({ gamma, x: alpha, y: exponent }));
  return marks.length ? [hollow(marks, gammaMarks(drawn), { strokeWidth: 1.1 })] : [];
}
