/** JSON from elsewhere. */
import { quoted } from './quoted.ts';

/** No file of the hub nests a tenth as deep. */
const deepestJson = 100;

/**
 * The value of a JSON text. Stricter than JSON.parse: a member that comes twice in one object is refused, since readers
 * differ in which one counts, and so is nesting beyond `deepestJson`, before any of it is built.
 */
export function parseForeignJson(text: string): unknown {
  scan(text, false);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${oneLine((error as Error).message)}`);
  }
  scan(text, true);
  return value;
}

/** UTF-8 alone; a byte order mark is refused, as JSON wants it. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('not UTF-8');
  }
}

/** What the parser says: it quotes what it cannot read. */
export function oneLine(message: string): string {
  return quoted(message, 200).slice(1, -1).replaceAll('\\"', '"');
}

/** Goes through the brackets and strings of a text, which need not be JSON; `keys`: through its members too. */
function scan(text: string, keys: boolean): void {
  /** Members of the open objects so far; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  const marks = /["{}[\],]/g;
  for (let match = marks.exec(text); match; match = marks.exec(text)) {
    const [mark] = match;
    if (mark === '"') {
      const end = endOfString(text, match.index);
      const members = open.at(-1);
      if (keys && isKey && members) {
        const key = JSON.parse(text.slice(match.index, end)) as string;
        if (members.has(key)) throw new Error(`${quoted(key)} comes twice in one object`);
        members.add(key);
      }
      isKey = false;
      marks.lastIndex = end;
    } else if (mark === '{' || mark === '[') {
      open.push(keys && mark === '{' ? new Set() : undefined);
      if (open.length > deepestJson) throw new Error(`nested more than ${deepestJson} deep`);
      isKey = mark === '{';
    } else if (mark === ',') {
      isKey = open.at(-1) !== undefined;
    } else {
      open.pop();
    }
  }
}

/** After the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
