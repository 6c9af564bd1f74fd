/** Fig. 8a: mean square overlap of language-model heads. */
import {
  fixed,
  ink,
  labels,
  lines,
  logAxis,
  logDomain,
  mean,
  plot,
  points,
  sheet,
  span,
  theory,
  hollow,
  some,
} from 'repro/figures';
import type { Figure } from 'repro/figures';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import { exp, ln } from '../../../numerics/elementary.ts';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { notMeasured, publishedNote } from '../parts/published.ts';
import { familyMarks } from '../parts/families.ts';

export const figure = defineFigure({
  id: '8a',
  title: 'Mean square overlap of language-model heads',
  section: 'Language models',
  needs: { language: 'heads', published: true, publishedInstead: true },
  draw,
});
export const run = runFigure(figure);

/** The line of the log of the mean square overlap on that of m, as `fit-heads` has it. */
function lineOf(rows: readonly { readonly m: number; readonly meanSquare: number }[]) {
  return fitPowerLaw(
    some(rows, 'heads').map(({ m }) => m),
    rows.map(({ meanSquare }) => meanSquare),
  );
}

function draw(data: FigureData): Figure {
  const own = data.language.heads;
  const published = data.published('languageOverlaps');
  const heads = own?.heads ?? published;
  const overlap = own ? own.overlap : lineOf(published);
  const rows = heads.map(({ m, meanSquare, family, model }) => ({ x: 1 / m, y: meanSquare, family, model }));
  const inverse = [...heads, ...published].map(({ m }) => 1 / m);
  const [low, high] = [Math.min(...inverse) / 1.15, Math.max(...inverse) * 1.15];
  const at = (share: number): number => exp(ln(low) + share * (ln(high) - ln(low)));
  // Through the middle of the points, with the slope that random directions have.
  const middle = exp(mean(rows.map(({ x, y }) => ln(y) - ln(x))));
  const guide = theory(
    [low, high].map((x) => ({ x, y: middle * x })),
    { x: at(0.775), y: middle * at(0.775), text: 'slope 1', align: 'right', dx: -6, dy: -7 },
  );
  const random = lines(
    [low, high].map((x) => ({ x, y: x })),
    {},
    { color: '#888888', strokeDash: [2, 3] },
  );
  const fitted = overlap
    ? [
        lines(
          // x is 1/m.
          [low, high].map((x) => ({ x, y: exp(overlap.intercept - overlap.slope * ln(x)) })),
          {},
          { color: ink, strokeWidth: 0.86, opacity: 0.6 },
        ),
      ]
    : [];
  const y = logAxis(
    'Mean square overlap',
    logDomain([...[...heads, ...published].map(({ meanSquare }) => meanSquare), low, high], 1.4),
  );
  const layers = [
    random,
    ...labels([{ x: at(0.35), y: at(0.35), text: 'random directions, 1/m', dx: 7, dy: 8, colour: '#666666' }]),
    ...fitted,
    ...guide,
    ...(own && published.length ? [hollow(published.map((row) => ({ x: 1 / row.m, y: row.meanSquare })))] : []),
    points(rows, familyMarks(rows.map(({ family }) => family))),
  ];
  const scaled = heads.map(({ m, meanSquare }) => m * meanSquare);
  const around = (own?.heads ?? []).flatMap(({ m, centredMeanSquare }) =>
    centredMeanSquare === null ? [] : [m * centredMeanSquare],
  );
  const centred = around.length
    ? ` With the mean row taken away from all rows of a head it runs from ${fixed(Math.min(...around), 1)} to ${fixed(Math.max(...around), 1)}.`
    : '';
  const slope = overlap
    ? `Log-log slope on 1/m of all ${overlap.count}: ${fixed(-overlap.slope)} ± ${fixed(overlap.standardError)} (solid). `
    : '';
  return {
    specification: sheet(
      data.title,
      `${own ? '' : notMeasured}${heads.length} heads, m = ${span(
        heads.map(({ m }) => m),
        0,
      )}`,
      plot(logAxis('Inverse model dimension 1/m', [low, high]), y, layers),
    ),
    caption: `Mean of (Wᵢ·Wⱼ)²/(‖Wᵢ‖²‖Wⱼ‖²) over all pairs of rows of each head, ${own ? 'exact by its Gram matrix' : 'as the authors’ figure shows it: published points, not measured again'}. ${slope}The overlap times m, which is 1 for random directions (dotted), runs from ${fixed(Math.min(...scaled), 1)} to ${fixed(Math.max(...scaled), 1)}.${centred} Dashed: slope 1.${own && published.length ? publishedNote('the same models') : ''}`,
  };
}
