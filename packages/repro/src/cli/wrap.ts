import { textWidth } from '../text-width.ts';

/**
 * A line in lines of at most this many columns, broken between words. All but the first are indented by two more than
 * the line itself, so that the next entry of a list is seen. A word that is longer than a line stays whole: the terminal
 * breaks it, and it is still one word when it is copied. Colours and links count for nothing.
 */
export function wrapLine(line: string, width: number): string[] {
  if (textWidth(line) <= width) return [line];
  const indent = /^ */.exec(line)![0].length;
  const lines: string[] = [];
  let current = ' '.repeat(indent);
  for (const word of line.slice(indent).split(' ')) {
    const isFirst = current.trim() === '';
    const fits = textWidth(current) + 1 + textWidth(word) <= width;
    // A line of its own would not hold a word that is too long for any.
    if (!isFirst && !fits && indent + 2 + textWidth(word) <= width) {
      lines.push(current.trimEnd());
      current = ' '.repeat(indent + 2) + word;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current];
}

/** Each line of a text. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}
