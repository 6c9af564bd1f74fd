/** Figs. 9, 11 and 12: the distribution of row norms in every model, as a grid of small histograms. */
import { distinct, fixed, inline, median, sheet, signed } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { gammasOf, nearestGammas, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData, Measurement } from '../figure-data.ts';
import { strongColour, weakColour } from './palettes.ts';
import { normHistogram } from './row-norms.ts';

/** Of the models at the weight decay nearest to the paper's, with the norm that divides the colours. */
export function ofSmallModels(data: FigureData, divide: number, paperGamma: number): Figure {
  const models = data.measurements;
  const alphas = distinct(models.map(({ summary }) => summary.alpha ?? 0));
  const label = ({ summary }: Measurement): string => `α = ${signed(summary.alpha ?? 0, 3)}`;
  const gammas = gammasOf(models.map(({ summary }) => summary));
  const { remark } = nearestGammas(gammas, [paperGamma]);
  const order = alphas.map((alpha) => `α = ${signed(alpha, 3)}`);
  const middling = models.map(({ summary }) => 100 * summary.middleNormFraction);
  const atOne = models.filter(
    ({ summary }) => summary.normDensityAtOne < Math.min(summary.normDensityBelowOne, summary.normDensityAboveOne),
  );
  const seen =
    divide === 0.5
      ? `The share of rows with norm between 0.25 and 0.75 has median ${fixed(median(middling), 1)}% and is at most ${fixed(Math.max(...middling), 1)}%.`
      : `In ${atOne.length} of ${models.length} ${models.length === 1 ? 'model' : 'models'} the density at norm 1 is below the maxima on both sides.`;
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models.map(({ summary }) => summary))}, γ = ${gammas.map((value) => signed(value, 3)).join(', ')}; ${axesOfGrid}`,
      grid(models, label, order, divide),
    ),
    caption: `Row norms by data exponent (rows) and model dimension (columns); each panel is scaled to its highest bin (heights by square root), and the norm ${divide} divides the colours. ${seen}${remark}`,
  };
}

/** What the axes of each small histogram are. */
export const axesOfGrid = 'across: row norm ‖Wᵢ‖; up: density, by its square root';

export function grid(
  models: readonly Measurement[],
  label: (model: Measurement) => string,
  order: readonly string[],
  divide: number,
): Fragment {
  const highest = Math.max(...models.map(({ summary }) => summary.norm.maximum));
  const width = highest > 4 ? 0.1 : 0.05;
  const widths = widthsOf(models.map(({ summary }) => summary));
  const top = Math.ceil(highest * 4) / 4;
  // Neither the pale grid over the dark frame, nor a label that runs into that of the next panel.
  const axis = {
    tickCount: 3,
    format: '~g',
    labelFontSize: 9.4,
    gridOpacity: { condition: { test: `datum.value > 0 && datum.value < ${top}`, value: 1 }, value: 0 },
    labelExpr: `datum.value > ${0.9 * top} ? '' : datum.label`,
  };
  const rows = models.flatMap((model) => {
    const bins = normHistogram(model.rowNorm, width).filter((bin) => bin.density > 0);
    const tallest = Math.max(...bins.map((bin) => bin.density));
    return bins.map(({ low, high, density }) => ({
      row: label(model),
      column: `m = ${model.summary.m}`,
      x: low,
      x2: high,
      y: density / tallest,
      y2: 0,
      side: low >= divide - width / 2 ? 'above' : 'below',
    }));
  });
  const header = { title: null, labelFontSize: 9.4, labelPadding: 6 };
  return {
    data: inline(rows),
    facet: {
      row: { field: 'row', type: 'nominal', sort: order, header: { ...header, labelAngle: 0, labelAlign: 'left' } },
      column: { field: 'column', type: 'nominal', sort: widths.map((m) => `m = ${m}`), header },
    },
    spacing: { row: 6, column: 10 },
    spec: {
      width: 50,
      height: 22,
      mark: { type: 'rect' },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: null, scale: { domain: [0, top], nice: false }, axis },
        x2: { field: 'x2' },
        y: {
          field: 'y',
          type: 'quantitative',
          title: null,
          scale: { type: 'sqrt', domain: [0, 1.05], nice: false },
          axis: null,
        },
        y2: { field: 'y2' },
        color: {
          field: 'side',
          type: 'nominal',
          scale: { domain: ['above', 'below'], range: [strongColour, weakColour] },
          legend: {
            title: null,
            orient: 'bottom',
            labelExpr: `datum.label === 'above' ? 'norm above ${divide}' : 'norm below ${divide}'`,
          },
        },
      },
    },
  };
}
