/** The exponents over data exponent and weight decay: a table that can be read without scripts, and a grid with them. */
import { formatNumber, formatWithUncertainty } from 'repro/claims';
import { dataBlock, html } from 'repro/page';
import type { Html, PageSection } from 'repro/page';
import type { ExponentFit, FittedSweepContent } from '../../toy/artifacts.ts';
import { curveKey } from '../../toy/cell-keys.ts';
import { distinct } from '../claims/quantities/sources.ts';

type PowerLawFit = ExponentFit & { readonly alpha: number };

/** A map for each experiment whose fits span at least two α and two γ, with one fit for each of them. */
export function exponentMaps(sweeps: readonly FittedSweepContent[]): { sections: PageSection[]; data: Html[] } {
  const maps = sweeps.flatMap((sweep) => {
    const fits = sweep.exponents.filter(
      (fit): fit is PowerLawFit => fit.alpha !== null && fit.projection === 'none' && fit.density === 1,
    );
    const alphas = distinct(fits.map(({ alpha }) => alpha)).reverse();
    const gammas = distinct(fits.map(({ gamma }) => gamma));
    // Curves that differ in more than α and γ, as in their initial biases, have no cell of their own.
    const places = new Set(fits.map(({ alpha, gamma }) => `${alpha} ${gamma}`)).size;
    return alphas.length > 1 && gammas.length > 1 && places === fits.length ? [{ sweep, fits, alphas, gammas }] : [];
  });
  return {
    sections: maps.map((map) => section(map, maps.length > 1)),
    data: maps.map(({ sweep, fits }) => dataBlock(`map-${sweep.experiment}-data`, mapData(sweep, fits))),
  };
}

interface ExponentMap {
  readonly sweep: FittedSweepContent;
  readonly fits: readonly PowerLawFit[];
  readonly alphas: readonly number[];
  readonly gammas: readonly number[];
}

function section({ sweep: { experiment }, fits, alphas, gammas }: ExponentMap, several: boolean): PageSection {
  const id = `map-${experiment}`;
  const widths = distinct(fits.flatMap(({ m }) => m));
  return {
    id,
    title: `The sweep “${experiment}”: exponents over α and γ`,
    short: several ? `Map of ${experiment}` : 'Map of the exponents',
    body: html`<p>
        Each cell is the exponent αₘ in L ∝ m<sup>−αₘ</sup>, fitted over models of m = ${widths.join(', ')}. White is 1,
        which is the paper’s claim for γ &lt; 0; orange is less, purple more, as in Fig. 4b. ${regimesOf(gammas)}
        <span class="map-hint" hidden
          >Choose a cell with a pointer or the arrow keys to see its models, their nodes and the command that computes
          them.</span
        >
      </p>
      <div class="map" data-map="${id}" data-experiment="${experiment}">
        <div class="wide" tabindex="0" role="region" aria-label="Map of ${experiment}">
          <table class="exponents" aria-label="Exponents αₘ of ${experiment} by α and γ">
            <thead>
              <tr>
                <th scope="col">α \\ γ</th>
                ${gammas.map((gamma) => html`<th scope="col">${short(gamma)}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${alphas.map(
                (alpha) =>
                  html`<tr>
                    <th scope="row">${short(alpha)}</th>
                    ${gammas.map((gamma) =>
                      cell(
                        fits,
                        fits.findIndex((fit) => fit.alpha === alpha && fit.gamma === gamma),
                      ),
                    )}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
        <div class="map-detail screen" aria-live="polite"></div>
      </div>
      <p class="note">
        All of it: <a href="exponents.csv">exponents.csv</a>, <a href="models.csv">models.csv</a>,
        <a href="fit-points.csv">fit-points.csv</a>.
      </p>`,
  };
}

/** Which columns are of strong superposition. */
function regimesOf(gammas: readonly number[]): string {
  if (gammas.every((gamma) => gamma < 0)) return 'All of it is strong superposition, γ < 0.';
  return gammas.some((gamma) => gamma < 0)
    ? 'The columns with γ < 0, on the left, are of strong superposition.'
    : 'All of it is weak superposition, γ > 0.';
}

function cell(fits: readonly PowerLawFit[], index: number): Html {
  const fit = fits[index];
  if (!fit) return html`<td>–</td>`;
  const { exponent, standardError, alpha, gamma } = fit;
  const label = `α = ${short(alpha)}, γ = ${short(gamma)}: αₘ = ${formatWithUncertainty(exponent, standardError)}`;
  return html`<td data-fit="${index}" title="${label}" style="background:${colourOf(exponent)}">
    ${exponent.toFixed(2).replace('-', '−')}
  </td>`;
}

/** As in Fig. 4b: white at 1, purple at 2 and beyond, orange at 0 and below. Pale enough for black digits on all of it. */
function colourOf(exponent: number): string {
  const share = Math.min(1, Math.abs(exponent - 1));
  const [r, g, b] = exponent > 1 ? [180, 155, 225] : [240, 150, 60];
  const mixed = (end: number): number => Math.round(255 + (end - 255) * share);
  return `rgb(${mixed(r)},${mixed(g)},${mixed(b)})`;
}

/** What scripts need of each fit and its models; numbers to six digits. */
function mapData({ models }: FittedSweepContent, fits: readonly PowerLawFit[]) {
  return fits.map((fit) => ({
    alpha: fit.alpha,
    gamma: fit.gamma,
    exponent: formatWithUncertainty(fit.exponent, fit.standardError),
    interval: `${formatNumber(fit.low)} to ${formatNumber(fit.high)}`,
    errorFrom: fit.errorFrom,
    r2: six(fit.r2),
    slope: six(fit.exponent),
    intercept: six(fit.intercept),
    fitted: fit.m,
    models: models
      .filter((model) => curveKey(model) === curveKey(fit))
      .map((model) => ({
        m: model.m,
        seed: model.replicate,
        loss: six(model.loss),
        represented: six(model.representedFraction),
        strong: six(model.stronglyRepresentedFraction),
        norm: [model.norm.minimum, model.norm.mean, model.norm.maximum].map(six),
        node: model.measurement?.slice(0, 12) ?? '',
      })),
  }));
}

const six = (value: number): number => Number(value.toPrecision(6));

/** Two decimals at most, with a true minus sign. */
function short(value: number): string {
  return String(Number(value.toFixed(2))).replace('-', '−');
}
