/** `reports/index.html`: the published sets, and each claim over them. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ClaimResult } from '../claims/claim.ts';
import { countVerdicts } from '../claims/markdown.ts';
import { verdictMarks, verdictWords } from '../claims/words.ts';
import { html } from '../page/html.ts';
import type { Html } from '../page/html.ts';
import { page } from '../page/render.ts';
import compareScript from '../page/compare.browser';
import type { Places, PlannedSet } from '../session-parts.ts';
import { writeAtomically, readText } from '../store/files.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isSize, isString, parseJsonText } from '../store/records.ts';
import { publishedSets } from './published-sets.ts';
import { plural } from '../plural.ts';

/** A published set, as far as its own files tell. */
export interface PublishedSet {
  readonly name: string;
  readonly results: readonly ClaimResult[];
  /** Of work, by the provenance: the scale of the set. */
  readonly seconds: number;
  readonly commit: string | null;
  /** Its page or report, relative to the index; none if it has neither. */
  readonly start: string | undefined;
}

export function setsIndexPath({ reportDirectory }: Pick<Places, 'reportDirectory'>): string {
  return join(dirname(reportDirectory), 'index.html');
}

/**
 * Writes the index anew. A file of that name that somebody else made stays, and so does one over sets that are in git
 * where this one is not: what git keeps must not depend on who else ran what.
 */
export async function writeSetsIndex({ root, reportDirectory, pipeline }: PlannedSet & Places): Promise<void> {
  const reports = dirname(reportDirectory);
  const target = setsIndexPath({ reportDirectory });
  if (existsSync(target) && !readText(target).includes(generator)) return;
  const names = await publishedSets(root, reports);
  if (!names.includes(basename(reportDirectory)) && existsSync(target)) return;
  const text = indexOf(pipeline.name, reports, names);
  if (!existsSync(target) || readText(target) !== text) writeAtomically(target, text);
}

/**
 * Why the index of these reports is not what they say; undefined if it is, if there is none, or if somebody else made it.
 * Its words and links are compared: how a page looks may have changed since it was written.
 */
export function setsIndexProblem(title: string, reports: string, names: readonly string[]): string | undefined {
  const target = join(reports, 'index.html');
  const text = existsSync(target) ? readText(target) : '';
  if (!text.includes(generator) || wordsOf(text) === wordsOf(indexOf(title, reports, names))) return undefined;
  return 'does not say what the reports say: remove it, and run a set again';
}

function indexOf(title: string, reports: string, names: readonly string[]): string {
  return setsIndex(
    title,
    names.flatMap((name) => readSet(reports, name) ?? []),
  );
}

function wordsOf(page: string): string {
  return page
    .replace(/<(style|script)\b[^]*?<\/\1>/g, '')
    .replace(/<[^>]*?(?:(href="[^"]*")[^>]*)?>/g, ' $1 ')
    .replace(/\s+/g, ' ');
}

const generator = '<meta name="generator" content="repro">';

/** What a directory of a report says of itself; undefined where it holds none. */
export function readSet(reports: string, name: string): PublishedSet | undefined {
  const read = (path: string): unknown =>
    existsSync(join(reports, name, path)) ? parseJsonText(readText(join(reports, name, path))) : undefined;
  const provenance = read('provenance.json');
  if (!isObject(provenance)) return undefined;
  const { machines, commit } = provenance;
  const results = read('claims.json');
  return {
    name,
    results: isArrayOf(isJudged, results) ? (results as unknown as ClaimResult[]) : [],
    seconds: (Array.isArray(machines) ? (machines as unknown[]) : []).reduce<number>(
      (sum, machine) => sum + (isObject(machine) && typeof machine['seconds'] === 'number' ? machine['seconds'] : 0),
      0,
    ),
    commit: typeof commit === 'string' ? commit : null,
    start: ['index.html', 'report.md'].map((file) => `${name}/${file}`).find((file) => existsSync(join(reports, file))),
  };
}

/** What the index shows of a claim. A pipeline may publish something else as claims.json, and older reports had no parts. */
function isJudged(value: unknown): value is object {
  if (!isObject(value)) return false;
  const { id, sentence, source, verdict, parts } = value;
  return (
    [id, sentence, source].every(isString) &&
    isString(verdict) &&
    Object.hasOwn(verdictWords, verdict) &&
    isArrayOf(isJudgedPart, parts)
  );
}

function isJudgedPart(value: unknown): value is object {
  if (!isObject(value) || !isString(value['id']) || !isString(value['measuredText'])) return false;
  const { cells } = value;
  return isObject(cells) && [cells['used'], cells['design']].every(isSize);
}

/** The largest set first: where sets disagree, its verdict is the one to look at. */
export function setsIndex(title: string, unordered: readonly PublishedSet[]): string {
  const sets = [...unordered].sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1));
  const claims = [...new Map(sets.flatMap(({ results }) => results).map((one) => [one.id, one])).values()];
  const body = html`<a class="skip" href="#main">Skip to the results</a>
    <header>
      <p class="origin">Published parameter sets</p>
      <h1>${title}</h1>
      <p class="lead">
        ${plural(sets.length, 'set')}, the one with the most work first. Where sets disagree on a claim, the first that
        decides it is the one to look at.
      </p>
    </header>
    <main id="main">
      <section id="sets" aria-labelledby="sets-title">
        <h2 id="sets-title">Sets</h2>
        <ul>
          ${sets.map(
            ({ name, results, seconds, commit, start }) =>
              html`<li>
                <b>${start ? html`<a href="${start}">${name}</a>` : name}</b>: ${Math.round(seconds / 60)} min of work,
                commit <code>${commit ?? 'unknown'}</code>${results.length > 0 && `; ${countVerdicts(results)}`}
              </li>`,
          )}
        </ul>
      </section>
      ${claims.length > 0 && claimTable(sets, claims)}
    </main>`;
  return page({ title: `${title}: published sets`, body, data: [], styles: [], scripts: [compareScript] });
}

function claimTable(sets: readonly PublishedSet[], claims: readonly ClaimResult[]): Html {
  return html`<section id="claims" aria-labelledby="claims-title">
    <h2 id="claims-title">Claims over the sets</h2>
    <form class="filter screen" id="compare" hidden aria-label="Compare two sets">
      <label
        >Compare
        <select name="left">
          ${sets.map(({ name }, i) => html`<option value="${i}">${name}</option>`)}
        </select></label
      >
      <label
        >with
        <select name="right">
          ${sets.map(({ name }, i) =>
            i === 1
              ? html`<option value="${i}" selected>${name}</option>`
              : html`<option value="${i}">${name}</option>`,
          )}
        </select></label
      >
      <label><input type="checkbox" name="differ" /> only where verdicts differ</label>
      <output aria-live="polite"></output>
    </form>
    <div class="wide" tabindex="0" role="region" aria-label="Table of the claims over the sets">
      <table class="plain over-sets">
        <thead>
          <tr>
            <th scope="col">Claim</th>
            ${sets.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${claims.map(({ id, sentence, source }) => {
            const found = sets.map(({ results }) => results.find((result) => result.id === id));
            return html`<tr>
              <th scope="row">
                ${sentence} <span class="source">${source} · <code>${id}</code></span>
              </th>
              ${found.map((result, i) => oneVerdict(result, sets[i]!))}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function oneVerdict(result: ClaimResult | undefined, { name, start }: PublishedSet): Html {
  if (!result) return html`<td data-verdict="">–</td>`;
  const { id, verdict, parts } = result;
  const words = html`${verdictMarks[verdict]} ${verdictWords[verdict]}`;
  return html`<td data-verdict="${verdict}">
    ${
      start?.endsWith('.html')
        ? html`<a class="badge ${verdict}" href="${name}/index.html#claim-${id}">${words}</a>`
        : html`<span class="badge ${verdict}">${words}</span>`
    }
    ${parts.map(
      (part) =>
        html`<span class="source part"
          >${parts.length > 1 && `${part.id}) `}${part.measuredText || '–'}
          (${part.cells.used}/${part.cells.design})</span
        >`,
    )}
  </td>`;
}
