/** Sections of the report, which are Markdown, as HTML of the page: headings, paragraphs, tables, links, folded parts. */
import { html, inlineText } from 'repro/page';
import type { Html } from 'repro/page';

/** Paragraphs, tables and folded parts. Headings of the second level and images are left out: the page has its own. */
export function htmlOfBlocks(blocks: readonly string[]): Html {
  return html`${blocks.flatMap((block) => splitBlocks(block)).map(oneBlock)}`;
}

/** At blank lines, but not within a folded part. */
function splitBlocks(text: string): string[] {
  return text.split(/\n\n(?=<details>)|(?<=<\/details>)\n\n/).flatMap((part) => {
    return part.startsWith('<details>') ? [part] : part.split('\n\n');
  });
}

function oneBlock(block: string): Html | undefined {
  if (block.startsWith('## ') || block.startsWith('![')) return undefined;
  if (block.startsWith('### ')) return html`<h3>${block.slice(4)}</h3>`;
  if (block.startsWith('|')) return table(block);
  const folded = /^<details>\n<summary>([^]*?)<\/summary>\n\n([^]*)\n\n<\/details>$/.exec(block);
  if (folded)
    return html`<details>
      <summary>${folded[1]}</summary>
      ${htmlOfBlocks([folded[2]!])}
    </details>`;
  return html`<p>${withLinks(block)}</p>`;
}

function withLinks(text: string): Html {
  const parts = text.split(/(\[[^\]]+\]\([^)\s]+\))/);
  return html`${parts.map((part) => {
    const link = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    return link ? html`<a href="${link[2]}">${inlineText(link[1]!)}</a>` : inlineText(part);
  })}`;
}

function table(block: string): Html {
  const cellsOf = (line: string): string[] =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const [head, , ...rows] = block.split('\n').map(cellsOf);
  return html`<div class="wide" tabindex="0" role="region" aria-label="Table">
    <table>
      <thead>
        <tr>
          ${head!.map((cell) => html`<th scope="col">${withLinks(cell)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${withLinks(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
