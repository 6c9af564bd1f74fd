/** Fig. 6d: mean square overlap of strongly represented features. */
import { logAxis, plot, sheet, errorBars, median, points } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { captionOfStrong, frameTheory, overlapDomain, rightMargin, strongOverlaps } from '../parts/overlaps.ts';
import type { Measured } from '../parts/overlaps.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '6d',
  title: 'Mean square overlap of strongly represented features',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'small');
  const models = measured.map(({ model }) => model);
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  const layers = [...frameTheory(models), ...ranges(measured)];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, every γ < 0`,
      plot(widthAxis(widthsOf(models), rightMargin(widthsOf(models))), y, layers),
    ),
    caption:
      captionOfStrong(measured) +
      ` Bars: from the smallest to the largest of the models with ${groupsOf(measured)
        .map(({ name }) => name)
        .join(' and of those with ')}; marks: their medians.` +
      (groupsOf(measured).length > 1 ? ' About each m the two are set apart a little.' : '') +
      remark,
  };
}

const groups = [
  { name: 'α ≤ 1', holds: (alpha: number) => alpha <= 1, shape: 'circle', colour: '#0072b2', shift: 0.975 },
  { name: 'α > 1', holds: (alpha: number) => alpha > 1, shape: 'square', colour: '#d55e00', shift: 1.025 },
] as const;

/** The groups that have a model. */
const groupsOf = (measured: readonly Measured[]) =>
  groups.filter(({ holds }) => measured.some(({ model }) => holds(model.alpha ?? 0)));

/** At each m, the range of the models of each group and their median. */
function ranges(measured: readonly Measured[]): Fragment[] {
  const present = groupsOf(measured);
  const rows = present.flatMap(({ name, holds, shift }) =>
    widthsOf(measured.map(({ model }) => model)).flatMap((m) => {
      const values = measured
        .filter(({ model }) => model.m === m && holds(model.alpha ?? 0))
        .map(({ overlap }) => overlap.meanSquare);
      return values.length
        ? [{ group: name, x: m * shift, y: median(values), low: Math.min(...values), high: Math.max(...values) }]
        : [];
    }),
  );
  const domain = present.map(({ name }) => name);
  const legend = { title: null, orient: 'bottom', symbolOpacity: 1, symbolSize: 36 };
  const color = {
    field: 'group',
    type: 'nominal',
    scale: { domain, range: present.map((group) => group.colour) },
    legend,
  };
  const shape = {
    field: 'group',
    type: 'nominal',
    scale: { domain, range: present.map((group) => group.shape) },
    legend,
  };
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  return [errorBars(rows, y, { color }, { strokeWidth: 1.6 }), points(rows, { color, shape })];
}
