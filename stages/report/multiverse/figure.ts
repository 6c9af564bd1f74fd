/** One bar a claim: in how many worlds it has each verdict. What is left of its length are worlds in which it is not run. */
import type { ClaimResult, Verdict } from 'repro/claims';
import { svgDocument } from '../svg.ts';

const colours: readonly (readonly [verdict: Verdict, colour: string, label: string])[] = [
  ['reproduced', '#2a7f62', 'reproduced'],
  ['inconclusive', '#c9c9c9', 'inconclusive'],
  ['not-reproduced', '#c2452d', 'not reproduced'],
];
const layout = { labels: 190, bar: 400, row: 16, top: 30, right: 16 };

/** An SVG with a row for each claim that is judged in some world, in the order of the results. */
export function worldsFigure(results: readonly Pick<ClaimResult, 'id' | 'worlds'>[]): string {
  const { labels, bar, row, top, right } = layout;
  const rows = results.flatMap(({ id, worlds = {} }) => {
    const judged = colours.reduce((sum, [verdict]) => sum + (worlds[verdict] ?? 0), 0);
    const all = judged + (worlds['not-run'] ?? 0);
    return judged ? [{ id, worlds, all }] : [];
  });
  const width = labels + bar + right;
  const height = top + row * rows.length + 8;
  const lines = rows.flatMap(({ id, worlds, all }, i) => {
    const y = top + row * i;
    let x = labels;
    const pieces = colours.flatMap(([verdict, colour, label]) => {
      const count = worlds[verdict] ?? 0;
      const length = (bar * count) / all;
      const from = x;
      x += length;
      return count
        ? `<rect x="${short(from)}" y="${y}" width="${short(length)}" height="${row - 3}" fill="${colour}"><title>${id}: ${label} in ${count} of ${all} worlds</title></rect>`
        : [];
    });
    return [`<text x="${labels - 6}" y="${y + row - 6}" text-anchor="end">${id}</text>`, ...pieces];
  });
  const open = rows.some(({ worlds }) => (worlds['not-run'] ?? 0) > 0);
  const entries = [
    ...colours.map(([, colour, label]) => ({ fill: `fill="${colour}"`, label })),
    ...(open ? [{ fill: 'fill="white" stroke="#666"', label: 'not run' }] : []),
  ];
  const legend = entries.flatMap(({ fill, label }, i) => {
    const x = labels + 110 * i;
    return [`<rect x="${x}" y="8" width="10" height="10" ${fill}/>`, `<text x="${x + 15}" y="17">${label}</text>`];
  });
  return svgDocument(width, height, [...legend, ...lines]);
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
