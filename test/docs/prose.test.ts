import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = process.env['REPRO_TEST_ROOT']!;

/** The texts of the repository that people read: Markdown outside reports and fixtures, and the help of all verbs. */
const texts = execFileSync('git', ['ls-files', '*.md', '*.help.txt'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('reports/') && existsSync(join(root, path)));

/** What docs/style.md refuses, which is the one text that may name it. */
const refused = /\b(heeded|mend|mends|mended|stands|lies|beside|for want of|so many|as they are|users are told)\b/i;

test('no text has a word that docs/style.md refuses', () => {
  assert.ok(texts.includes('README.md') && texts.includes('docs/ARCHITECTURE.md'));
  const found = texts
    .filter((path) => path !== 'docs/style.md')
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, i) => (refused.test(line) ? [`${path}:${i + 1}: ${refused.exec(line)![0]}`] : [])),
    );
  assert.deepEqual(found, []);
});

test('every link to a file of the repository leads to one', () => {
  const broken = texts.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target]) => target!)
      .filter((target) => !existsSync(join(root, dirname(path), decodeURIComponent(target))))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every file that a text names by its path from the root is there', () => {
  const path = /`((?:bench|docs|numerics|packages|pipeline|stages|test)\/[\w./-]+\.\w+)`/g;
  const named = texts
    .filter((text) => text.startsWith('docs/') || !text.includes('/'))
    .flatMap((text) => [...readFileSync(join(root, text), 'utf8').matchAll(path)].map(([, target]) => [text, target!]));
  assert.ok(named.length > 20, String(named.length));
  assert.deepEqual(
    named.filter(([, target]) => !existsSync(join(root, target!))),
    [],
  );
});

test('docs/paper-map.md is what the sources make it', () => {
  execFileSync(process.execPath, ['docs/paper-map.mjs', '--check'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
});
