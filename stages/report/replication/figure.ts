/** Our numbers less the authors', point by point: what the table of replication sums up. */
import { mean } from '../../../numerics/statistics/moments.ts';
import { svgDocument } from '../svg.ts';
import type { Series } from './series.ts';
import { isInside, predictionHalfWidth } from './spread.ts';

const layout = { labels: 200, plot: 480, row: 34, top: 26, right: 20, letter: 7 };
/** Differences beyond this are drawn at the edge. */
const widest = 1;

/**
 * An SVG with a row for each series: a dot a point, at ln(ours/theirs) for losses and ours less theirs for the rest; the
 * bar is our 95% prediction interval for one more seed, where there are at least three. A dot is red where theirs is
 * beyond it.
 */
export function replicationFigure(series: readonly Series[]): string {
  const { plot, row, top, right, letter } = layout;
  const shown = series.filter(({ points }) => points.length);
  // Wide enough for the longest label, whose letters are narrower than `letter` in any sans serif of 11 px.
  const labels = Math.max(layout.labels, 16 + letter * Math.max(0, ...shown.map(({ what }) => what.length)));
  const width = labels + plot + right;
  const height = top + row * shown.length + 34;
  const x = (difference: number): string =>
    (labels + (plot * (1 + Math.max(-1, Math.min(1, difference / widest)))) / 2).toFixed(1);
  const rows = shown.flatMap(({ what, figure, logarithmic, points }, i) => {
    const middle = top + row * (i + 0.5);
    const dots = points.flatMap((point, k) => {
      const y = (middle + (row - 12) * ((((k * 7) % 11) - 5) / 11)).toFixed(1);
      const difference = mean(point.ours) - point.theirs;
      const half = predictionHalfWidth(point);
      const colour = half !== undefined && !isInside(point) ? '#c2452d' : '#30597a';
      const bar =
        half === undefined
          ? []
          : [
              `<line x1="${x(difference - half)}" x2="${x(difference + half)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-opacity="0.25"/>`,
            ];
      return [...bar, `<circle cx="${x(difference)}" cy="${y}" r="1.8" fill="${colour}" fill-opacity="0.7"/>`];
    });
    return [
      `<text x="${labels - 8}" y="${middle}" text-anchor="end">${what}</text>`,
      `<text x="${labels - 8}" y="${middle + 12}" text-anchor="end" fill="#666" font-size="9">Fig. ${figure}, ${logarithmic ? 'ln(ours / theirs)' : 'ours − theirs'}</text>`,
      ...dots,
    ];
  });
  const bottom = top + row * shown.length;
  const axis = [-1, -0.5, 0, 0.5, 1].flatMap((at) => [
    `<line x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${bottom}" stroke="${at === 0 ? '#444' : '#ddd'}"/>`,
    `<text x="${x(at)}" y="${bottom + 14}" text-anchor="middle">${String(at).replace('-', '−')}</text>`,
  ]);
  return svgDocument(width, height, [...axis, ...rows]);
}
