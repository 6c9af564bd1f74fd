/** A terminal, or what a test puts in its place. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

const escape = /\x1b\[[0-9;?]*[A-Za-z]/g;
const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Terminals that know it show a frame only when it is complete; others ignore it. */
const beginFrame = '\x1b[?2026h';
const endFrame = '\x1b[?2026l';
const clearBelow = '\x1b[J';
const clearRest = '\x1b[K';

/**
 * The last lines of a terminal, redrawn in place, with permanent lines above them. A frame is one write; the cursor
 * rests at the start of the line below the area.
 */
export class LiveArea {
  readonly #terminal: Terminal;
  /** Visible lengths of the lines now shown. */
  #shown: number[] = [];
  #text = '';
  #hidden = false;
  readonly #restore = (): void => this.close();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    process.on('exit', this.#restore);
  }

  get columns(): number {
    return Math.max(20, this.#terminal.columns ?? 80);
  }

  get rows(): number {
    return Math.max(4, this.#terminal.rows ?? 24);
  }

  /** Replaces the area; `above` goes to the lines over it and stays. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const fitted = lines.slice(0, this.rows - 1).map((line) => truncate(line, this.columns - 1));
    const text = fitted.join('\n');
    if (text === this.#text && above.length === 0) return;
    let frame = beginFrame + (this.#hidden ? '' : hideCursor) + this.#home();
    for (const line of above) frame += `${line}${clearRest}\n`;
    for (const line of fitted) frame += `${line}${clearRest}\n`;
    this.#hidden = true;
    this.#shown = fitted.map(visibleLength);
    this.#text = text;
    this.#terminal.write(frame + clearBelow + endFrame);
  }

  /** Takes the area away and leaves `last` in its place. */
  close(last: readonly string[] = []): void {
    process.off('exit', this.#restore);
    const text =
      this.#home() +
      (this.#hidden ? clearBelow : '') +
      last.map((line) => `${line}\n`).join('') +
      (this.#hidden ? showCursor : '');
    this.#hidden = false;
    this.#shown = [];
    this.#text = '';
    if (text) this.#terminal.write(text);
  }

  /** To the first line of the area: a terminal made narrower has wrapped its lines into more rows. */
  #home(): string {
    const rows = this.#shown.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / this.columns)), 0);
    return rows > 0 ? `\x1b[${Math.min(rows, this.rows - 1)}A\r` : '';
  }
}

export function visibleLength(line: string): number {
  return line.replace(escape, '').length;
}

/** Cuts to a visible width, keeping the colour codes whole. */
export function truncate(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let text = '';
  let room = width - 1;
  for (let at = 0; at < line.length && room > 0;) {
    escape.lastIndex = at;
    const code = line[at] === '\x1b' ? escape.exec(line) : null;
    escape.lastIndex = 0;
    if (code?.index === at) {
      text += code[0];
      at += code[0].length;
    } else {
      const character = String.fromCodePoint(line.codePointAt(at)!);
      text += character;
      at += character.length;
      room--;
    }
  }
  return text + (line.includes('\x1b') ? '…\x1b[0m' : '…');
}
