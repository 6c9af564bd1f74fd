/**
 * One spelling of an SVG: coordinates to a thousandth of a pixel. JavaScript engines may differ in the last bit of a
 * logarithm, and a figure is a keyed output, so its bytes must not.
 */
const coordinates =
  /( (?:d|transform|x|y|x1|x2|y1|y2|width|height|viewBox|r|cx|cy|points|stroke-width|opacity|offset)=")([^"]*)"/g;
const number = /-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;

export function canonicalSvg(svg: string): string {
  return svg.replace(coordinates, (_, name: string, value: string) => {
    return `${name}${value.replace(number, (text) => rounded(Number(text)))}"`;
  });
}

function rounded(value: number): string {
  const text = String(Number(value.toFixed(3)));
  return text === '-0' ? '0' : text;
}
