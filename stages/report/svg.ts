/** The frame of figures that the report draws itself. */

/** An SVG of so many pixels, white behind the elements, each of which is a line. */
export function svgDocument(width: number, height: number, elements: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...elements,
    '</svg>',
    '',
  ].join('\n');
}
