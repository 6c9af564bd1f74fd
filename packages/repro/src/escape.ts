/**
 * One function for each way out: text that may come from anywhere (names in checkpoints, claims, messages of stages)
 * is escaped where it leaves, once, and nowhere else.
 */

/** Controls (C0, DEL, C1) and the characters that turn the direction of text, which a terminal or a reader would obey. */
const unprintable =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const lineBreaks = /\r\n|[\n\r]/g;

/** `\\x1b` for ESC: what a reader sees in place of a character that must not act. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text of several lines for a terminal: tabs and line feeds stay, other controls are shown. */
export function terminal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unprintable, visible);
}

/** A value within a line for a terminal. */
export function terminalLine(text: string): string {
  return text.replace(/[\n\r\t]/g, ' ').replace(unprintable, visible);
}

/** JSON text for a terminal or a file: valid JSON, in which no character acts. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text within a paragraph or a table cell of Markdown, as it is read: no markup, no HTML, one line. */
export function markdown(text: string): string {
  return terminalLine(text)
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

/** Text as code within Markdown, in as many backticks as it takes. */
export function markdownCode(text: string): string {
  const line = terminalLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text or an attribute's value in HTML. */
export function html(text: string): string {
  return text.replace(unprintable, visible).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Text or an attribute's value in XML and SVG, which hold no controls; line feeds stay in attributes. */
export function xml(text: string): string {
  return html(
    text.replace(/[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'),
  )
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');
}

/** One cell of CSV (RFC 4180). What a spreadsheet would take for a formula is taken for text. */
export function csv(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const line = value.replace(unprintable, visible);
  const text = /^[=+@-]/.test(line) && !/^[+-]?(\d|\.\d)/.test(line) ? `'${line}` : line;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""').replace(lineBreaks, '\n')}"` : text;
}
