/** Fig. 8b: loss of language models against model dimension. */
import { some, fixed, logAxis, logDomain, panelTitle, plot, points, sheet, theory } from 'repro/figures';
import type { Figure, Fragment, Point } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { notMeasured } from '../parts/published.ts';
import { datasetName, datasetOrder, familyMarks } from '../parts/families.ts';
import { besideTheLaw, describe, lineThrough, lossLaw, widthParts } from '../parts/language-losses.ts';
import { widthTicks } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '8b',
  title: 'Loss of language models against model dimension',
  section: 'Language models',
  needs: { language: 'losses', published: true, publishedInstead: true },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  return data.language.losses ? measured(data) : ofThePaper(data);
}

/** The authors' own points, with a line of least squares through them. */
function ofThePaper(data: FigureData): Figure {
  const published = data.published('languageLosses');
  const rows = some(
    published.filter(({ widthPart }) => widthPart > 0),
    'published losses',
  ).map(({ m, widthPart, family, dataset }) => ({ x: m, y: widthPart, family, dataset }));
  const { line: ends, slope, standardError } = lineThrough(rows);
  const domain = logDomain(
    rows.map((row) => row.y),
    1.3,
  );
  const models = new Set(published.map(({ model }) => model)).size;
  return {
    specification: sheet(
      data.title,
      `${notMeasured}${models} models`,
      panels(rows, ends, `slope ${fixed(slope)}`, domain),
    ),
    caption: `L less its constant, as the authors' figure shows it for ${models} language models: published points, not measured again. Dashed, the same in each panel: the line of least squares through all of them, of slope ${fixed(slope)} ± ${fixed(standardError)}. ${besideTheLaw(published)}`,
  };
}

/** A panel for each data set, so that families can differ in shape as well as in colour; the line is the same in all. */
function panels(
  rows: readonly { readonly x: number; readonly y: number; readonly family: string; readonly dataset: string }[],
  line: readonly Point[],
  slope: string,
  domain: readonly [number, number],
): Fragment {
  const marks = familyMarks(rows.map(({ family }) => family));
  const names = datasetOrder(rows.map(({ dataset }) => dataset));
  const ticks = widthTicks(rows.map(({ x }) => x));
  const middle = (value: (end: Point) => number): number => Math.sqrt(value(line[0]!) * value(line[1]!));
  const label = {
    x: middle(({ x }) => x),
    y: middle(({ y }) => y),
    text: slope,
    align: 'right' as const,
    dx: -10,
    dy: 10,
  };
  return {
    concat: names.map((name) => ({
      title: panelTitle(datasetName(name)),
      ...plot(
        ticks,
        logAxis('Loss, the part from m', domain),
        [
          ...theory(line, label),
          points(
            rows.filter(({ dataset }) => dataset === name),
            marks,
            { size: 21 },
          ),
        ],
        { width: 143, height: 112 },
      ),
    })),
    columns: 2,
    spacing: 14,
  };
}

function measured(data: FigureData): Figure {
  const losses = data.languageEvidence('losses');
  const { law, bootstrap, leaveOneOut } = losses;
  const parts = widthParts(losses);
  const shown = parts.filter(({ y }) => y > 0);
  const widths = parts.map(({ x }) => x);
  const line = lossLaw(losses, widths);
  const domain = logDomain([...shown.map((row) => row.y), ...line.map((point) => point.y)], 1.3);
  const without = leaveOneOut.map(({ exponent }) => exponent);
  const left = parts.length - shown.length;
  return {
    specification: sheet(data.title, describe(losses), panels(shown, line, `slope ${fixed(-law.exponent)}`, domain)),
    caption:
      `L less the constant of each family and data set, after the fit of L = C/mᵃ + L₀ to all losses at once: a = ${fixed(law.exponent)} ± ${fixed(law.standardError)} by least squares, ` +
      `± ${fixed(bootstrap.standardError)} when the models are drawn again${without.length ? `, ${fixed(Math.min(...without))} to ${fixed(Math.max(...without))} without one of them` : ''}; C = ${law.coefficient.toPrecision(3)}. Dashed, the same in each panel: the fit.` +
      (left ? ` ${left} ${left === 1 ? 'loss lies' : 'losses lie'} below its constant and cannot be drawn.` : ''),
  };
}
