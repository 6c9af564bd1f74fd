/** Larger than any document of these data sets: a line that never ends is an error, not a full memory. */
const longestLine = 2 ** 26;

/**
 * The lines of UTF-8 `bytes`, without the line feeds that end them. At these alone a line ends: node:readline, since
 * Node 24, ends one at U+2028 and U+2029 too, which may be in JSON strings. Throws an Error for a line that is too long
 * or that is not UTF-8.
 */
export async function* splitLines(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;
  const line = (last: Uint8Array): string => {
    number++;
    const whole = parts.length ? Buffer.concat([...parts, last]) : last;
    [parts, length] = [[], 0];
    try {
      return decoder.decode(whole);
    } catch {
      throw new Error(`${name}: line ${number}: not UTF-8`);
    }
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield line(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(Uint8Array.from(chunk.subarray(start)));
    length += chunk.length - start;
    if (length > longestLine)
      throw new Error(
        `${name}: line ${number + 1} has more than ${longestLine} bytes, the limit: it is no text of a data set`,
      );
  }
  if (length > 0) yield line(new Uint8Array(0));
}
