import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textTokenizer } from '../../../numerics/tokenizers/tokenizer.ts';

const directory = join(process.env.REPRO_TEST_ROOT!, 'test/fixtures/llm/tokenizers');
const read = (name: string) => JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as unknown;
const strings = read('strings') as string[];
const expected = read('expected') as Record<string, number[][]>;

for (const family of ['gpt2', 'opt', 'qwen2.5', 'pythia']) {
  test(`${family}: 1,000 strings give the ids of the reference library`, () => {
    assert.equal(strings.length, 1000);
    const tokenizer = textTokenizer(read(family) as Record<string, string>, family);
    const different = strings.filter(
      (text, i) =>
        JSON.stringify([...tokenizer.encode(text, { special: true })]) !== JSON.stringify(expected[family]![i]),
    );
    assert.deepEqual(different, []);
  });
}

test('OPT: </s> leads where special tokens are asked for, and only there', () => {
  const tokenizer = textTokenizer(read('opt') as Record<string, string>, 'opt');
  const [first, ...rest] = tokenizer.encode('Hello', { special: true });
  assert.equal(first, 2);
  assert.deepEqual([...tokenizer.encode('Hello', { special: false })], rest);
});

test('files that make no tokenizer are refused by name', () => {
  assert.throws(
    () => textTokenizer({ 'vocab.json': '{}' }, 'a/b'),
    /^Error: a\/b: has vocab.json: expected tokenizer.json, or vocab.json and merges.txt$/,
  );
  assert.throws(() => textTokenizer({ 'tokenizer.json': '{' }, 'a/b'), /^Error: a\/b: tokenizer.json: not JSON: /);
  assert.throws(
    () => textTokenizer({ 'tokenizer.json': '{"model":{"type":"Unigram"}}' }, 'a/b'),
    /model.type = "Unigram": expected "BPE"/,
  );
});
