/**
 * Every reader of bytes from elsewhere and every record: seeds, which are valid, and a reading of the bytes that throws
 * an Error for what it refuses, and `WronglyAccepted` for what it should have refused.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openTorch } from '../../numerics/checkpoints/torch-source.ts';
import { readDirectory, readEntry } from '../../numerics/checkpoints/zip.ts';
import { readPickledTensors } from '../../numerics/checkpoints/pickle.ts';
import { dtypeBytes } from '../../numerics/checkpoints/dtypes.ts';
import { decodeSafetensors, encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import { readSafetensorsHeader } from '../../numerics/checkpoints/safetensors-source.ts';
import { checkShardIndex } from '../../numerics/checkpoints/sharded-source.ts';
import { tensorBytes } from '../../numerics/checkpoints/tensor-source.ts';
import { decodeUtf8, parseForeignJson } from '../../numerics/foreign/json.ts';
import { languageModel } from '../../numerics/language-models/configuration.ts';
import { textTokenizer } from '../../numerics/tokenizers/tokenizer.ts';
import { parseJson } from '../../packages/repro/src/params/parse-json.ts';
import { parseLock } from '../../packages/repro/src/publish/lock.ts';
import { BlobIndex } from '../../packages/repro/src/store/blob-index.ts';
import { readNames } from '../../packages/repro/src/store/by-name.ts';
import { parseActionResult } from '../../packages/repro/src/store/records.ts';
import { readRuns } from '../../packages/repro/src/store/root.ts';
import { checkListing, isPlainPath } from '../../stages/language/fetch-llm/hub/validate.ts';
import { jsonRows } from '../../stages/language/fetch-llm/texts/lines.ts';
import { columnValues } from '../../stages/language/fetch-llm/texts/parquet.ts';
import { memoryBytes } from '../numerics/checkpoints/memory-bytes.ts';

export interface Reader {
  readonly seeds: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /** `directory`: where records that are read from files may be written. */
  readonly read: (bytes: Uint8Array, directory: string) => Promise<void> | void;
}

class WronglyAccepted extends Error {
  override readonly name = 'WronglyAccepted';
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new WronglyAccepted(what);
}

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const file = (path: string): Uint8Array => readFileSync(join(root, path));
const foreign = (...names: string[]): Uint8Array[] => names.map((name) => file(`test/fixtures/foreign/${name}`));
const text = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const json = (bytes: Uint8Array): unknown => parseForeignJson(decodeUtf8(bytes));
const [digest, commit] = ['a'.repeat(64), 'b'.repeat(40)];

/** What is accepted must be what JSON.parse makes of it. */
function alike(bytes: Uint8Array, value: unknown): void {
  try {
    assert.deepEqual(value, JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new WronglyAccepted('JSON.parse reads it otherwise');
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function lines(name: string, bytes: Uint8Array): Promise<void> {
  for await (const row of jsonRows(name, once(bytes))) {
    must(typeof row === 'object' && row !== null && !Array.isArray(row), 'a row is no object');
  }
}

/** A zstd frame of one block that is stored as it is. */
function zstdFrame(content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length, 0, 0, 0]);
  header.writeUIntLE((content.length << 3) | 1, 6, 3);
  return Buffer.concat([header, content]);
}

const rows = text('{"text":"a b"}\n{"text":"\\u00e9","n":[1,2]}\n');
const torchSeeds = foreign('torch/t-tied.bin', 'torch/t-extra-int.bin', 'torch/t-noncontig.bin');
const configurations = ['qwen2.5', 'gpt2', 'opt', 'pythia'].map((one) =>
  file(`test/fixtures/llm/models/${one}/f32/config.json`),
);

export const readers: Readonly<Record<string, Reader>> = {
  safetensors: {
    seeds: () => [
      encodeSafetensors(
        {
          w: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
          b: { dtype: 'I8', shape: [3], data: Int8Array.of(1, 2, 3) },
        },
        { origin: 'test' },
      ),
    ],
    async read(bytes) {
      const places = await readSafetensorsHeader(memoryBytes('x', bytes));
      for (const place of places)
        must(place.begin >= 8 && place.begin + tensorBytes(place) <= bytes.length, 'a tensor beyond its file');
      must(Object.keys(decodeSafetensors(bytes).tensors).length === places.length, 'two readings differ');
    },
  },
  torch: {
    seeds: () => torchSeeds,
    async read(bytes) {
      const source = await openTorch(memoryBytes('x', bytes));
      for (const [name, entry] of source.entries())
        must((await source.readBytes(name, 0, tensorBytes(entry))).length === tensorBytes(entry), 'a tensor cut short');
    },
  },
  pickle: {
    seeds: () =>
      Promise.all(
        torchSeeds.map(async (seed) => {
          const source = memoryBytes('x', seed);
          const entries = [...(await readDirectory(source)).values()];
          return readEntry(
            source,
            entries.find(({ name }) => name.endsWith('data.pkl'))!,
            2 ** 20,
          );
        }),
      ),
    read(bytes) {
      for (const { shape, strides, offset, storageLength, dtype } of readPickledTensors(bytes).values()) {
        const last = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, offset);
        must(shape.includes(0) || (last >= 0 && last < storageLength), 'a tensor beyond its storage');
        must(Object.hasOwn(dtypeBytes, dtype), 'a type that is none');
      }
    },
  },
  'shard index': {
    seeds: () => [
      text({ metadata: { total_size: 4 }, weight_map: { 'a.weight': 'model-1.safetensors', b: 'model-2.bin' } }),
    ],
    read(bytes) {
      for (const path of Object.values(checkShardIndex('x', json(bytes))))
        must(isPlainPath(path) && !path.includes('/'), 'a path out of its folder');
    },
  },
  parquet: {
    seeds: () => foreign('parquet/null-row.parquet', 'parquet/dictionary.parquet', 'parquet/nested-only.parquet'),
    async read(bytes) {
      const source = memoryBytes('x', bytes);
      let count = 0;
      for await (const _ of columnValues(bytes.length, 'text', (begin, end) => source.read(begin, end))) count++;
      must(count <= 2 ** 24, 'more rows than there may be');
    },
  },
  'JSON lines': {
    seeds: () => [rows, ...foreign('json-lines/j-2028.jsonl')],
    read: (bytes) => lines('x.jsonl', bytes),
  },
  gzip: {
    seeds: () => [gzipSync(rows), ...foreign('json-lines/j-members.jsonl.gz')],
    read: (bytes) => lines('x.jsonl.gz', bytes),
  },
  zstd: { seeds: () => [zstdFrame(rows)], read: (bytes) => lines('x.jsonl.zst', bytes) },
  'tokenizer.json': {
    seeds: () => [
      text({
        added_tokens: [
          { id: 2, content: '<s>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
        ],
        normalizer: { type: 'NFC' },
        pre_tokenizer: { type: 'Split', pattern: { Regex: "'s| ?\\p{L}+|\\s+" }, behavior: 'Isolated', invert: false },
        post_processor: null,
        decoder: null,
        model: { type: 'BPE', vocab: { a: 0, b: 1, '<s>': 2, ab: 3 }, merges: ['a b'] },
      }),
    ],
    read(bytes) {
      const tokenizer = textTokenizer({ 'tokenizer.json': decodeUtf8(bytes) }, 'x');
      for (const some of ['ab b a', '<s>aab', `${'a'.repeat(40)}!`]) tokenizer.encode(some, { special: true });
    },
  },
  'config.json': {
    seeds: () => [...configurations, ...foreign('configs/qwen2-rope-parameters.json')],
    read(bytes) {
      const members = json(bytes) as Record<string, unknown>;
      alike(bytes, members);
      languageModel(members, 'x');
      let isRefused = false;
      try {
        languageModel({ ...members, not_a_member: 1 }, 'x');
      } catch {
        isRefused = true;
      }
      must(isRefused, 'a member that is not known');
    },
  },
  'hub answer': {
    seeds: () => [
      text({
        kind: 'model',
        repository: 'a/b',
        commit,
        folder: '',
        files: [
          { path: 'c/d.json', size: 3, sha256: digest, gitOid: commit },
          { path: 'e', size: 0, sha256: null, gitOid: commit },
        ],
      }),
    ],
    read(bytes) {
      const listing = checkListing('x', json(bytes));
      must(
        listing.files.every(({ path }) => isPlainPath(path) && !join('/a', path).startsWith('/b')),
        'a path',
      );
      must(/^[0-9a-f]{40}$/.test(listing.commit) && !listing.repository.includes('..'), 'a name');
    },
  },
  params: {
    seeds: () => [file('params/ci.json'), text({ extends: 'quick', small: { n: 5, gamma: [-1, '5/9'] } })],
    read: (bytes) => alike(bytes, parseJson(decodeUtf8(bytes), 'x.json')),
  },
  claims: {
    seeds: () => [
      text({
        claims: (JSON.parse(decodeUtf8(file('params/claims.json'))) as { claims: unknown[] }).claims.slice(0, 2),
      }),
      text([{ id: 'a', sentence: 'b', parts: [{ rule: { kind: 'share', at: 0.5 } }] }]),
    ],
    read: (bytes) => alike(bytes, parseJson(decodeUtf8(bytes), 'claims.json')),
  },
  lock: {
    seeds: () => [
      text({
        lockVersion: 2,
        nodes: { 'a[b=1]': { key: digest, outputs: { out: digest } } },
        pins: { 'resolve {}': `${commit} ${digest}` },
        published: { 'report.md': { node: 'a', output: 'out' } },
      }),
    ],
    read(bytes) {
      const lock = parseLock(decodeUtf8(bytes));
      if (!lock) throw new Error('no lock');
      must(
        Object.values(lock.nodes).every(({ key }) => /^[0-9a-f]{64}$/.test(key)),
        'a key that is none',
      );
      must(
        Object.keys(lock.published ?? {}).every((path) => join('/a', path).startsWith('/a/')),
        'a path out of its folder',
      );
    },
  },
  ac: {
    seeds: () => [
      text({
        exitCode: 0,
        outputFiles: [
          { path: 'loss/loss.json', digest: { hash: digest, sizeBytes: '12' } },
          { path: 'trace.json', digest: { hash: digest, sizeBytes: 7 } },
        ],
      }),
    ],
    read(bytes) {
      const result = parseActionResult(decodeUtf8(bytes));
      if (!result) throw new Error('no result');
      for (const { digest: hash, size } of [result.trace, ...Object.values(result.outputs)])
        must(/^[0-9a-f]{64}$/.test(hash) && Number.isSafeInteger(size) && size >= 0, 'a reference that is none');
    },
  },
  'by-name': {
    seeds: () => [
      text(
        `\n${JSON.stringify({ node: 'a', key: digest, state: 'done', outputs: { out: { digest, size: 3 } }, trace: { digest, size: 4 }, at: 5 })}\n${JSON.stringify({ node: 'b', key: '', state: 'failed', message: 'no' })}`,
      ),
    ],
    read(bytes, directory) {
      writeFileSync(join(directory, 'names.jsonl'), bytes);
      for (const { key } of readNames(directory).records.values())
        must(key === '' || /^[0-9a-f]{64}$/.test(key), 'a key that is none');
    },
  },
  runs: {
    seeds: () => [
      text({ finishedAt: '2026-01-01T00:00:00.000Z', complete: true, lock: digest, keys: [digest, digest] }),
    ],
    read(bytes, directory) {
      mkdirSync(join(directory, 'runs'), { recursive: true });
      writeFileSync(join(directory, 'runs', '2026-01-01T000000.000Z_aaaaaaaaaaaaaaaa.json'), bytes);
      for (const { keys } of readRuns(directory))
        must(
          keys.every((key) => /^[0-9a-f]{64}$/.test(key)),
          'a key that is none',
        );
    },
  },
  'blob index': {
    seeds: () => [text(`${digest} 12 1700000000000 1700000000001 5\n${'c'.repeat(64)} 1 2 3 4\n`)],
    read(bytes, directory) {
      const path = join(directory, 'blobs.idx');
      writeFileSync(path, bytes);
      new BlobIndex(path, true).forget(digest);
    },
  },
};
