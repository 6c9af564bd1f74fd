/** Fig. 8b: loss of language models against model dimension. */
import { some, fixed, logAxis, logDomain, plot, points, sheet, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { notMeasured } from '../parts/published.ts';
import { datasetName, datasetShape, familyColour } from '../parts/families.ts';
import { describe, lineThrough, lossLaw, widthParts } from '../parts/language-losses.ts';
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
  const rows = some(
    data.published('languageLosses').filter(({ widthPart }) => widthPart > 0),
    'published losses',
  ).map(({ m, widthPart, family, dataset }) => ({ x: m, y: widthPart, family, dataset: datasetName(dataset) }));
  const widths = rows.map(({ x }) => x);
  const { line: ends, slope, standardError } = lineThrough(rows);
  const domain = logDomain(
    rows.map((row) => row.y),
    1.3,
  );
  const encoding = {
    color: familyColour(
      rows.map(({ family }) => family),
      true,
    ),
    shape: datasetShape(data.published('languageLosses').map(({ dataset }) => dataset)),
  };
  const models = new Set(data.published('languageLosses').map(({ model }) => model)).size;
  return {
    specification: sheet(
      data.title,
      `${notMeasured}${models} models`,
      plot(widthTicks(widths), logAxis('Loss, the part that depends on m', domain), [
        ...theory(ends, { ...ends[0]!, text: `slope ${fixed(slope)}`, dx: 10, dy: -5 }),
        points(rows, encoding, { size: 25, opacity: 0.75 }),
      ]),
    ),
    caption: `L less its constant, as the authors' figure shows it for ${models} language models: published points, not measured again. Dashed: the line of least squares through them, of slope ${fixed(slope)} ± ${fixed(standardError)}.`,
  };
}

function measured(data: FigureData): Figure {
  const losses = data.languageEvidence('losses');
  const { law, bootstrap, leaveOneOut } = losses;
  const parts = widthParts(losses);
  const shown = parts.filter(({ y }) => y > 0);
  const widths = parts.map(({ x }) => x);
  const line = lossLaw(losses, widths);
  const y = logAxis(
    'Loss, the part that depends on m',
    logDomain([...shown.map((row) => row.y), ...line.map((point) => point.y)], 1.3),
  );
  const encoding = {
    color: familyColour(
      parts.map(({ family }) => family),
      true,
    ),
    shape: datasetShape(losses.points.map(({ dataset }) => dataset)),
  };
  const layers = [
    ...theory(line, { ...line[0]!, text: `slope ${fixed(-law.exponent)}`, dx: 10, dy: -5 }),
    points(shown, encoding, { size: 25, opacity: 0.75 }),
  ];
  const without = leaveOneOut.map(({ exponent }) => exponent);
  const left = parts.length - shown.length;
  return {
    specification: sheet(data.title, describe(losses), plot(widthTicks(widths), y, layers)),
    caption:
      `L less the constant of each family and data set, after the fit of L = C/mᵃ + L₀ to all losses at once: a = ${fixed(law.exponent)} ± ${fixed(law.standardError)} by least squares, ` +
      `± ${fixed(bootstrap.standardError)} when the models are drawn again${without.length ? `, ${fixed(Math.min(...without))} to ${fixed(Math.max(...without))} without one of them` : ''}; C = ${law.coefficient.toPrecision(3)}. Dashed: the fit.` +
      (left ? ` ${left} ${left === 1 ? 'loss lies' : 'losses lie'} below its constant and cannot be drawn.` : ''),
  };
}
