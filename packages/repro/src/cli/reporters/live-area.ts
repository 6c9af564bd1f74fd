import { textWidth, truncate } from '../../text-width.ts';

/** A terminal, or what a test puts in its place. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

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
  /** Columns that the lines now shown take. */
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
    this.#shown = fitted.map(textWidth);
    this.#text = text;
    this.#terminal.write(frame + clearBelow + endFrame);
  }

  /** Takes the area away and leaves `last` in its place. */
  close(last: readonly string[] = []): void {
    process.off('exit', this.#restore);
    // tmux keeps in its history what is cleared from the first line of a window on: so each line is cleared for itself.
    const above = this.#hidden ? `${clearRest}\n` : '\n';
    const text =
      this.#home() +
      last.map((line) => line + above).join('') +
      (this.#hidden ? (last.length > 0 ? '' : clearRest) + clearBelow + showCursor : '');
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
