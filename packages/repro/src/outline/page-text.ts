/**
 * The paragraphs that a page shows of a text in Markdown: it knows words in bold and code, so that a link becomes its words
 * and its address, an item of a list a paragraph, and a heading one in bold. The report has the text as it is.
 */
export function pageParagraphs(text: string): string[] {
  return text
    .split(/\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)|(?<=^#{1,6} .*)\n/m)
    .map((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*/g, ' '))
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) =>
      paragraph
        .replace(/^#{1,6}\s+(.*?)\s*#*$/, '**$1**')
        .replace(/^[-*+]\s+/, '• ')
        .replaceAll(/!?\[([^\]]*)\]\(([^()\s]+)\)/g, (_, words: string, address: string) =>
          words === address || words === '' ? address : `${words} (${address})`,
        )
        .replaceAll(/<(https?:[^\s<>]+)>/g, '$1'),
    );
}
