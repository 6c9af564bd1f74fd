/** How many columns of a terminal a text takes. */

/** Colours and cursor codes (CSI), and links (OSC 8) up to their end. */
const escapeCode = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)/g;

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
// oxlint-disable-next-line no-misleading-character-class -- code points one by one
const withoutWidth = /^[\p{Mn}\p{Me}\u200b-\u200d\ufe00-\ufe0f]$/u;

/** 0 for a combining mark, 2 for most characters of Chinese, Japanese and Korean and for emoji, 1 for all else. */
function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (withoutWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Colour codes and links take no column. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(escapeCode, '')) width += characterWidth(character);
  return width;
}

/** `text.padEnd(width)` by columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** The longest start of a plain text that takes at most so many columns. */
export function startWithin(text: string, width: number): string {
  let room = width;
  let start = '';
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    start += character;
  }
  return start;
}

/** Cuts to a width, with `…` for what is left out; colour codes stay whole, and are closed. */
export function truncate(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  let text = '';
  let room = width - 1;
  for (let at = 0; at < line.length && room > 0;) {
    escapeCode.lastIndex = at;
    const code = line[at] === '\x1b' ? escapeCode.exec(line) : null;
    escapeCode.lastIndex = 0;
    if (code?.index === at) {
      text += code[0];
      at += code[0].length;
    } else {
      const character = String.fromCodePoint(line.codePointAt(at)!);
      room -= characterWidth(character);
      if (room < 0) break;
      text += character;
      at += character.length;
    }
  }
  return text + (line.includes('\x1b') ? '…\x1b[0m' : '…');
}
