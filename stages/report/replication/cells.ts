/** The numbers that are compared, each once: several figures may show the same one. */
import { groupBy } from '../claims/quantities/sources.ts';
import type { Compared, Series } from './series.ts';

export interface ComparedCell {
  /** Of each figure that shows it. */
  readonly all: readonly Series[];
  /** "4b, 6e". */
  readonly figures: string;
  /** The first of them. */
  readonly series: Series;
  /** As the figure has it that was read most exactly. */
  readonly point: Compared;
}

/** In the order of the first figure that shows each. */
export function cellsOfSeries(all: readonly Series[]): ComparedCell[] {
  const shown = all.flatMap((series) => series.points.map((point) => ({ series, point })));
  return [...groupBy(shown, identity).values()].map((same) => {
    const { point } = same.reduce((a, b) => (b.point.readingError < a.point.readingError ? b : a));
    const found = same.map(({ series }) => series);
    return { all: found, figures: found.map(({ figure }) => figure).join(', '), series: found[0]!, point };
  });
}

/** Equal for what is one number of ours. */
function identity({ series, point }: { readonly series: Series; readonly point: Compared }): string {
  const { quantity, figure } = series;
  return quantity ? `${quantity} n = ${point.origin!.n} ${point.place}` : `${figure} ${point.place}`;
}
