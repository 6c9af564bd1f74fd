/** HTML as a type of its own: text that goes into it is escaped, so that none can be forgotten. */
import { html as escaped } from '../escape.ts';

/** Markup that is safe to put into a page. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** Markup with values filled in: text and numbers are escaped, lists are joined; null, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + markupOf(values[i - 1]) + string));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part ? part.map(markupOf).join('') : '';
}

/** Data for scripts of the page, found by its id. No text in it can end the element that holds it. */
export function dataBlock(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(`<script type="application/json" id="${escaped(id)}">${json}</script>`);
}

/** Words with `code`, **bold** and *italic* as Markdown has them: how captions and reasons of claims are written. */
export function inlineText(words: string): Html {
  const parts = words.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/);
  return html`${parts.map((part) => {
    if (part.length > 2 && part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.length > 4 && part.startsWith('**')) return html`<b>${part.slice(2, -2)}</b>`;
    if (part.length > 2 && part.startsWith('*') && part.endsWith('*')) return html`<i>${part.slice(1, -1)}</i>`;
    return part;
  })}`;
}
