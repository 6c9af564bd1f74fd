// @ts-check
/**
 * Writes docs/faults.md from docs/faults.json: `npm run docs:faults`. The tests of each row are named by their file and
 * the start of their title; a test compares the page and looks for the titles.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * `run`: the test files that are run, by a part of their path; `only`: of their tests those whose names match.
 * @typedef {{ file: string, find: string, replace: string, run: string, only?: string }} Mutation
 * @typedef {{ fault: string, held: string, tests: string[], mutation: Mutation }} Row
 * @typedef {{ title: string, rows: Row[] }} Section
 */

const source = new URL('faults.json', import.meta.url);
const page = new URL('faults.md', import.meta.url);

/** @param {readonly Section[]} sections */
export function faultsPage(sections) {
  const tables = sections.map(({ title, rows }) => {
    const lines = rows.map(({ fault, held, tests, mutation }) => {
      const named = tests.map((test) => {
        const [file = '', name = ''] = test.split(/: (.*)/s);
        return `[${name.replace('${what}', 'what a job leaves').replace(/\$\{[^}]*\}/g, '…')}](../${file})`;
      });
      return `| ${fault} | ${held} | ${named.join('; ')} | \`${mutation.file.split('/').at(-1)}\` |`;
    });
    return `## ${title}\n\n| what goes wrong | what prevents it | tests | mutation |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `# What can go wrong, and what prevents it

Written by \`npm run docs:faults\` from [faults.json](faults.json).

The last column names the file in which \`node bench/mutations/run.mjs\` takes the protection out, to see that the tests of
that row then fail.

${tables.join('\n')}
## What is not prevented

- A pipeline that asks the clock, the network or random numbers while its graph is built. Read files instead.
- A package that was edited in \`node_modules\` before it was first used there: its version does not say so. \`npm ci\` puts it back.
- A stage that changes what it reads by \`/proc\`, the time or the network. \`repro check-inputs\` shows reads of files;
  \`repro check-determinism\` shows bytes that differ.
- A stage in TypeScript whose results depend on one of its \`settings\`, or on a variable by which the machine, the network or a
  device is reached (PATH, HTTPS_PROXY, CUDA_VISIBLE_DEVICES): these are in no key.
- Who can write into a shared store can forge results. \`repro audit\` computes a random sample again.
`;
}

if (process.argv[1]?.endsWith('faults.mjs')) writeFileSync(page, faultsPage(JSON.parse(readFileSync(source, 'utf8'))));
