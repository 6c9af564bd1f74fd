/** Figures in a page: images of their own, so that neither ids nor styles of one can touch another. */
import { Html, html, inlineText } from './html.ts';
import type { PageContent, PageFigure } from './render.ts';

/** The id of a figure's place in the page. */
export const figureAnchor = (figure: string): string => `figure-${figure}`;

const nameOf = ({ figure, title }: PageFigure): string => (/^\d/.test(figure) ? `Figure ${figure}. ${title}` : title);

const advice = html`<p>
  To draw one with other colours, edit its specification, which holds its data, and run
  <code>npx vl2svg FIGURE.vl.json FIGURE.svg</code> of the package vega-lite.
</p>`;

export function figuresSection({ figures }: PageContent): Html {
  const headings = [...new Set(figures.map(({ section }) => section))];
  return html`<section id="figures" aria-labelledby="figures-title">
    <h2 id="figures-title">Figures</h2>
    ${figures.some(({ image }) => !image) && advice}
    ${headings.map(
      (heading) =>
        html`${heading !== 'Figures' && html`<h3>${heading}</h3>`}
          <div class="figures">${figures.filter(({ section }) => section === heading).map(oneFigure)}</div>`,
    )}
  </section>`;
}

function oneFigure(figure: PageFigure): Html {
  const path = `figures/${figure.figure}`;
  return html`<figure id="${figureAnchor(figure.figure)}">
    ${figureImage(figure, 'lazy')}
    <figcaption>
      <b>${nameOf(figure)}.</b> ${inlineText(figure.caption)}
      <span class="source">${figure.image ? linksToImage(path, figure.image.extension) : linksToDrawing(path)}</span>
    </figcaption>
  </figure>`;
}

function linksToDrawing(path: string): Html {
  return html`<a href="${path}.vl.json">specification with its data</a> · <a href="${path}.svg">SVG</a> ·
    <a href="${path}.png">PNG</a> · <a href="#file-${path}.svg">where it comes from</a>`;
}

function linksToImage(path: string, extension: string): Html {
  return html`<a href="${path}${extension}">image</a> · <a href="#file-${path}${extension}">where it comes from</a>`;
}

/** The drawing, at its own size or the width of the page. */
export function figureImage(figure: PageFigure, loading: 'eager' | 'lazy'): Html {
  const { width, height, uri } = figure.image
    ? { width: undefined, height: undefined, uri: figure.image.uri }
    : embedded(figure.svg);
  return html`<img
    src="${new Html(uri)}"
    alt="${nameOf(figure)}"
    ${size(width, 'width')}
    ${size(height, 'height')}
    loading="${loading}"
    decoding="async"
  />`;
}

const size = (value: string | undefined, name: string): Html | false =>
  value !== undefined && html`${new Html(name)}="${String(Math.round(Number(value)))}"`;

/**
 * An SVG as the address of an image, without what an image has no use for: names of marks and roles. Quotes are
 * single, as the attribute that holds it has double ones.
 */
function embedded(svg: string): { width: string | undefined; height: string | undefined; uri: string } {
  const [, width] = /<svg[^>]* width="([\d.]+)"/.exec(svg) ?? [];
  const [, height] = /<svg[^>]* height="([\d.]+)"/.exec(svg) ?? [];
  const plain = svg
    .replace(/<(title|desc)>[^<]*<\/\1>/g, '')
    .replace(/ (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g, '')
    .replace(/ (?:d|transform)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d+/g, (text) => String(Number(Number(text).toFixed(2)))),
    )
    .replaceAll("'", '&apos;')
    .replaceAll('"', "'")
    .trim();
  const uri = plain.replace(/[%#"&\n\r\t]/g, (character) =>
    character === '&' ? '&amp;' : `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return { width, height, uri: `data:image/svg+xml,${uri}` };
}
