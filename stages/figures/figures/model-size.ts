/** Fig. 23: the number of parameters against width. */
import { exp, ln } from '../../../numerics/elementary.ts';
import { logAxis, logDomain } from '../axes.ts';
import { familyColour, familyOrder } from '../families.ts';
import { fixed, mean } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { lines, plot, points, sheet, theory } from '../marks.ts';
import { widthTicks } from '../width-ticks.ts';

export function figure23a(data: FigureData): Figure {
  const { models, families } = data.languageEvidence('sizes');
  const names = models.map(({ family }) => family);
  const sizes = models.flatMap(({ parameters, parametersLessEmbeddings }) => [parameters, parametersLessEmbeddings]);
  const panels = (
    [
      ['All parameters', 'parameters', families.total],
      ['Less embeddings and head', 'parametersLessEmbeddings', families.lessEmbeddings],
    ] as const
  ).map(([title, field, { slope }]) => {
    const color = { color: familyColour(names, true) };
    const rows = models.map((model) => ({ x: model.m, y: model[field], family: model.family }));
    const fits = familyOrder(names).flatMap((family) => {
      const own = rows.filter((row) => row.family === family);
      const level = mean(own.map(({ x, y }) => ln(y) - slope * ln(x)));
      const widths = own.map(({ x }) => x);
      return [Math.min(...widths), Math.max(...widths)].map((x) => ({ x, y: exp(level + slope * ln(x)), family }));
    });
    const heading = {
      text: `${title}: exponent ${fixed(slope)}`,
      fontSize: 12,
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
        [lines(fits, color, { strokeDash: [6, 4] }), points(rows, color)],
        { width: 260, height: 230 },
      ),
    };
  });
  const told = ({ slope, standardError, bootstrap }: typeof families.total): string =>
    `${fixed(slope)} ± ${fixed(standardError)} (± ${fixed(bootstrap.standardError)} when models are drawn again)`;
  return {
    specification: sheet(
      data.title,
      `${models.length} models of four families`.replace('four', String(familyOrder(names).length)),
      { concat: panels, columns: 2, spacing: 24 },
    ),
    caption: `Size against the width of the layers, with one exponent and a constant for each family (dashed): ${told(families.total)} for all parameters, ${told(families.lessEmbeddings)} without embeddings and head.`,
  };
}

export function figure23b(data: FigureData): Figure {
  const { fit, models, sizeExponent, modelExponent } = data.languageEvidence('sizes').chinchilla;
  const rows = models.map(({ m, parameters }) => ({ x: m, y: parameters }));
  const widths = models.map(({ m }) => m);
  const line = [Math.min(...widths), Math.max(...widths)].map((x) => ({
    x,
    y: exp(fit.intercept + fit.slope * ln(x)),
  }));
  const layers = [
    ...theory(line, {
      x: Math.sqrt(line[0]!.x * line[1]!.x),
      y: Math.sqrt(line[0]!.y * line[1]!.y),
      text: `exponent ${fixed(fit.slope)}`,
      dx: 20,
      dy: 22,
    }),
    points(rows, {}, { color: '#4575b4', size: 60 }),
  ];
  return {
    specification: sheet(
      data.title,
      `${models.length} models of Hoffmann et al. 2022, Table A9`,
      plot(
        widthTicks(widths),
        logAxis(
          'Number of parameters N',
          logDomain(
            rows.map(({ y }) => y),
            1.5,
          ),
        ),
        layers,
      ),
    ),
    caption:
      `Size against width of the Chinchilla models; dashed: N ∝ m^${fixed(fit.slope, 3)}, ± ${fixed(fit.standardError, 3)}. ` +
      `With L ∝ N^−(${fixed(sizeExponent.value)} ± ${fixed(sizeExponent.uncertainty)}) the exponent in m is ${fixed(modelExponent.value)} ± ${fixed(modelExponent.uncertainty)}, errors added in quadrature.`,
  };
}
