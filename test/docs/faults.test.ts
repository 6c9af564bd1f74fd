import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultsPage } from '../../docs/faults.mjs';

const root = process.env['REPRO_TEST_ROOT']!;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sections = JSON.parse(read('docs/faults.json')) as Parameters<typeof faultsPage>[0];
const rows = sections.flatMap((section) => section.rows);

test('docs/faults.md is up to date: npm run docs:faults', () => {
  assert.equal(read('docs/faults.md'), faultsPage(sections));
});

test('each fault has tests, and they exist', () => {
  for (const { fault, tests } of rows) {
    assert.ok(tests.length > 0, fault);
    for (const named of tests) {
      const [file = '', title = ''] = named.split(/: (.*)/s);
      const code = read(file).replaceAll("\\'", "'");
      assert.ok(
        ["'", '"', '`'].some((quote) => code.includes(quote + title)),
        `${file} has no test "${title}..."`,
      );
    }
  }
});

test('each fault has a mutation, and it fits the code', () => {
  for (const { fault, mutation } of rows)
    assert.equal(read(mutation.file).split(mutation.find).length, 2, `${fault}: ${mutation.file}`);
});

test('what must pass is defined once: the workflow calls .ci, and actions are named by commit', () => {
  const lines = read('.github/workflows/reproduce.yml').split('\n');
  const steps = lines.flatMap((line) => {
    const found = /^\s*(?:- )?(uses|run): *(.*?)(?: #.*)?$/.exec(line);
    return found ? [`${found[1]} ${found[2]}`] : [];
  });
  assert.ok(steps.length > 10);
  for (const step of steps)
    assert.match(step, /^(uses [\w./-]+@[0-9a-f]{40}|run \.ci\/(run|audit)( \S.*)?|run npm ci( --[\w-]+)*)$/);
});
