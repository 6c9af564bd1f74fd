/**
 * Shortens the names in a module so that the result does not depend on what they were. esbuild deals out short names
 * by how often each letter occurs in the text, and counts the letters of declared names with the others: a renamed
 * local could change the names of everything. So a string that is dropped again is added, with so many of each
 * letter that what the names contribute cannot change the order.
 */
export async function shortenNames(module: string): Promise<string> {
  const { transform } = await import('esbuild');
  const { code } = await transform(`${module}\n0&&"${ballast(module)}";`, {
    format: 'esm',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    minify: true,
  });
  return code;
}

/** What names are made of. */
const letters = 'etnriaoscludfpmhg_vybxSCwTEDOkAjMNPFILRzBVHUWGKqJYXZQ$0123456789';

function ballast(module: string): string {
  const all = countLetters(module);
  // Inlined binaries hold many letters and no names.
  const inNames = countLetters(module.replace(/"[A-Za-z0-9+/=]{256,}"/g, ''));
  const level = Math.max(...all);
  // Twice, since esbuild takes a name off once a use, and some uses (`{ a }`, `a++`) count more than they are written.
  const step = 2 * Math.max(...inNames) + 1;
  return [...letters].map((letter, i) => letter.repeat(level - all[i]! + step * (letters.length - i))).join('');
}

function countLetters(text: string): number[] {
  const counts = new Uint32Array(128);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128) counts[code]!++;
  }
  return [...letters].map((letter) => counts[letter.charCodeAt(0)]!);
}
