import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageParagraphs } from '../../src/outline/page-text.ts';

test('what Markdown has that a page does not show is put in words', () => {
  const text = `# Birds\nHeavier birds fly faster, as [Pennycuick](https://example.org/p) says\nin \`Table 1\`.

- **one**, see <https://example.org>
- two
  and a half

1. first\n2. second - third\n\n\n![plot](plot.svg) [](https://example.org/x)`;
  assert.deepEqual(pageParagraphs(text), [
    '**Birds**',
    'Heavier birds fly faster, as Pennycuick (https://example.org/p) says in `Table 1`.',
    '• **one**, see https://example.org',
    '• two and a half',
    '1. first',
    '2. second - third',
    'plot (plot.svg) https://example.org/x',
  ]);
  assert.deepEqual(pageParagraphs(''), []);
});
