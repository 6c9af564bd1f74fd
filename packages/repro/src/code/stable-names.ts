import { loadEsbuild } from './bundler.mjs';

/**
 * Shortens the names in a module so that the result does not depend on what they were. esbuild deals out short names
 * by how often each letter occurs in the text, and counts the letters of declared names with the others: a renamed
 * local could change the names of everything. So a string that is dropped again is added, with so many of each
 * letter that what the names contribute cannot change the order.
 */
export async function shortenNames(module: string): Promise<string> {
  const { transform } = await loadEsbuild();
  const { code } = await transform(withBallast(module), options);
  return code;
}

/** The same of a module that ends with its source map, and a map that leads from the result to the same sources. */
export async function shortenNamesWithMap(module: string): Promise<{ readonly code: string; readonly map: string }> {
  const { transform } = await loadEsbuild();
  const at = module.lastIndexOf('//# sourceMappingURL=');
  const [own, map] = [module.slice(0, at), module.slice(at)];
  return transform(`${withBallast(own)}\n${map}`, { ...options, sourcemap: 'external', sourcesContent: false });
}

const options = {
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  minify: true,
} as const;

function withBallast(module: string): string {
  return `${module}\n0&&"${ballast(module)}";`;
}

/** What names are made of. */
const letters = 'etnriaoscludfpmhg_vybxSCwTEDOkAjMNPFILRzBVHUWGKqJYXZQ$0123456789';

/** A string that holds the more of a letter the earlier it comes in `letters`, with the module and without its names. */
export function ballast(module: string): string {
  const all = countLetters(module);
  // Inlined binaries hold many letters and no names.
  const inNames = countLetters(module.replace(/"[A-Za-z0-9+/=]{256,}"/g, ''));
  // esbuild takes a name off once a use, and some uses (`{ a }`, `a++`) count more than they are written: a letter may be
  // counted so much less, or the next one more. From the rarest letter on, so that the string stays short.
  const doubt = inNames.map((count) => 2 * count);
  const wanted = new Array<number>(letters.length).fill(Math.max(...all) - Math.min(...all));
  for (let i = letters.length - 2; i >= 0; i--) wanted[i] = wanted[i + 1]! + doubt[i]! + doubt[i + 1]! + 1;
  const least = Math.min(...wanted.map((count, i) => count - all[i]!));
  return [...letters].map((letter, i) => letter.repeat(wanted[i]! - all[i]! - least)).join('');
}

function countLetters(text: string): number[] {
  const counts = new Uint32Array(128);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128) counts[code]!++;
  }
  return [...letters].map((letter) => counts[letter.charCodeAt(0)]!);
}
