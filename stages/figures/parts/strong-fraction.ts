/** Figs. 6c, 10a and 10c: how many features are represented, and how many strongly, against model dimension. */
import {
  fixed,
  lines,
  logAxis,
  logDomain,
  median,
  mediansBy,
  plot,
  points,
  rowsOf,
  sheet,
  some,
  theory,
} from 'repro/figures';
import type { Point } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { frequencyMarks } from './colours.ts';
import { frequencyNames } from './palettes.ts';
import { regimeOf, regimeRim } from './regimes.ts';
import { geometricSpace } from './row-norms.ts';
import { setApartByFrequencies } from './set-apart.ts';
import { widthAxis } from './width-ticks.ts';

/** An equiangular tight frame holds at most about m^2/2 vectors (Sec. 3). */
const frameBound = (m: number, n: number): number => Math.min(1, (m * m) / (2 * n));

export function ofLarge(
  data: FigureData,
  models: readonly ModelSummary[],
  title: string,
  value: (model: ModelSummary) => number,
  theoryLayers: Parameters<typeof plot>[2],
) {
  const widths = widthsOf(models);
  const columns = {
    frequencies: (model: ModelSummary) => frequencyNames[model.frequencies]!,
    regime: regimeOf,
    x: ({ m, frequencies }: ModelSummary) => setApartByFrequencies(m, frequencies, widths),
    y: value,
  };
  const rows = rowsOf(
    models.filter((model) => value(model) > 0),
    columns,
    'frequencies',
    'regime',
    'x',
  );
  some(rows, 'represented features');
  const { n } = models[0]!;
  const low = widths[0]! / n;
  const y = logAxis(title, logDomain([1.2, low, ...rows.map((row) => row.y)], 1.7));
  const { color, shape } = frequencyMarks(models.map((model) => model.frequencies));
  const layers = [
    lines(rows, { color, detail: { field: 'regime', type: 'nominal' } }),
    points(rows, { color, shape, strokeWidth: regimeRim(models) }, { size: 32 }),
    ...theoryLayers,
  ];
  return sheet(data.title, scaleOf(models), plot(widthAxis(widths), y, layers, { height: 290 }));
}

/**
 * min(1, m^2/2n) and m/n. The first is labelled above its end, or, where models lie there, below its slope. `over`: the
 * model dimensions that are shown.
 */
export function bounds(
  models: readonly ModelSummary[],
  place: 'above its end' | 'below its slope' = 'above its end',
  over: readonly number[] = widthsOf(models),
) {
  const { n } = models[0]!;
  const widths = widthsOf(models);
  const last = Math.max(...over);
  const curve = (value: (m: number) => number): Point[] =>
    geometricSpace(Math.min(...over), last, 60).map((m) => ({ x: m, y: value(m) }));
  const rising = widths.filter((m) => frameBound(m, n) < 1);
  const middle = rising[rising.length >> 1] ?? widths.at(-1)!;
  const text = 'min(1, m²/2n)';
  const label =
    place === 'above its end'
      ? { x: last, y: frameBound(last, n), text, align: 'right' as const, dy: -8 }
      : { x: middle, y: frameBound(middle, n), text, dx: 5, dy: 7 };
  return [
    ...theory(
      curve((m) => frameBound(m, n)),
      label,
    ),
    ...theory(
      curve((m) => m / n),
      { x: last, y: last / n, text: 'm/n', align: 'right', dy: -9 },
    ),
  ];
}

export function ratioToBound(models: readonly ModelSummary[]): string {
  const ratios = mediansBy(
    models,
    ({ m }) => m,
    (model) => model.stronglyRepresentedFraction / frameBound(model.m, model.n),
  );
  const overM = median(models.map(({ stronglyRepresentedFraction, n, m }) => (stronglyRepresentedFraction * n) / m));
  return (
    `Its median ratio to min(1, m²/2n) is ${ratios.map(({ key, median }) => `${fixed(median)} at m = ${key}`).join(', ')}; ` +
    `its median ratio to m/n is ${fixed(overM, 1)}.`
  );
}
