import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../src/errors.ts';
import { keyOfText, sha256 } from '../../src/graph/digest.ts';
import type { Digest } from '../../src/graph/digest.ts';
import { Store } from '../../src/store/store.ts';
import type { BlobReference } from '../../src/store/store.ts';
import { readOrdinary, readOrdinaryText, writeAtomically } from '../../src/store/files.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = new Store(join(directory.path, 'artifacts'));
});
afterEach(() => directory[Symbol.dispose]());

const key = keyOfText('a key');
function made(text: string, name = 'out.txt'): string {
  const path = join(directory.path, name);
  writeFileSync(path, text);
  return path;
}
/** Records a result of one output with these bytes; returns its blob. */
function record(text: string, under = key): BlobReference {
  const out = store.ingest(made(text));
  store.record(under, { out: '.txt' }, { outputs: { out }, trace: store.write('{}') });
  return out;
}
function reopened(): Store {
  store.close();
  return (store = new Store(store.directory));
}
/** A store that remembers nothing of what it verified is slower and no less right. */
function overwrite(digest: Digest, bytes: string): void {
  chmodSync(store.blobPath(digest), 0o644);
  writeFileSync(store.blobPath(digest), bytes);
}

describe('the content of a file', () => {
  test('is whole, whatever its size, and stays when another file is read', () => {
    const texts = ['', 'ü', 'a'.repeat(65_535), 'b'.repeat(65_536), 'c'.repeat(200_000)];
    const paths = texts.map((text, i) => made(text, `file${i}`));
    assert.deepEqual(paths.map(readOrdinaryText), texts);
    assert.deepEqual(paths.map(readOrdinary).map(String), texts);
  });

  test('is not that of a folder, a pipe or a device, and nobody waits for it', () => {
    const pipe = join(directory.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [directory.path, pipe, '/dev/zero', '/dev/null', join(directory.path, 'absent')])
      assert.equal(readOrdinary(path), undefined, path);
  });
});

describe('what is taken in', () => {
  test('is under the digest of its bytes, cannot be written to, and is gone from where it was', () => {
    const path = made('bytes');
    const blob = store.ingest(path);
    assert.deepEqual(blob, { digest: sha256('bytes'), size: 5 });
    assert.equal(readFileSync(store.blobPath(blob.digest), 'utf8'), 'bytes');
    assert.equal(statSync(store.blobPath(blob.digest)).mode & 0o222, 0);
    assert.ok(!existsSync(path));
  });

  test('twice, is there once', () => {
    const first = store.ingest(made('bytes'));
    const inode = statSync(store.blobPath(first.digest)).ino;
    assert.deepEqual(store.ingest(made('bytes')), first);
    assert.equal(statSync(store.blobPath(first.digest)).ino, inode);
    assert.deepEqual(store.blobs(), [first.digest]);
  });

  test('may be read-only, a copy of an input, or a link to it', () => {
    const { digest } = store.ingest(made('bytes'));
    const copy = made('bytes', 'copy');
    chmodSync(copy, 0o444);
    assert.equal(store.ingest(copy).digest, digest);
    const other = made('other', 'other');
    chmodSync(other, 0o444);
    store.ingest(other);
    linkSync(store.blobPath(digest), join(directory.path, 'link'));
    assert.equal(store.ingest(join(directory.path, 'link')).digest, digest);
    assert.equal(readFileSync(store.blobPath(digest), 'utf8'), 'bytes');
  });

  test('is a file of its own where it has another name, which stays as it is', () => {
    const mine = made('mine', 'mine');
    linkSync(mine, join(directory.path, 'out'));
    const blob = store.ingest(join(directory.path, 'out'));
    assert.equal(statSync(mine).mode & 0o200, 0o200);
    writeFileSync(mine, 'MINE');
    assert.equal(store.verify(blob), 'intact');
    linkSync(store.blobPath(blob.digest), join(directory.path, 'out'));
    store.ingest(join(directory.path, 'out'));
    assert.equal(statSync(store.blobPath(blob.digest)).mode & 0o222, 0);
  });

  test('replaces a damaged blob of the same digest, whether it is a file or text', () => {
    const { digest } = store.ingest(made('bytes'));
    overwrite(digest, 'BYTES');
    store.ingest(made('bytes'));
    assert.equal(readFileSync(store.blobPath(digest), 'utf8'), 'bytes');
    const text = store.write('a trace');
    overwrite(text.digest, 'a truce');
    store.write('a trace');
    assert.equal(readFileSync(store.blobPath(text.digest), 'utf8'), 'a trace');
    assert.deepEqual(reopened().verify(text), 'intact');
  });
});

describe('a result', () => {
  test('is found with its outputs, also by another process', () => {
    const out = record('bytes');
    for (const each of [store, reopened()]) {
      const { result } = each.lookup(key);
      assert.deepEqual(result?.outputs, { out });
      assert.equal(Buffer.from(each.read(result.trace)!).toString(), '{}');
    }
    assert.deepEqual(store.keys(), [key]);
  });

  test('has the form of an ActionResult, so that any such server can hold it', () => {
    const { digest, size } = record('bytes');
    const trace = sha256('{}');
    assert.deepEqual(JSON.parse(readFileSync(join(store.directory, 'ac', key), 'utf8')), {
      exitCode: 0,
      outputFiles: [
        { path: 'out/out.txt', digest: { hash: digest, sizeBytes: String(size) } },
        { path: 'trace.json', digest: { hash: trace, sizeBytes: '2' } },
      ],
    });
  });

  for (const [what, damage] of Object.entries<(bytes: string) => string>({
    'a flipped bit': (bytes) => String.fromCharCode(bytes.charCodeAt(0) ^ 1) + bytes.slice(1),
    'a lost end': (bytes) => bytes.slice(0, -1),
    'a longer end': (bytes) => bytes + '!',
    'no bytes at all': () => '',
  })) {
    test(`whose blob has ${what} is none; the blob is named and removed`, () => {
      const { digest } = record('bytes');
      overwrite(digest, damage('bytes'));
      assert.deepEqual(store.lookup(key), { result: undefined, why: 'damaged' });
      assert.deepEqual(
        store.damaged.map((each) => each.digest),
        [digest],
      );
      assert.ok(!existsSync(store.blobPath(digest)));
      assert.deepEqual(reopened().lookup(key), { result: undefined, why: 'incomplete' });
    });
  }

  test('whose blob was changed and given its old modification time is found out all the same', () => {
    const { digest } = record('bytes');
    utimesSync(store.blobPath(digest), 1_000, 1_000);
    assert.ok(store.lookup(key).result);
    overwrite(digest, 'BYTES');
    utimesSync(store.blobPath(digest), 1_000, 1_000);
    assert.equal(reopened().lookup(key).result, undefined);
  });

  test('whose entry is cut anywhere, or has any one character changed, is none or is the same', () => {
    const out = record('bytes');
    const path = join(store.directory, 'ac', key);
    const text = readFileSync(path, 'utf8');
    chmodSync(path, 0o644);
    const intact = (): void => {
      const found = store.lookup(key).result;
      if (found && 'out' in found.outputs) assert.deepEqual(found.outputs['out'], out);
    };
    for (let at = 0; at < text.length; at++) {
      writeFileSync(path, text.slice(0, at));
      intact();
      writeFileSync(path, text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1));
      intact();
    }
    assert.ok(existsSync(store.blobPath(out.digest)), 'a damaged entry does no harm to a good blob');
    assert.deepEqual(store.damaged, []);
  });

  test('is never found before its blobs are: no entry, or a blob that is not there, is no hit', () => {
    const { digest } = store.ingest(made('bytes'));
    assert.deepEqual(store.lookup(key), { result: undefined, why: 'absent' });
    record('bytes');
    rmSync(store.blobPath(digest));
    assert.deepEqual(reopened().lookup(key), { result: undefined, why: 'incomplete' });
  });
});

describe('what a store remembers of its blobs', () => {
  test('spares hashing them again; any damage to that memory costs hashing only', () => {
    const { digest } = record('bytes');
    const memory = join(reopened().directory, 'blob-index');
    const text = readFileSync(memory, 'utf8');
    for (const damaged of [
      '',
      text.slice(0, -1),
      text.slice(0, 70),
      'x'.repeat(500),
      text.replaceAll(/\d/g, '1'),
      text.replaceAll('\n', ' '),
    ]) {
      writeFileSync(memory, damaged);
      assert.ok(reopened().lookup(key).result, damaged);
    }
    writeFileSync(memory, text.replaceAll(/\d/g, '1'));
    overwrite(digest, 'BYTES');
    assert.equal(reopened().lookup(key).result, undefined);
  });

  test('stays in proportion to the blobs, however often they are seen anew', () => {
    const blob = store.ingest(made('bytes'));
    for (let i = 0; i < 3000; i++) {
      utimesSync(store.blobPath(blob.digest), i, i);
      store.verify(blob);
    }
    store.close();
    assert.ok(readFileSync(join(store.directory, 'blob-index'), 'utf8').split('\n').length < 1500);
  });
});

describe('a path that can hold no store', () => {
  test('is one clear error', () => {
    const path = made('a file');
    for (const wrong of [path, join(path, 'below')]) {
      assert.throws(
        () => new Store(wrong),
        new InputError(`store ${wrong}: a part of the path is a file: expected a directory that can be written to`),
      );
    }
  });
});

describe('atomic writing', () => {
  test('a reader sees the old content or the new, never a part', async () => {
    const path = join(directory.path, 'file');
    const contents = ['a', 'b'].map((letter) => letter.repeat(200_000));
    writeAtomically(path, contents[0]!);
    const reader = new Worker(
      `const { readFileSync } = require('node:fs'); const { parentPort, workerData } = require('node:worker_threads');
       let over = false; parentPort.on('message', () => (over = true)); parentPort.postMessage('ready');
       const seen = new Set(); let wrong = 0;
       const read = () => { for (let i = 0; i < 20; i++) { const text = readFileSync(workerData, 'utf8'); if (text.length !== 200000 || new Set(text).size !== 1) wrong++; seen.add(text[0]); }
         if (over) { parentPort.postMessage({ wrong, seen: seen.size }); process.exit(); } setImmediate(read); };
       read();`,
      { eval: true, workerData: path },
    );
    await once(reader, 'message');
    for (let i = 0; i < 200; i++) {
      writeAtomically(path, contents[i % 2]!);
      await new Promise(setImmediate);
    }
    reader.postMessage('over');
    const [{ wrong }] = (await once(reader, 'message')) as [{ wrong: number }];
    assert.equal(wrong, 0);
  });

  test('that fails leaves the old content and no litter', () => {
    const path = join(directory.path, 'taken');
    mkdirSync(join(path, 'inside'), { recursive: true });
    assert.throws(() => writeAtomically(path, 'text'));
    assert.deepEqual(readdirSync(directory.path).sort(), ['artifacts', 'taken']);
  });

  test('appended lines of a second writer do not spoil those of the first', () => {
    const other = new Store(store.directory);
    const blobs = ['one', 'two', 'three'].map((text, i) => (i % 2 ? other : store).ingest(made(text)));
    store.close();
    other.close();
    appendFileSync(join(store.directory, 'blob-index'), 'half a li');
    const fresh = new Store(store.directory);
    for (const blob of blobs) assert.equal(fresh.verify(blob), 'intact');
    assert.deepEqual(fresh.damaged, []);
  });
});
