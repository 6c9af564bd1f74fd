// @ts-check
/**
 * Writes reports/README.md: each claim with its verdict in each set whose report git has, and the headline: the verdict
 * of the largest set that decides it and has finished what the claim needs. `npm run docs:headline`, after reports were committed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the largest scale to the smallest. */
const sets = ['paper', 'paper-cpu', 'quick', 'ci'];
const marks = /** @type {Record<string, string>} */ ({
  reproduced: '✓',
  'not-reproduced': '✗',
  inconclusive: '?',
  'not-run': '–',
});
const words = /** @type {Record<string, string>} */ ({
  reproduced: 'reproduced',
  'not-reproduced': '**not reproduced**',
  inconclusive: '**inconclusive**',
  'not-run': 'not run',
});

/**
 * @typedef {{ id: string, sentence: string, verdict: string, parts: readonly { measuredText: string, unfinished?: object }[] }} Result
 * `simulated`: claims of which a simulation says whether the set decides them; undefined for a set that was not
 * simulated.
 * @typedef {{ set: string, decides: readonly string[], simulated?: readonly string[] | undefined, results: readonly Result[] }} Published
 */

/** The text of reports/README.md. @param {readonly Published[]} published from the largest scale on @returns {string} */
export function headline(published) {
  const claims = published[0]?.results ?? [];
  const rows = claims.map(({ id, sentence }) => {
    const resultIn = (/** @type {Published} */ { results }) => results.find((result) => result.id === id);
    // What is not trained yet speaks for nothing.
    const isFinished = (/** @type {Published} */ set) => !resultIn(set)?.parts.some(({ unfinished }) => unfinished);
    const decider = published.find((set) => set.decides.includes(id) && isFinished(set));
    const isAsked = published.some(({ decides }) => decides.includes(id));
    const found = decider && resultIn(decider);
    const isByRuleAlone = decider?.simulated && !decider.simulated.includes(id) && found?.verdict !== 'not-run';
    const verdict = found
      ? `${words[found.verdict] ?? found.verdict} (\`${decider?.set}\`)${isByRuleAlone ? ' ‡' : ''}`
      : isAsked
        ? 'not finished'
        : 'no set decides it';
    const measured = found?.parts.map((part) => part.measuredText).filter(Boolean) ?? [];
    const cells = published.map(({ set, decides, results }) => {
      const result = results.find((one) => one.id === id);
      if (!result) return '';
      return `[${marks[result.verdict]}](${set}/report.md#claim-${id})${decides.includes(id) ? '' : ' °'}`;
    });
    return [`\`${id}\`: ${sentence}`, verdict, measured.join('; '), ...cells];
  });
  const head = ['Claim', 'Headline', 'Measured', ...published.map(({ set }) => `\`${set}\``)];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return [
    '# Claims, and what each published set says of them',
    'The headline is the verdict of the largest set that decides the claim and has finished what it needs. ° This set does not decide it: a simulation of its rule could not tell a true claim from a false one at its scale, or it has too few cells. ‡ Judged by its rule alone: how often another seed would give this verdict again is not known.',
    table.join('\n'),
    `Generated from ${published.map(({ set }) => `[${set}/claims.json](${set}/claims.json)`).join(', ')} by \`npm run docs:headline\`.`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('|', '\\|');
}

/** @param {string} root @returns {Published[]} */
function readPublished(root) {
  /** @param {string} path */
  const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const tracked = execFileSync('git', ['ls-files', 'reports'], { cwd: root, encoding: 'utf8' }).split('\n');
  /** @type {{ sets: Record<string, Record<string, { parts: readonly { holds: number | null }[] }>> }} */
  const power = read('stages/report/power.json');
  const simulatedIn = (/** @type {string} */ set) =>
    power.sets[set] &&
    Object.entries(power.sets[set]).flatMap(([id, { parts }]) =>
      parts.every(({ holds }) => holds !== null) ? [id] : [],
    );
  return sets
    .filter((set) => tracked.includes(`reports/${set}/claims.json`))
    .map((set) => ({
      set,
      decides: read(`params/${set}.json`).decides ?? [],
      simulated: simulatedIn(set),
      results: read(`reports/${set}/claims.json`),
    }));
}

// A test bundles this file: the arguments, not its URL, say that it is the command.
if (/[\\/]headline\.mjs$/.test(process.argv[1] ?? '')) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  writeFileSync(join(root, 'reports/README.md'), headline(readPublished(root)));
}
