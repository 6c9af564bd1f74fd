import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readTexts, writeTexts } from '../../../../stages/language/fetch-llm/texts/texts-file.ts';
import { fetchTexts, joinLines } from '../../../../stages/language/fetch-llm/texts/texts.ts';
import type { TextsRequest } from '../../../../stages/language/fetch-llm/texts/texts.ts';
import { hostedRepository } from '../../../hub/repository.ts';
import { hubFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';

/** Documents that do not compress to nothing. */
const documents = Array.from({ length: 3000 }, (_, i) =>
  Array.from({ length: 40 }, (_, j) => `é${((i * 40 + j) * 2654435761) % 4294967291}`).join(' '),
);
const parquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'text', data: documents },
      { name: 'meta', data: documents },
    ],
    rowGroupSize: 200,
  }),
);
const gzip = gzipSync(documents.map((text) => JSON.stringify({ text, url: 'x' })).join('\n') + '\n');

const revisions = ['refs/convert/parquet'];

async function fetched(
  { open, listed, scratch }: Fixture,
  repository: ReturnType<typeof hostedRepository>,
  request: Partial<TextsRequest>,
): Promise<string[]> {
  const hub = open();
  const listing = await listed(repository, revisions[0], 'en');
  const texts: string[] = [];
  for await (const text of fetchTexts(
    hub,
    listing,
    { files: 'en/train', field: 'text', joinedWords: 0, count: 100, ...request },
    scratch,
  ))
    texts.push(text);
  return texts;
}

for (const [name, bytes] of [
  ['en/train-0.parquet', parquet],
  ['en/train-0.json.gz', gzip],
] as const) {
  test(`${name}: the first 100 of 3000 texts, for a part of the bytes, over a connection that breaks`, async (t) => {
    const repository = hostedRepository(
      'dataset',
      'acme/texts',
      { [name]: bytes, 'other/train.parquet': parquet },
      { revisions },
    );
    const fixture = await hubFixture(t, [repository]);
    fixture.local.fault = ({ earlier }) => (earlier % 2 === 1 ? { kind: 'cut', after: 20_000 } : undefined);
    assert.deepEqual(await fetched(fixture, repository, {}), documents.slice(0, 100));
    const sent = fixture.local.requests.reduce((sum, request) => sum + request.sent, 0);
    t.diagnostic(`${name}: ${sent} of ${bytes.length} bytes sent`);
    assert.deepEqual(await fetched(fixture, repository, { count: 5000 }), documents);
  });
}

test('zstd as its command line writes it: all documents of both frames, and the first of them for a part of the bytes', async (t) => {
  const bytes = readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/llm/texts/documents.jsonl.zst'));
  const repository = hostedRepository('dataset', 'acme/texts', { 'en/train-0.jsonl.zst': bytes }, { revisions });
  const fixture = await hubFixture(t, [repository]);
  const document = (i: number): string =>
    `document ${i}: ${Array.from({ length: 40 }, (_, j) => `é${((i * 40 + j) * 7919) % 100003}`).join(' ')}`;
  assert.deepEqual(
    await fetched(fixture, repository, { count: 5000 }),
    Array.from({ length: 900 }, (_, i) => document(i)),
  );
  assert.deepEqual(
    await fetched(fixture, repository, { count: 310 }),
    Array.from({ length: 310 }, (_, i) => document(i)),
    'into the second frame',
  );
});

test('json.gz: of a file of 11 MiB little more comes than its first texts take', async (t) => {
  const words = Float64Array.from({ length: 2 ** 20 }, (_, i) => (i * 2654435761) % 4294967291);
  const texts = Array.from({ length: 32_768 }, (_, i) => words.subarray(32 * i, 32 * (i + 1)).join(' '));
  const bytes = gzipSync(texts.map((text) => JSON.stringify({ text })).join('\n') + '\n', { level: 0 });
  assert.ok(bytes.length > 10 * 2 ** 20, `${bytes.length} bytes`);
  const repository = hostedRepository('dataset', 'acme/texts', { 'en/train-0.json.gz': bytes }, { revisions });
  const fixture = await hubFixture(t, [repository]);
  assert.deepEqual(await fetched(fixture, repository, { count: 300 }), texts.slice(0, 300));
  const sent = fixture.local.requests.reduce((sum, request) => sum + request.sent, 0);
  t.diagnostic(`${sent} of ${bytes.length} bytes sent for 300 of ${texts.length} texts`);
  const needed = texts.slice(0, 300).reduce((sum, text) => sum + JSON.stringify({ text }).length + 1, 0);
  // a piece is asked for while the one before is taken apart
  assert.ok(sent > needed && sent < bytes.length / 20, `${sent} bytes sent for ${needed}`);
});

test('no more texts come than hold the words wanted', async (t) => {
  const repository = hostedRepository('dataset', 'acme/texts', { 'en/train-0.json.gz': gzip }, { revisions });
  const fixture = await hubFixture(t, [repository]);
  assert.deepEqual(
    await fetched(fixture, repository, { count: 5000, words: 81 }),
    documents.slice(0, 3),
    'each has 40',
  );
  assert.deepEqual(await fetched(fixture, repository, { count: 5000, words: 80 }), documents.slice(0, 2));
  assert.deepEqual(await fetched(fixture, repository, { count: 1, words: 80 }), documents.slice(0, 1));
});

test('Parquet: row groups and columns that are not needed are not fetched', async (t) => {
  const repository = hostedRepository('dataset', 'acme/texts', { 'en/train-0.parquet': parquet }, { revisions });
  const fixture = await hubFixture(t, [repository]);
  await fetched(fixture, repository, { count: 200 });
  const sent = fixture.local.requests.reduce((sum, request) => sum + request.sent, 0);
  assert.ok(sent < parquet.length / 15, `${sent} of ${parquet.length} bytes`);
});

test('texts come back from their file as they went in, whatever ends a line elsewhere', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'texts-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const texts = ['one\ntwo\r\n', 'a\u2028b\u2029c', '\u0085\v\f', '', 'é'.repeat(70_000)];
  async function* all(): AsyncGenerator<string> {
    yield* texts;
  }
  await writeTexts(join(directory, 'texts.jsonl'), all());
  const read: string[] = [];
  for await (const text of readTexts(join(directory, 'texts.jsonl'))) read.push(text);
  assert.deepEqual(read, texts);
});

test('rows are joined as they are until a text has its words; the rest is no text', async () => {
  async function* rows(): AsyncGenerator<string> {
    yield* [' a b \n', '', '   ', 'c', 'd e f g\n', 'h i j', 'k'];
  }
  const texts: string[] = [];
  for await (const text of joinLines(rows(), 3)) texts.push(text);
  assert.deepEqual(texts, [' a b \n c', 'd e f g\n', 'h i j']);
});

test('data that is not what it should be is refused in one line', async (t) => {
  const files = {
    'en/train-a.json.gz': gzip.subarray(0, gzip.length / 2),
    'en/train-b.json.gz': Buffer.from('no gzip'),
    'en/train-c.parquet': Buffer.from('PAR1 no parquet PAR1'),
    'en/train-d.txt': 'x',
    'en/train-e.json': 'no json',
    'en/train-f.jsonl.zst': 'no zstd',
    'en/train-g.json': '{"text":1}',
  };
  const repository = hostedRepository('dataset', 'acme/texts', files, { revisions });
  const fixture = await hubFixture(t, [repository]);
  const cases: readonly (readonly [files: string, message: RegExp])[] = [
    ['en/train-a', /train-a\.json\.gz: not a whole gzip file: unexpected end of file$/],
    ['en/train-b', /train-b\.json\.gz: not a whole gzip file: incorrect header check$/],
    ['en/train-c', /train-c\.parquet: cannot be read as Parquet: /],
    ['en/train-d', /train-d\.txt: expected a name that ends in/],
    ['en/train-e', /train-e\.json: line 1: not JSON: /],
    ['en/train-f', /train-f\.jsonl\.zst: not a whole zstd file: /],
    ['en/train-g', /train-g\.json: row 1: "text" is "1": expected a text$/],
    ['en/train-h', /no file begins with "en\/train-h"$/],
  ];
  for (const [prefix, message] of cases) {
    await assert.rejects(fetched(fixture, repository, { files: prefix, count: 5000 }), (error: Error) =>
      message.test(error.message) && !error.message.includes('\n') ? true : assert.fail(`${prefix}: ${error.message}`),
    );
  }
});

/** Files of test/fixtures/foreign, and their texts or the one line. */
const foreign: readonly (readonly [path: string, expected: readonly string[] | RegExp])[] = [
  ['json-lines/j-2028.jsonl', ['a\u2028b\u2029c\u0085d']],
  ['json-lines/j-members.jsonl.gz', ['a', 'b']],
  ['json-lines/j-badutf8.jsonl', /train-j-badutf8\.jsonl: line 1: not UTF-8$/],
  ['json-lines/j-dup.jsonl', /train-j-dup\.jsonl: line 1: "text" comes twice in one object$/],
  [
    'json-lines/j-lone.jsonl',
    /train-j-lone\.jsonl: row 1: "text" has U\+D800 at 1, half of a character: expected Unicode text$/,
  ],
  ['json-lines/j-nan.jsonl', /train-j-nan\.jsonl: line 1: not JSON: /],
  ['parquet/dictionary.parquet', Array.from({ length: 3000 }, (_, i) => `w${i % 7}`)],
  ['parquet/list-column.parquet', /cannot be read as Parquet: column "text" is nested: expected texts$/],
  ['parquet/nested-only.parquet', /cannot be read as Parquet: no column "text": found "meta"$/],
  ['parquet/null-row.parquet', /train-null-row\.parquet: row 2: "text" is "null": expected a text$/],
  [
    'parquet/damaged-page-header-never-ends.parquet',
    /train-damaged-page-header-never-ends\.parquet: decoding it takes longer than 5\.\d+ s, the limit: /,
  ],
];

/** Until the test ends, a limit of 5 s on decoding, and no other timer, comes after half a second. */
function hurry(t: TestContext): void {
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (...[call, milliseconds, ...more]: Parameters<typeof setTimeout>) =>
    setTimeout(call, Math.floor(milliseconds ?? 0) === 5000 ? 500 : milliseconds, ...more),
  );
}

test('files of others are read right, or refused in one line', async (t) => {
  const nameOf = (path: string): string => `en/train-${path.replace(/.*\//, '')}`;
  const bytesOf = (path: string): Uint8Array =>
    readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/foreign', path));
  const files = Object.fromEntries(foreign.map(([path]) => [nameOf(path), bytesOf(path)]));
  const repository = hostedRepository('dataset', 'acme/texts', files, { revisions });
  const fixture = await hubFixture(t, [repository]);
  for (const [path, expected] of foreign)
    await t.test(path, async (t) => {
      if (path.includes('never-ends')) hurry(t);
      const read = fetched(fixture, repository, { files: nameOf(path), count: 5000 });
      if (Array.isArray(expected)) assert.deepEqual(await read, expected);
      else
        await assert.rejects(read, (error: Error) => {
          t.diagnostic(error.message);
          assert.match(error.message, expected as RegExp);
          assert.doesNotMatch(error.message, /\p{Cc}/u);
          return true;
        });
    });
});

test('gzip: what follows the last member is refused; a bomb of one text ends in one line', async (t) => {
  const files = {
    'en/train-a.json.gz': Buffer.concat([gzipSync('{"text":"a"}\n'), Buffer.from('tail')]),
    'en/train-b.json.gz': gzipSync(`{"text":"${'a '.repeat(2 ** 25 + 64)}"}`),
    'en/train-c.json.gz': gzipSync(`${'['.repeat(2 ** 20)}\n`),
  };
  const repository = hostedRepository('dataset', 'acme/texts', files, { revisions });
  const fixture = await hubFixture(t, [repository]);
  for (const [prefix, message] of [
    ['en/train-a', /train-a\.json\.gz: not a whole gzip file: incorrect header check$/],
    ['en/train-b', /train-b\.json\.gz: line 1 has more than 67108864 bytes, the limit: it is no text of a data set$/],
    ['en/train-c', /train-c\.json\.gz: line 1: nested more than 100 deep$/],
  ] as const)
    await assert.rejects(fetched(fixture, repository, { files: prefix, count: 5000 }), { message });
});
