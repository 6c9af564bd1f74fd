import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTokens } from '../../../../stages/language/token-freq/count.ts';

const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

test('tokens are counted from the beginning up to the limit, and the last text is cut there', async () => {
  assert.deepEqual(await countTokens(['aab', 'abc', 'zzz'], letters, 5), { tokens: 5, texts: 2, counts: [3, 2] });
  assert.deepEqual(await countTokens(['aab', 'abc'], letters, 6), { tokens: 6, texts: 2, counts: [3, 2, 1] });
  assert.deepEqual(
    await countTokens(['aab', ' \n', '', 'abc'], letters, 6),
    { tokens: 6, texts: 2, counts: [3, 2, 1] },
    'blank texts are left out',
  );
});

test('no text beyond the limit is asked for, and fewer tokens than the limit are told', async () => {
  const asked: string[] = [];
  async function* texts(): AsyncGenerator<string> {
    for (const text of ['ab', 'ab', 'ab']) {
      asked.push(text);
      yield text;
    }
  }
  const seen: number[] = [];
  assert.equal((await countTokens(texts(), letters, 4, (done) => void seen.push(done))).texts, 2);
  assert.equal(asked.length, 2);
  assert.deepEqual(seen, [0.5, 1]);
  assert.deepEqual(await countTokens(texts(), letters, 100), { tokens: 6, texts: 3, counts: [3, 3] });
});
