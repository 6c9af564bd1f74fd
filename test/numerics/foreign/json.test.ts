import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastCheck from 'fast-check';
import { decodeUtf8, parseForeignJson } from '../../../numerics/foreign/json.ts';
import { parseLimitedJson } from '../../../numerics/foreign/json-service.ts';

test('what JSON.parse reads is read alike, strings with quotes, backslashes and brackets included', () => {
  fastCheck.assert(
    fastCheck.property(fastCheck.jsonValue({ maxDepth: 6 }), (value) => {
      assert.deepEqual(parseForeignJson(JSON.stringify(value, null, 1)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.deepEqual(parseForeignJson('{"a\\\\":"\\"{[,","b":["a",{"b":1}],"c\\"":{}}'), {
    'a\\': '"{[,',
    b: ['a', { b: 1 }],
    'c"': {},
  });
});

for (const [text, message] of [
  ['{"a":1,"b":{"a":2},"\\u0061":3}', /^"a" comes twice in one object$/],
  ['[{"a":[1,2],"a":1}]', /^"a" comes twice in one object$/],
  ['['.repeat(101) + ']'.repeat(101), /^nested more than 100 deep$/],
  ['['.repeat(4e6), /^nested more than 100 deep$/],
  ['{"a":'.repeat(4e6), /^nested more than 100 deep$/],
  ['{"a":NaN}', /^not JSON: /],
  ['{"a":1', /^not JSON: /],
  ['"a\u0007\u009b[31m', /^not JSON: [^\p{Cc}]*$/u],
] as const)
  test(`${text.slice(0, 30)}: refused in one line`, () => {
    assert.throws(() => parseForeignJson(text), { message });
  });

test('bytes that are not UTF-8, and a byte order mark, are refused', () => {
  assert.throws(() => decodeUtf8(Uint8Array.of(0x22, 0xff, 0x22)), { message: 'not UTF-8' });
  assert.throws(() => parseForeignJson(decodeUtf8(Buffer.from('\ufeff{}'))), { message: /^not JSON: / });
});

test('63 MB of brackets, and objects without end, end in one line that names the file', async () => {
  await assert.rejects(parseLimitedJson('some.json', Buffer.alloc(63 * 2 ** 20, '[')), {
    message: 'some.json: nested more than 100 deep',
  });
  await assert.rejects(
    parseLimitedJson('some.json', Buffer.from(`[${'{},'.repeat(2 ** 21)}{}]`), 32),
    /^Error: some\.json: decoding it takes more than 32 MB of memory, the limit: it is not the file that it should be$/,
  );
  assert.deepEqual(await parseLimitedJson('some.json', Buffer.from('{"a":[1]}')), { a: [1] });
});
