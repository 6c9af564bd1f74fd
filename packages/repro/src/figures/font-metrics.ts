/**
 * Widths of text in DejaVu Sans, read from the font itself. Vega guesses widths where it has no canvas and measures
 * with whatever fonts a machine has where it finds one; the layout of a figure must depend on neither.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** The font files that every figure is drawn with. */
export const fontFiles = { regular: join(folder, 'DejaVuSans.ttf'), bold: join(folder, 'DejaVuSans-Bold.ttf') };

// The package is found by its path and not imported, so its version is not in the digest of this code: these are.
const digests: Readonly<Record<string, string>> = {
  [fontFiles.regular]: '7da195a74c55bef988d0d48f9508bd5d849425c1770dba5d7bfc6ce9ed848954',
  [fontFiles.bold]: 'e6476c1b80502924294eed40894c5b18e06c181444ca953e5334262df9c27724',
};

function readFont(file: string): Buffer {
  const font = readFileSync(file);
  const digest = createHash('sha256').update(font).digest('hex');
  if (digest !== digests[file]) {
    throw new Error(`${file}: its digest is ${digest}: expected ${digests[file]}; run npm ci`);
  }
  return font;
}

type AdvanceWidth = (codePoint: number) => number;

const loaded = new Map<string, AdvanceWidth>();

/** Width in pixels of one line of text. */
export function textWidth(text: string, fontSize: number, bold: boolean): number {
  const file = bold ? fontFiles.bold : fontFiles.regular;
  let advance = loaded.get(file);
  if (!advance) loaded.set(file, (advance = readAdvanceWidths(readFont(file))));
  let width = 0;
  for (const character of text) width += advance(character.codePointAt(0)!);
  return width * fontSize;
}

/** Advance widths in em, from the tables `head`, `hhea`, `hmtx` and the Unicode `cmap` of a TrueType font. */
function readAdvanceWidths(font: Buffer): AdvanceWidth {
  const table = (tag: string): number => {
    for (let i = 0, at = 12; i < font.readUInt16BE(4); i++, at += 16) {
      if (font.toString('latin1', at, at + 4) === tag) return font.readUInt32BE(at + 8);
    }
    throw new Error(`font has no table "${tag}"`);
  };
  const unitsPerEm = font.readUInt16BE(table('head') + 18);
  const metricCount = font.readUInt16BE(table('hhea') + 34);
  const metrics = table('hmtx');
  const glyphs = unicodeMap(font, table('cmap'));
  return (codePoint) => font.readUInt16BE(metrics + 4 * Math.min(glyphs(codePoint), metricCount - 1)) / unitsPerEm;
}

/** Glyph of a code point in the basic plane (a format 4 subtable); 0, the missing glyph, otherwise. */
function unicodeMap(font: Buffer, cmap: number): (codePoint: number) => number {
  let start = -1;
  for (let i = 0, at = cmap + 4; i < font.readUInt16BE(cmap + 2); i++, at += 8) {
    const subtable = cmap + font.readUInt32BE(at + 4);
    if (font.readUInt16BE(subtable) === 4) start = subtable;
  }
  if (start < 0) throw new Error('font has no character map of format 4');
  const segments = font.readUInt16BE(start + 6);
  const end = start + 14;
  const first = end + segments + 2;
  const delta = first + segments;
  const offset = delta + segments;
  return (codePoint) => {
    for (let i = 0; i < segments; i += 2) {
      if (codePoint > font.readUInt16BE(end + i)) continue;
      const begin = font.readUInt16BE(first + i);
      if (codePoint < begin) return 0;
      const shift = font.readUInt16BE(offset + i);
      if (shift === 0) return (codePoint + font.readUInt16BE(delta + i)) & 0xffff;
      const glyph = font.readUInt16BE(offset + i + shift + 2 * (codePoint - begin));
      return glyph === 0 ? 0 : (glyph + font.readUInt16BE(delta + i)) & 0xffff;
    }
    return 0;
  };
}
