/** Claims for readers of HTML: what does not hold, and every claim by theme with its parts. */
import type { ClaimResult, PartResult } from '../claims/claim.ts';
import { countVerdicts, nearLimitNote } from '../claims/markdown.ts';
import { formatNumber } from '../claims/numbers.ts';
import { isLeftOpen, isPartOpen, openWords } from '../claims/rules.ts';
import { verdictMarks, verdictWords } from '../claims/words.ts';
import { figureAnchor } from './figures.ts';
import { html, inlineText } from './html.ts';
import type { Html } from './html.ts';
import type { PageContent } from './render.ts';
import { plural } from '../plural.ts';

/**
 * Claims that a set decides, or has a reason for, and that do not hold, those that are contradicted first; then those
 * of which it cannot say yet.
 */
export function contradictionsSection({ results, decides, reasons }: PageContent): Html {
  const shown = results.filter(
    ({ id, verdict }) => verdict !== 'reproduced' && (decides.includes(id) || reasons[id] !== undefined),
  );
  const open = shown.filter((result) => result.verdict === 'not-run' || isLeftOpen(result));
  const found = shown.filter((result) => !open.includes(result));
  const isContradicted = ({ verdict }: ClaimResult): boolean => verdict === 'not-reproduced';
  const title = found.length > 0 ? 'What does not hold, and why' : 'What does not hold';
  return html`<section id="contradictions" aria-labelledby="contradictions-title">
    <h2 id="contradictions-title">${title}</h2>
    ${shown.length === 0 && html`<p>Every claim that this set decides is reproduced.</p>`}
    ${open.length > 0 && found.length === 0 && html`<p>Nothing so far.</p>`}
    ${[...found.filter(isContradicted), ...found.filter((result) => !isContradicted(result))].map(
      (result) =>
        html`<article class="finding">
          <h3>${badge(result.verdict)} ${result.sentence}</h3>
          <p class="source"><a href="#claim-${result.id}">${result.id}</a>${!decides.includes(result.id) && ' °'}</p>
          ${result.parts
            .filter(({ verdict }) => verdict !== 'reproduced')
            .map((part) => onePart(result, part, reasons[result.id]?.[part.id]))}
        </article>`,
    )}
    ${open.length > 0 && html`<h3>No verdict yet</h3>`}
    ${
      open.length > 0 &&
      html`<ul>
        ${open.map(({ id, sentence, parts }) => {
          const details = new Set(parts.filter(({ verdict }) => verdict !== 'reproduced').map(({ detail }) => detail));
          return html`<li>
            ${sentence} <a href="#claim-${id}">${id}</a><br /><small>${[...details].join(' ')}</small>
          </li>`;
        })}
      </ul>`
    }
  </section>`;
}

function onePart({ verdict, parts, alternatives }: ClaimResult, part: PartResult, reason: string | undefined): Html {
  const published = alternatives['published']?.parts.find(({ id }) => id === part.id);
  const theirs =
    published && published.measured !== null
      ? ` The authors’ own points: ${published.measuredText || formatNumber(published.measured)}, ${verdictWords[published.verdict]} by the same rule.`
      : '';
  return html`<p>
    ${parts.length > 1 && `${part.id}) `}<b>${
      part.measuredText
        ? `Expected ${part.expected}; measured ${part.measuredText} over ${plural(part.cells.used, 'cell')}${openWords(part, verdict)}.`
        : part.detail
    }</b>${theirs}
    ${inlineText(reason ?? (isPartOpen(part) ? '' : 'No reason is known yet.'))}
  </p>`;
}

function badge(verdict: ClaimResult['verdict']): Html {
  return html`<span class="badge ${verdict}">${verdictMarks[verdict]} ${verdictWords[verdict]}</span>`;
}

const verdicts = Object.keys(verdictWords) as ClaimResult['verdict'][];

export function claimsSection(content: PageContent): Html {
  const { results, decides } = content;
  const owners = [...new Set(results.map(({ by }) => by))];
  const themes = [...new Set(results.map(({ theme }) => theme))];
  return html`<section id="claims" aria-labelledby="claims-title">
    <h2 id="claims-title">Claims</h2>
    <p>
      A claim is reproduced only if every part of it is. <i>Cells</i> are those that the rule compared, of the cells
      that the original design has for it.
      ${
        owners.length > 1 &&
        owners.map((by) => `Of the ${by}: ${countVerdicts(results.filter((one) => one.by === by))}. `)
      }
    </p>
    <form class="filter" id="claim-filter" hidden aria-label="Filter the claims">
      ${verdicts.map(
        (verdict) =>
          html`<label
            ><input type="checkbox" name="verdict" value="${verdict}" checked /> ${verdictMarks[verdict]}
            ${verdictWords[verdict]}</label
          >`,
      )}
      <label>Words <input type="search" name="words" autocomplete="off" /></label>
      <output id="claim-count" aria-live="polite"></output>
    </form>
    ${themes.map((theme, i) =>
      themeTable(
        theme,
        `theme-${i}`,
        results.filter((result) => result.theme === theme),
        content,
      ),
    )}
    ${
      results.some(({ id }) => !decides.includes(id)) &&
      html`<p class="note">° This set does not decide the claim: its verdict is shown, and does not count.</p>`
    }
    ${results.some(({ parts }) => parts.some(({ nearLimit }) => nearLimit)) && html`<p class="note">${nearLimitNote}</p>`}
  </section>`;
}

function themeTable(theme: string, id: string, results: readonly ClaimResult[], content: PageContent): Html {
  const others = content.alternatives.filter(({ name }) => results.some((result) => result.alternatives[name]));
  const headings = ['', 'Expected', 'Measured', 'Cells', ...others.map(({ heading }) => heading)];
  // One theme of the name of the section needs no heading of its own.
  const heading =
    theme === 'Claims' ? html`<h3 id="${id}" class="hidden-words">${theme}</h3>` : html`<h3 id="${id}">${theme}</h3>`;
  return html`${heading}
    <table class="claims" role="table" aria-labelledby="${id}">
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map(
            (heading) =>
              html`<th role="columnheader" scope="col">
                ${heading || html`<span class="hidden-words">Verdict of the part</span>`}
              </th>`,
          )}
        </tr>
      </thead>
      ${results.map((result) => oneClaim(result, headings, others, content))}
    </table>`;
}

function oneClaim(
  result: ClaimResult,
  headings: readonly string[],
  others: PageContent['alternatives'],
  { decides, figures, figuresOf }: PageContent,
): Html {
  const { id, sentence, source, verdict, parts, alternatives } = result;
  const drawn = figuresOf(result).filter((figure) => figures.some((one) => one.figure === figure));
  const cell = (column: number, content: Html): Html =>
    html`<td role="cell" data-heading="${headings[column]}">${content}</td>`;
  return html`<tbody role="rowgroup" id="claim-${id}" data-verdict="${verdict}">
    <tr role="row" class="claim">
      <th role="rowheader" scope="rowgroup" colspan="${headings.length}">
        ${badge(verdict)}${!decides.includes(id) && ' °'} ${sentence}
        <span class="source"
          >${source} ·
          <code>${id}</code
          >${drawn.map((figure) => html` · <a href="#${figureAnchor(figure)}">Figure ${figure}</a>`)}</span
        >
      </th>
    </tr>
    ${parts.map(
      (part) =>
        html`<tr role="row" data-verdict="${part.verdict}">
          ${cell(0, html`<span class="mark ${part.verdict}">${verdictMarks[part.verdict]}</span>`)}
          ${cell(
            1,
            html`${parts.length > 1 && `${part.id}) `}${part.expected}
            ${
              (part.detail || part.seeds) &&
              html`<details>
                <summary>How it was measured</summary>
                <p>${part.detail}${seedsOf(part)}</p>
              </details>`
            }`,
          )}
          ${cell(2, html`<span class="number">${part.measuredText || '–'}</span>${part.nearLimit && ' †'}`)}
          ${cell(3, html`${part.cells.used}/${part.cells.design}`)}
          ${others.map(({ name }, i) => {
            const other = alternatives[name]?.parts.find((one) => one.id === part.id);
            return cell(
              4 + i,
              other?.measuredText
                ? html`${verdictMarks[other.verdict]} ${other.measuredText} (${other.cells.used})`
                : html`–`,
            );
          })}
        </tr>`,
    )}
  </tbody>`;
}

function seedsOf({ seeds }: PartResult): string {
  if (!seeds) return '';
  return ` Seeds: ${seeds.least === seeds.most ? seeds.least : `${seeds.least} to ${seeds.most}`}.`;
}
