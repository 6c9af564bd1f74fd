/** Fig. 23a: size of language models against model dimension. */
import { fixed, lines, logAxis, logDomain, mean, plot, points, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { familyMarks, familyOrder } from '../parts/families.ts';
import { widthTicks } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '23a',
  title: 'Size of language models against model dimension',
  section: 'Language models',
  needs: { language: 'sizes' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { models, families } = data.languageEvidence('sizes');
  const names = models.map(({ family }) => family);
  const sizes = models.flatMap(({ parameters, parametersLessEmbeddings }) => [parameters, parametersLessEmbeddings]);
  const panels = (
    [
      ['All parameters', 'parameters', families.total],
      ['Less embeddings and head', 'parametersLessEmbeddings', families.lessEmbeddings],
    ] as const
  ).map(([title, field, { slope }]) => {
    const { color, shape } = familyMarks(names);
    const rows = models.map((model) => ({ x: model.m, y: model[field], family: model.family }));
    const fits = familyOrder(names).flatMap((family) => {
      const own = rows.filter((row) => row.family === family);
      const level = mean(own.map(({ x, y }) => ln(y) - slope * ln(x)));
      const widths = own.map(({ x }) => x);
      return [Math.min(...widths), Math.max(...widths)].map((x) => ({ x, y: exp(level + slope * ln(x)), family }));
    });
    const heading = {
      text: `${title}: exponent ${fixed(slope)}`,
      fontSize: 9.4,
      fontWeight: 'normal',
      anchor: 'middle',
      offset: 6,
      frame: 'group',
    };
    return {
      title: heading,
      ...plot(
        widthTicks(models.map(({ m }) => m)),
        logAxis('Number of parameters N', logDomain(sizes, 1.5)),
        [lines(fits, { color }, { strokeDash: [6, 4] }), points(rows, { color, shape })],
        { width: 161, height: 143 },
      ),
    };
  });
  const told = ({ slope, standardError, bootstrap }: typeof families.total): string =>
    `${fixed(slope)} ± ${fixed(standardError)} (± ${fixed(bootstrap.standardError)} when models are drawn again)`;
  return {
    specification: sheet(
      data.title,
      `${models.length} models of four families`.replace('four', String(familyOrder(names).length)),
      { concat: panels, columns: 2, spacing: 14 },
    ),
    caption: `Size against the width of the layers, with one exponent and a constant for each family (dashed): ${told(families.total)} for all parameters, ${told(families.lessEmbeddings)} without embeddings and head.`,
  };
}
