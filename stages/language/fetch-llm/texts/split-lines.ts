import { HubError } from '../hub/errors.ts';

/** Larger than any document of these data sets: a line that never ends is an error, not a full memory. */
const longestLine = 2 ** 28;

/**
 * The lines of UTF-8 `bytes`, without the line feeds that end them. At these alone a line ends: node:readline, since
 * Node 24, ends one at U+2028 and U+2029 too, which stand as they are in JSON strings.
 */
export async function* splitLines(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    if (!chunk.includes(0x0a)) {
      if (rest.length > longestLine) throw new HubError(`${name}: a line of more than ${longestLine} characters`);
      continue;
    }
    const parts = rest.split('\n');
    rest = parts.pop()!;
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
