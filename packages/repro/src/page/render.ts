/** The whole document. Pure: no time, host or version; the build system fills in the provenance when it publishes. */
import { createHash } from 'node:crypto';
import { addressOf } from '../address.ts';
import type { ClaimResult } from '../claims/claim.ts';
import { countVerdicts } from '../claims/markdown.ts';
import { verdictMarks, verdictWords } from '../claims/words.ts';
import clientScript from './client.browser';
import { claimsSection, contradictionsSection } from './claims.ts';
import { figureAnchor, figureImage, figuresSection } from './figures.ts';
import { Html, html } from './html.ts';
import { provenanceSlot } from './provenance-slot.ts';
import baseStyle from './style.css';
import { plural } from '../plural.ts';

export interface PageFigure {
  /** Names its files: `6e` for `figures/6e.svg`. */
  readonly figure: string;
  readonly title: string;
  readonly section: string;
  readonly caption: string;
  /** The file itself. */
  readonly svg: string;
  /** In its place an image that a command made, of which there is no specification. */
  readonly image?: { readonly uri: string; readonly extension: string };
}

/** A section of the project's own. */
export interface PageSection {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  /** Its name in the list of sections, where the title is long. */
  readonly short?: string;
  readonly body: Html;
}

export interface Download {
  /** Relative to the page. */
  readonly path: string;
  readonly title: string;
}

export interface PageContent {
  readonly set: string;
  /** Of the document, and the heading unless there is a `headline`. */
  readonly title: string;
  /** The main finding in a line. */
  readonly headline?: string;
  /** Above the heading: whose work is reproduced. */
  readonly origin?: Html;
  /** Below the heading: the finding in a sentence, then what was run. */
  readonly lead: readonly Html[];
  readonly results: readonly ClaimResult[];
  /** Ids of the claims that this set decides. */
  readonly decides: readonly string[];
  /** Claim -> part -> why it is not reproduced, where that is known. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Columns of other evidence: its name among the alternatives of a claim, and the heading. */
  readonly alternatives: readonly { readonly name: string; readonly heading: string }[];
  /** Figures that show what a claim is about. */
  readonly figuresOf: (result: ClaimResult) => readonly string[];
  readonly figures: readonly PageFigure[];
  /** The figure of the first screen. */
  readonly picture?: string | undefined;
  /** After the claims. */
  readonly sections: readonly PageSection[];
  /** After the figures. */
  readonly notes: readonly PageSection[];
  readonly downloads: readonly Download[];
  /** Of the sections: data that scripts read, styles, and scripts (from `x.browser.ts`). */
  readonly data?: readonly Html[];
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
}

/** The page. The same content gives the same bytes. It loads nothing: its own policy forbids every request. */
export function renderPage(content: PageContent): string {
  const { title, headline, origin, lead, results, figures, sections, notes, downloads, set } = content;
  const picture = figures.find(({ figure }) => figure === content.picture);
  const places: readonly { id: string; title: string; short?: string }[] = [
    ...(results.length ? [{ id: 'contradictions', title: 'What does not hold' }] : []),
    ...(results.length ? [{ id: 'claims', title: 'Claims' }] : []),
    ...sections,
    ...(figures.length ? [{ id: 'figures', title: 'Figures' }] : []),
    ...notes,
    ...(downloads.length ? [{ id: 'data', title: 'Data' }] : []),
    { id: 'provenance', title: 'Provenance' },
  ];
  const body = html`<a class="skip" href="#main">Skip to the results</a>
    <header class="${picture ? 'with-picture' : 'without-picture'}">
      <div>
        <p class="origin">${origin ?? html`Parameter set <b>${set}</b>`}</p>
        <h1>${headline ?? title}</h1>
        ${lead.map((paragraph, i) => html`<p class="${i === 0 ? 'lead' : 'about'}">${paragraph}</p>`)}
        ${results.length > 0 && strip(results)}
        <nav aria-label="Sections">
          <ul>
            ${places.map((place) => html`<li><a href="#${place.id}">${place.short ?? place.title}</a></li>`)}
            <li><a href="../index.html">All parameter sets</a></li>
          </ul>
        </nav>
      </div>
      ${
        picture &&
        html`<figure>
          <a href="#${figureAnchor(picture.figure)}">${figureImage(picture, 'eager')}</a>
        </figure>`
      }
    </header>
    <main id="main">
      ${results.length > 0 && [contradictionsSection(content), claimsSection(content)]} ${sections.map(oneSection)}
      ${figures.length > 0 && figuresSection(content)} ${notes.map(oneSection)}
      ${downloads.length > 0 && downloadsSection(content)} ${new Html(provenanceSlot)}
    </main>`;
  return page({
    title: `${title} (${set})`,
    body,
    data: content.data ?? [],
    styles: content.styles ?? [],
    scripts: [clientScript, ...(content.scripts ?? [])],
  });
}

export interface Parts {
  readonly title: string;
  readonly body: Html;
  readonly data: readonly Html[];
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}

/** A document that runs its own scripts, by their digests, and can load nothing. */
export function page({ title, body, data, styles, scripts }: Parts): string {
  const digests = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${digests.join(' ') || "'none'"}; base-uri 'none'; form-action 'none'`;
  const head = [
    '<meta charset="utf-8">',
    html`<meta http-equiv="Content-Security-Policy" content="${policy}" />`.markup,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="generator" content="repro">',
    '<link rel="icon" href="data:,">',
    html`<title>${title}</title>`.markup,
    `<style>${[baseStyle, ...styles].join('\n')}</style>`,
  ];
  const tail = [...data.map(({ markup }) => markup), ...scripts.map((script) => `<script>${script}</script>`)];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    ...head,
    '</head>',
    '<body>',
    body.markup,
    ...tail,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** One mark a claim, by verdict, each linked to its row. */
function strip(results: readonly ClaimResult[]): Html {
  const order = Object.keys(verdictWords);
  const byVerdict = [...results].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return html`<p class="counts"><b>${plural(results.length, 'claim')}:</b> ${countVerdicts(results)}.</p>
    <ul class="strip" aria-label="One mark a claim">
      ${byVerdict.map(
        ({ id, verdict }) =>
          html`<li>
            <a
              class="mark ${verdict}"
              href="#claim-${id}"
              title="${id}: ${verdictWords[verdict]}"
              aria-label="${id}: ${verdictWords[verdict]}"
              >${verdictMarks[verdict]}</a
            >
          </li>`,
      )}
    </ul>`;
}

function oneSection({ id, title, body }: PageSection): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>`;
}

function downloadsSection({ downloads }: PageContent): Html {
  return oneSection({
    id: 'data',
    title: 'Data',
    body: html`<ul>
      ${downloads.map(({ path, title }) => html`<li><a href="${addressOf(path)}" download>${path}</a>: ${title}</li>`)}
    </ul>`,
  });
}
