import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { limitedTokenizer } from '../../../numerics/tokenizers/limited-tokenizer.ts';
import { normalFormC } from '../../../numerics/tokenizers/normal-form-c.ts';
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

test('GPT-2 as older versions of the library wrote it: a model without a type, merges as texts, no use_regex', () => {
  const definition = JSON.parse((read('gpt2') as Record<string, string>)['tokenizer.json']!) as {
    model: Record<string, unknown>;
  };
  const { type, merges, byte_fallback, ignore_merges, ...model } = definition.model;
  assert.deepEqual([type, byte_fallback, ignore_merges], ['BPE', false, false]);
  const older = {
    ...definition,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    model: { ...model, merges: (merges as (string | string[])[]).map((merge) => [merge].flat().join(' ')) },
  };
  const tokenizer = textTokenizer({ 'tokenizer.json': JSON.stringify(older) }, 'gpt2');
  const ids = strings.map((text) => [...tokenizer.encode(text, { special: true })]);
  assert.deepEqual(ids, expected.gpt2);
  for (const other of [{ vocab: { a: 0 } }, { vocab: [['a', 0]] }, {}])
    assert.throws(
      () => textTokenizer({ 'tokenizer.json': JSON.stringify({ ...older, model: other }) }, 'gpt2'),
      /^Error: gpt2: tokenizer\.json: model\.type = nothing: expected "BPE"$/,
    );
});

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

test('GPT-2 of vocab.json and merges.txt alone: its end of text is one token in a document, too', () => {
  const { model } = JSON.parse((read('gpt2') as Record<string, string>)['tokenizer.json']!) as {
    model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
  };
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  const vocab = { ...model.vocab, '<|endoftext|>': 50256 };
  const files = {
    'vocab.json': JSON.stringify(vocab),
    'merges.txt': ['#version: 0.2', ...merges, ''].join('\n'),
    'tokenizer_config.json': '{"model_max_length":1024}',
  };
  for (const some of [files, { 'vocab.json': files['vocab.json'], 'merges.txt': files['merges.txt'] }])
    for (const special of [false, true])
      assert.deepEqual([...textTokenizer(some, 'gpt2').encode('<|endoftext|>', { special })], [50256]);
  const tokenizer = textTokenizer(files, 'gpt2');
  const ids = (text: string) => [...tokenizer.encode(text, { special: false })];
  assert.deepEqual(ids('a<|endoftext|> b'), [...ids('a'), 50256, ...ids(' b')]);
});

test('NFC is that of Unicode 9 whatever the Node at hand: later characters neither move nor compose', () => {
  const line = readFileSync(join(directory, '../../foreign/tokenizers/nfc-tables.jsonl'), 'utf8');
  const { text } = JSON.parse(line) as { text: string };
  const later = JSON.parse(`"${text}"`) as string;
  assert.equal(later, 'a\u1df6\u0316b');
  assert.equal(normalFormC(later), later);
  // older marks are put in order, and compose
  assert.equal(normalFormC('a\u0301\u0316b'), '\u00e1\u0316b'.normalize('NFC'));
  assert.equal(normalFormC('\u1df6e\u0301\u1df6'), '\u1df6\u00e9\u1df6');
  // U+11938 composes since Unicode 13
  assert.equal(normalFormC('\u{11935}\u{11930}'), '\u{11935}\u{11930}');
  for (const family of ['pythia', 'qwen2.5']) {
    const files = read(family) as Record<string, string>;
    const definition = JSON.parse(files['tokenizer.json']!) as object;
    const plain = textTokenizer({ 'tokenizer.json': JSON.stringify({ ...definition, normalizer: null }) }, family);
    const tokenizer = textTokenizer(files, family);
    const ids = (text: string, of = tokenizer) => [...of.encode(text, { special: false })];
    assert.deepEqual(ids(later), ids(later, plain));
    assert.deepEqual(ids('e\u0301'), ids('\u00e9', plain));
  }
  assert.equal(normalFormC('plain'), 'plain');
  for (const code of [0xc5, 0x212b, 0xac00, 0xf900, 0x1100, 0x2f800, 0x1d15e, 0x958])
    assert.equal(normalFormC(String.fromCodePoint(code)), String.fromCodePoint(code).normalize('NFC'));
});

test('a pattern that takes exponential time, and a text that is too much, end in one line', async () => {
  const definition = (pattern: string) => ({
    'tokenizer.json': JSON.stringify({
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
      post_processor: null,
      decoder: null,
      model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
    }),
  });
  const slow = limitedTokenizer(definition('(a+)+$'), 'a/b', { seconds: 0.5 });
  assert.deepEqual([...(await slow.encode('a', { special: false }))], [0]);
  await assert.rejects(
    slow.encode('a'.repeat(60) + 'b', { special: false }),
    /^Error: a\/b: decoding it takes longer than 0\.5 s, the limit: .*patterns takes time that grows exponentially/,
  );
  await slow.close();
  const small = limitedTokenizer(definition(' ?a'), 'a/b', { megabytes: 48 });
  await assert.rejects(
    small.encode('a b '.repeat(2 ** 22), { special: false }),
    /more than 48 MB of memory, the limit/,
  );
  await small.close();
  const none = limitedTokenizer({ 'tokenizer.json': '[' }, 'a/b');
  await assert.rejects(none.encode('a', { special: false }), /^Error: a\/b: tokenizer\.json: not JSON: /);
  await none.close();
});
