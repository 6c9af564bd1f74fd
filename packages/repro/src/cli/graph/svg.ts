import { caption } from './diagram.ts';
import type { Diagram } from './diagram.ts';
import { layOut } from './layers.ts';
import type { Place } from './layers.ts';

const boxHeight = 34;
const rowGap = 18;
const layerGap = 70;
const margin = 16;
/** Of the 13 px font below, generously. */
const characterWidth = 7.6;

/** A drawing that reads on a light and on a dark page. */
export function svg(diagram: Diagram): string {
  const { layers, routes } = layOut(diagram);
  const widthOf = ({ vertex }: Place): number => (vertex ? caption(vertex).length * characterWidth + 26 : 0);
  const heights = layers.map((layer) => layer.length * (boxHeight + rowGap) - rowGap);
  const height = Math.max(...heights) + 2 * margin;
  const columns: { left: number; width: number }[] = [];
  let right = margin;
  for (const layer of layers) {
    const width = Math.max(...layer.map(widthOf));
    columns.push({ left: right, width });
    right += width + layerGap;
  }
  const width = right - layerGap + margin;
  const middle = ({ layer, position }: Place): number =>
    (height - heights[layer]!) / 2 + position * (boxHeight + rowGap) + boxHeight / 2;
  const leftOf = (place: Place): number =>
    columns[place.layer]!.left + (columns[place.layer]!.width - widthOf(place)) / 2;

  const lines = routes.map((route) => {
    let path = '';
    for (let i = 1; i < route.length; i++) {
      const [a, b] = [route[i - 1]!, route[i]!];
      const [ax, ay, bx, by] = [leftOf(a) + widthOf(a), middle(a), leftOf(b) - (b.vertex ? 6 : 0), middle(b)];
      const bend = (bx - ax) / 2;
      if (path === '') path = `M${round(ax)} ${round(ay)}`;
      path += ` C${round(ax + bend)} ${round(ay)} ${round(bx - bend)} ${round(by)} ${round(bx)} ${round(by)}`;
    }
    return `<path class="edge" d="${path}" marker-end="url(#head)"/>`;
  });
  const boxes = layers.flat().flatMap((place) => {
    if (!place.vertex) return [];
    const [x, y, w] = [round(leftOf(place)), round(middle(place) - boxHeight / 2), round(widthOf(place))];
    const text = `<text x="${round(x + w / 2)}" y="${round(middle(place) + 4.5)}">${escaped(caption(place.vertex))}</text>`;
    return [
      `<g class="${place.vertex.kind}"><rect x="${x}" y="${y}" width="${w}" height="${boxHeight}" rx="${place.vertex.kind === 'file' ? 2 : 8}"/>${text}</g>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}">
<style>
text { font: 13px system-ui, 'DejaVu Sans', sans-serif; text-anchor: middle; fill: #1b2733; }
rect { fill: #e8f0f8; stroke: #3b6ea5; stroke-width: 1.3; }
.file rect { fill: #f6f1e4; stroke: #a3822e; stroke-dasharray: 4 3; }
.edge { fill: none; stroke: #8493a3; stroke-width: 1.3; }
#head path { fill: #8493a3; }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
${lines.join('\n')}
${boxes.join('\n')}
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
