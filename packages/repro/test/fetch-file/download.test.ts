import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { TestContext } from 'node:test';
import { file } from 'repro';
import { fetchFile } from '../../src/fetch-file/fetch-file.ts';
import { download, redirected } from '../../src/fetch-file/download.ts';

const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => `${i},${i * i}\n`).join(''));
const sha256 = createHash('sha256').update(content).digest('hex');

interface Served {
  readonly url: string;
  readonly ranges: (string | undefined)[];
  readonly partial: string;
  readonly fetched: (changed?: { sha256?: string; url?: string }) => Promise<void>;
}

/** The file on loopback, each request answered by `answer`, or whole. */
async function served(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => boolean = () => false,
): Promise<Served> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    if (answer(request, response, ranges.length - 1)) return;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = content.subarray(from);
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from ? 206 : 200, { 'content-length': body.length, ...(from ? range : {}) });
    response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'fetch-file-'));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/points.csv`;
  const partial = join(folder, 'partial');
  const fetched: Served['fetched'] = (changed) =>
    download({
      url,
      sha256,
      partial,
      signal: AbortSignal.timeout(20_000),
      waitMilliseconds: 1,
      stallMilliseconds: 1000,
      ...changed,
    });
  return { url, ranges, partial, fetched };
}

test('the file comes whole, through a redirect', async (t) => {
  const { fetched, partial } = await served(t, (_, response, count) => {
    if (count === 0) response.writeHead(302, { location: '/elsewhere' }).end();
    return count === 0;
  });
  await fetched();
  assert.deepEqual(readFileSync(partial), content);
});

test('a connection that breaks is gone on with where it broke, and so is the part of an earlier run', async (t) => {
  const { fetched, partial, ranges } = await served(t, (_, response, count) => {
    if (count > 0) return false;
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 10_000), () => response.socket?.destroySoon());
    return true;
  });
  await fetched();
  assert.deepEqual(readFileSync(partial), content);
  // What the socket still held when it broke may be lost: then it begins anew.
  assert.ok(ranges.length === 2 && [undefined, 'bytes=10000-'].includes(ranges[1]));
  writeFileSync(partial, content.subarray(0, 77));
  await fetched();
  assert.deepEqual([readFileSync(partial), ranges.at(-1)], [content, 'bytes=77-']);
});

test('a server that encodes what nobody asked it to: the file is decoded, and a part of it is not gone on with', async (t) => {
  const encoded = gzipSync(content);
  const { fetched, partial, ranges } = await served(t, (_, response, count) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': encoded.length });
    if (count === 0) response.write(encoded.subarray(0, encoded.length / 2), () => response.socket?.destroySoon());
    else response.end(encoded);
    return true;
  });
  await fetched();
  assert.deepEqual(readFileSync(partial), content);
  assert.deepEqual(ranges, [undefined, undefined]);
  await assert.rejects(fetched({ sha256: createHash('sha256').update(encoded).digest('hex') }), {
    message:
      /expected [0-9a-f]{64}: the file was changed .*, or that is the digest of what the server sends, .* \(gzip\)$/,
  });
});

test('a server without ranges sends it from its start', async (t) => {
  const { fetched, partial } = await served(t, (_, response) => {
    response.writeHead(200, { 'content-length': content.length }).end(content);
    return true;
  });
  writeFileSync(partial, 'xyz');
  await fetched();
  assert.deepEqual(readFileSync(partial), content);
});

for (const [what, answer, message] of [
  [
    'cut short every time',
    (response: ServerResponse) => response.writeHead(200, { 'content-length': 9 }).end('abc'),
    /given up after 5 attempts$/,
  ],
  ['never answered', () => undefined, /nothing came for 1 s: given up after 5 attempts$/],
  [
    'not there',
    (response: ServerResponse) => response.writeHead(404).end(),
    /points\.csv: 127\.0\.0\.1:\d+ answered 404: expected the file$/,
  ],
  [
    'a server that is busy',
    (response: ServerResponse) => response.writeHead(503).end(),
    /answered 503: given up after 5 attempts$/,
  ],
  [
    'redirected for ever',
    (response: ServerResponse) => response.writeHead(302, { location: '/x' }).end(),
    /more than 5 redirects$/,
  ],
] as const)
  test(`${what}: one line`, async (t) => {
    const { fetched } = await served(t, (_, response) => {
      answer(response);
      return true;
    });
    await assert.rejects(fetched(), (error: Error) => message.test(error.message) && !error.message.includes('\n'));
  });

test('another digest: one line, and nothing is kept', async (t) => {
  const { fetched, partial } = await served(t);
  await assert.rejects(fetched({ sha256: 'a'.repeat(64) }), {
    message: /: sha256 [0-9a-f]{64}: expected a{64}: the file was changed there or on its way$/,
    stack: '',
  });
  assert.ok(!existsSync(partial));
});

test('without network: not run', async (t) => {
  const { fetched } = await served(t);
  const closed = createServer();
  await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => void closed.close(resolve));
  await assert.rejects(fetched({ url: `http://127.0.0.1:${port}/x` }), {
    name: 'NotRun',
    message: `no network: 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
  });
  await assert.rejects(fetched({ url: 'http://host.invalid/x' }), { name: 'NotRun' });
});

test('a redirect out of https, a URL that is none and a digest that is none are refused', () => {
  const from = new URL('https://a.example/x');
  assert.equal(redirected('u', from, 'https://b.example/').href, 'https://b.example/');
  assert.throws(
    () => redirected('u', from, 'http://b.example/'),
    /a\.example redirects to http:\/\/b\.example: refused/,
  );
  const type = file('points', '.csv');
  assert.throws(
    () => fetchFile({ url: 'file:///etc/passwd', sha256 }, type),
    /^InputError: fetchFile: url .*expected one of http/,
  );
  assert.throws(() => fetchFile({ url: 'https://a.example/x', sha256: 'abc' }, type), /expected 64 hexadecimal digits/);
});
