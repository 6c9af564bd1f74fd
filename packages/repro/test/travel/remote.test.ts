import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Project } from '../project.ts';
import { reportProject } from '../publish/report-project.ts';

let origin: Project;
/** What a remote holds: `/ac/<key>` and `/cas/<digest>` -> bytes. */
const held = new Map<string, Buffer>();
let asked: string[] = [];
let server: Server;

const honest: RequestListener = (request, response) => {
  const { method, url } = request as { method: string; url: string };
  asked.push(`${method} ${url}`);
  if (method === 'PUT') {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      held.set(url, Buffer.concat(pieces));
      response.writeHead(201).end();
    });
    return;
  }
  const bytes = held.get(url);
  if (!bytes) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': bytes.length }).end(method === 'HEAD' ? undefined : bytes);
};
let answer: RequestListener = honest;
const place = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

before(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = reportProject();
  const { code, stdout, stderr } = await origin.run('run', '--remote', place(), '--push');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /remote: 6 results, \d+ blobs, \d+ bytes sent/);
});
after(() => {
  server.closeAllConnections();
  server.close();
  origin.close();
});

async function withClone(body: (clone: Project) => Promise<void>): Promise<void> {
  const clone = reportProject();
  asked = [];
  try {
    await body(clone);
  } finally {
    answer = honest;
    clone.close();
  }
}

test('results are sent after their blobs', () => {
  const puts = [...held.keys()];
  for (const path of puts.filter((each) => each.startsWith('/ac/'))) {
    const text = held.get(path)!.toString('utf8');
    for (const [, digest] of text.matchAll(/"hash":"([0-9a-f]+)"/g))
      assert.ok(puts.indexOf(`/cas/${digest!}`) < puts.indexOf(path), 'a blob came after its result');
  }
});

test('a second clone runs nothing, fetches only what is published, and has the same lock', () =>
  withClone(async (clone) => {
    const { code, stdout } = await clone.run('run', '--remote', place());
    assert.equal(code, 0, stdout);
    assert.match(stdout, /done: 0 executed, 6 cached/);
    assert.equal(clone.read('reports/quick/lock.json'), origin.read('reports/quick/lock.json'));
    const bytes = new Set(asked.filter((line) => line.startsWith('GET /cas/')));
    assert.equal(bytes.size, 6 + 6, 'six traces and six published files, and not the numbers that were added up');
    assert.ok(!asked.some((line) => line.startsWith('PUT')), 'nothing is sent unless asked for');
    asked = [];
    assert.match((await clone.run('run', '--remote', place())).stdout, /done: 0 executed, 6 cached/);
    assert.deepEqual(asked, [], 'what is fresh is not asked for');
  }));

test('a directory is a remote too', () =>
  withClone(async (clone) => {
    const { code, stdout } = await clone.run('run', '--remote', origin.path('artifacts'));
    assert.equal(code, 0, stdout);
    assert.match(stdout, /done: 0 executed, 6 cached/);
    rmSync(clone.path('artifacts'), { recursive: true });
    await origin.run('run', '--remote', clone.path('shared'), '--push');
    assert.equal(readdirSync(clone.path('shared/ac')).length, 6);
    assert.match((await clone.run('run', '--remote', 'shared')).stdout, /done: 0 executed, 6 cached/);
  }));

describe('a run beside a remote that is broken ends with the right result and one warning: it', () => {
  const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
  const sending =
    (change: (url: string, bytes: Buffer) => Buffer): RequestListener =>
    (request, response) => {
      const bytes = held.get(request.url!);
      if (!bytes) return void response.writeHead(404).end();
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : change(request.url!, bytes));
    };
  const broken: Readonly<Record<string, RequestListener>> = {
    'answers 500': (_, response) => void response.writeHead(500).end(),
    'closes the connection': (request) => void request.socket.destroy(),
    'sends other bytes': sending((url, bytes) => (url.startsWith('/cas') ? flipped(bytes) : bytes)),
    'sends half of them': sending((url, bytes) =>
      url.startsWith('/cas') ? bytes.subarray(0, bytes.length / 2) : bytes,
    ),
    'promises more than it sends': (request, response) => {
      const bytes = held.get(request.url!);
      response.writeHead(200, { 'content-length': (bytes?.length ?? 0) + 100 });
      response.write(bytes ?? '');
      setTimeout(() => response.destroy(), 20);
    },
    'never stops sending': (_, response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(1 << 20);
      const more = (): void => void (response.destroyed || response.write(piece, more));
      more();
    },
    'sends records of another form': sending((url, bytes) =>
      url.startsWith('/ac') ? Buffer.from('{"outputFiles":{}}') : bytes,
    ),
    'sends the result of another key': sending((url, bytes) =>
      url.startsWith('/ac') ? [...held].filter(([path]) => path.startsWith('/ac') && path !== url)[0]![1] : bytes,
    ),
    redirects: (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'has results and no blobs': sending((url, bytes) => (url.startsWith('/ac') ? bytes : Buffer.alloc(0))),
    'takes nothing': (request, response) =>
      request.method === 'PUT' ? void response.writeHead(507).end() : void response.writeHead(404).end(),
  };
  for (const [what, listener] of Object.entries(broken)) {
    test(what, () =>
      withClone(async (clone) => {
        answer = listener;
        const { code, stdout } = await clone.run('run', '--remote', place(), '--push');
        assert.equal(code, 0, stdout);
        assert.match(stdout, /done: 6 executed/);
        assert.equal(stdout.split('\n').filter((line) => line.includes('warning')).length, 1, stdout);
        assert.equal(clone.read('reports/quick/lock.json'), origin.read('reports/quick/lock.json'));
        assert.match((await clone.run('check-store')).stdout, /all intact/);
      }),
    );
  }

  test('is down', () =>
    withClone(async (clone) => {
      const { code, stdout } = await clone.run('run', '--remote', 'http://127.0.0.1:1/');
      assert.equal(code, 0);
      assert.match(stdout, /warning: remote http:\/\/127\.0\.0\.1:1\/: /);
      assert.match(stdout, /done: 6 executed/);
    }));

  test('loses blobs that a result names', () =>
    withClone(async (clone) => {
      const sum = [...held].find(([path, bytes]) => path.startsWith('/cas') && bytes.toString() === '{"v":9}\n')!;
      held.delete(sum[0]);
      const { stdout } = await clone.run('run', '--remote', place());
      held.set(...sum);
      assert.match(stdout, /done: 4 executed, 2 cached/, 'the sum, and the numbers that it adds up');
      assert.equal(clone.read('reports/quick/lock.json'), origin.read('reports/quick/lock.json'));
    }));
});
