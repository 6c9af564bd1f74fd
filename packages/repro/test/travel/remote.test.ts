import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isStorageFailure } from '../../src/errors.ts';
import { asDigest, asKey } from '../../src/graph/digest.ts';
import type { Key } from '../../src/graph/digest.ts';
import type { Handle } from '../../src/graph/graph.ts';
import { checkStore } from '../../src/maintenance/check-store.ts';
import { openRemote } from '../../src/travel/remote.ts';
import { Remotes } from '../../src/travel/remote-sync.ts';
import type { RemoteLimits } from '../../src/travel/remote-limits.ts';
import type { RemoteContext, RemoteTraffic } from '../../src/travel/remote-sync.ts';
import type { Store } from '../../src/store/store.ts';
import { PuppetProject, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const make = puppetStage('make');
const mix = puppetStage('mix');
const show = puppetStage('show');

/** Three are made, one is mixed of them, and of that one is shown, which alone is published. */
function puppetProject(root: string): { project: PuppetProject; published: Handle } {
  const project = new PuppetProject(root);
  let published: Handle | undefined;
  project.build(() => {
    const made = [0, 1, 2].map((i) => make({ i }, none).out);
    const mixed = mix({}, { from: made, maybe: undefined, read: [] }).out;
    published = show({}, { from: [mixed], maybe: undefined, read: [] }).out;
  });
  return { project, published: published! };
}

/** Collects what nothing refers to any more. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a remote holds: `/ac/<key>` and `/cas/<digest>` -> bytes. */
const held = new Map<string, Buffer>();
let asked: string[] = [];
let server: Server;
let lock: string;

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

/** Short waits between attempts; the idle time is short only where a remote is silent. */
const impatient: Partial<RemoteLimits> = { idleMilliseconds: 20_000, attempts: 2, backOffMilliseconds: 1, failures: 3 };

before(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  using directory = temporaryDirectory();
  const { project } = puppetProject(directory.path);
  const run = project.start();
  await run.finishAll();
  lock = run.lock();
  const sent = await push(project.openStore(), place());
  assert.deepEqual([sent.results, sent.blobs], [5, 10], 'five outputs and five traces');
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function push(store: Store, to: string, warnings: string[] = []): Promise<RemoteTraffic> {
  const remotes = new Remotes([{ place: to }], (message) => void warnings.push(message), impatient);
  return remotes.push({ store }, store.keys());
}

interface Run {
  readonly executed: number;
  readonly cached: number;
  readonly lock: string;
  readonly warnings: readonly string[];
  readonly traffic: RemoteTraffic;
}

function contextOf(project: PuppetProject, store: Store, published: Handle, directory: string): RemoteContext {
  return {
    ...project.context(store),
    graph: project.graph,
    publication: { files: { 'show.txt': published } },
    reportDirectory: join(directory, 'reports'),
  };
}

/** A run of a fresh clone: brings what it can, runs the rest, and sends what is new. */
async function runClone(
  listener: RequestListener,
  { from = place(), limits = impatient, pushing = true } = {},
): Promise<Run> {
  using directory = temporaryDirectory();
  const { project, published } = puppetProject(directory.path);
  const store = project.openStore();
  const context = contextOf(project, store, published, directory.path);
  const warnings: string[] = [];
  const remotes = new Remotes([{ place: from }], (message) => void warnings.push(message), limits);
  asked = [];
  answer = listener;
  try {
    const traffic = await remotes.pull(context, new Set(project.graph.nodes));
    const run = project.start();
    const { executed, cached } = await run.finishAll();
    if (pushing) await remotes.push({ store: project.openStore() }, project.openStore().keys());
    assert.deepEqual(checkStore(project.openStore()).faults, []);
    assert.deepEqual(readdirSync(join(directory.path, 'artifacts/tmp')), []);
    return { executed, cached, lock: run.lock(), warnings, traffic };
  } finally {
    answer = honest;
    server.closeAllConnections();
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

test('a second clone runs nothing, fetches only what is published, and has the same lock', async () => {
  const { executed, cached, lock: its, traffic, warnings } = await runClone(honest);
  assert.deepEqual([executed, cached, warnings], [0, 5, []]);
  assert.equal(its, lock);
  assert.deepEqual([traffic.results, traffic.blobs], [5, 5 + 1], 'five traces and what is shown');
  assert.equal(asked.filter((line) => line.startsWith('GET /cas/')).length, 6);
  assert.ok(!asked.some((line) => line.startsWith('PUT')), 'it has nothing new');
});

describe('a run with a remote that is broken ends with the right result and one warning: it', () => {
  const sending =
    (change: (url: string, bytes: Buffer) => Buffer): RequestListener =>
    (request, response) => {
      const bytes = held.get(request.url!);
      if (!bytes || request.method === 'PUT') return void response.writeHead(404).end();
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : change(request.url!, bytes));
    };
  const record = (change: (text: string) => string): RequestListener =>
    sending((url, bytes) => (url.startsWith('/ac') ? Buffer.from(change(bytes.toString('utf8'))) : bytes));
  const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
  const refusingPut =
    (status: number): RequestListener =>
    (request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(request.method === 'PUT' ? status : 404).end());
    };
  const broken: Readonly<Record<string, RequestListener>> = {
    'never answers': () => undefined,
    'answers 500': (_, response) => void response.writeHead(500).end(),
    'closes the connection': (request) => void request.socket.destroy(),
    'sends other bytes': sending((url, bytes) => (url.startsWith('/cas') ? flipped(bytes) : bytes)),
    'sends half of them': sending((url, bytes) =>
      url.startsWith('/cas') ? bytes.subarray(0, bytes.length / 2) : bytes,
    ),
    'promises more than it sends': (request, response) => {
      const bytes = held.get(request.url!);
      response.writeHead(200, { 'content-length': (bytes?.length ?? 0) + 100 });
      response.write(bytes ?? '', () => response.destroy());
    },
    'stops in the middle': (request, response) => {
      const bytes = held.get(request.url!);
      response.writeHead(200, { 'content-length': (bytes?.length ?? 0) + 100 });
      response.write(bytes ?? '');
    },
    'never stops sending': (_, response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(1 << 20);
      const more = (): void => void (response.destroyed || response.write(piece, more));
      more();
    },
    'sends records of another form': record(() => '{"outputFiles":{}}'),
    'sends records that name files elsewhere': record((text) => text.replace('trace.json', '../../trace.json')),
    'sends records of impossible sizes': record((text) =>
      text.replace(/"sizeBytes":"\d+"/g, '"sizeBytes":"9007199254740991"'),
    ),
    'sends the result of another key': sending((url, bytes) =>
      url.startsWith('/ac') ? [...held].filter(([path]) => path.startsWith('/ac') && path !== url)[0]![1] : bytes,
    ),
    redirects: (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'has results and no blobs': sending((url, bytes) => (url.startsWith('/ac') ? bytes : Buffer.alloc(0))),
    'is full': refusingPut(507),
    'may only be read': refusingPut(403),
  };
  const silent = ['never answers', 'stops in the middle'];
  for (const [what, listener] of Object.entries(broken)) {
    test(what, async () => {
      const limits = silent.includes(what) ? { ...impatient, idleMilliseconds: 40 } : impatient;
      const { executed, lock: its, warnings } = await runClone(listener, { limits });
      assert.equal(executed, 5);
      assert.equal(its, lock);
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0]!, /^remote http:\/\/127\.0\.0\.1:\d+\/: .+: what it does not give is computed here$/);
    });
  }

  test('is down', async () => {
    const { executed, lock: its, warnings } = await runClone(honest, { from: 'http://127.0.0.1:2/' });
    assert.deepEqual([executed, its, warnings.length], [5, lock, 1]);
  });

  test('is slow: after some answers no more are waited for', async () => {
    const slow: RequestListener = (request, response) => void setTimeout(() => honest(request, response), 4);
    const { lock: its, warnings } = await runClone(slow, { limits: { ...impatient, slowMilliseconds: 2 } });
    assert.equal(its, lock);
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0]!, /an answer takes \d+\.\d s/);
    assert.ok(asked.length < 30, `${asked.length} requests`);
  });

  test('fails once, and is asked again', async () => {
    const failed = new Set<string>();
    const flaky: RequestListener = (request, response) => {
      const { url } = request as { url: string };
      if (failed.has(url)) return honest(request, response);
      failed.add(url);
      response.writeHead(503).end();
    };
    const limits = { ...impatient, attempts: 4 };
    const { executed, warnings } = await runClone(flaky, { limits, pushing: false });
    assert.deepEqual([executed, warnings], [0, []]);
  });

  test('loses blobs that a run needs: their nodes run, with inputs that it still has', async () => {
    const [shown, mixed] = ['show', 'mix'].map((stage) => recordOf(stage)) as [string, string];
    const bytes = `/cas/${/"hash":"([0-9a-f]+)","sizeBytes":"\d+"\},"path":"out\//.exec(held.get(mixed)!.toString())![1]!}`;
    for (const [evicted, executed] of [
      [[shown], 1],
      [[shown, bytes], 2],
    ] as const) {
      const losing: RequestListener = (request, response) =>
        evicted.includes(request.url!) ? void response.writeHead(404).end() : honest(request, response);
      const run = await runClone(losing, { pushing: false });
      assert.equal(run.lock, lock);
      assert.deepEqual([run.executed, run.warnings], [executed, []]);
    }
  });
});

/** The path of the record of a stage that has one node. */
function recordOf(stage: string): string {
  return [...held.keys()].find((path) => {
    if (!path.startsWith('/ac/')) return false;
    const trace = /"hash":"([0-9a-f]+)","sizeBytes":"\d+"\},"path":"trace\.json"/.exec(held.get(path)!.toString())![1]!;
    return (JSON.parse(held.get(`/cas/${trace}`)!.toString()) as { stage: string }).stage === stage;
  })!;
}

test('a directory is a remote too', async () => {
  using directory = temporaryDirectory();
  const { project } = puppetProject(directory.path);
  await project.start().finishAll();
  const shared = join(directory.path, 'shared');
  assert.equal((await push(project.openStore(), shared)).results, 5);
  assert.equal(readdirSync(join(shared, 'ac')).filter((name) => asKey(name)).length, 5);
  for (const from of [shared, join(directory.path, 'artifacts')]) {
    const { executed, lock: its, warnings } = await runClone(honest, { from, pushing: false });
    assert.deepEqual([executed, its, warnings], [0, lock, []]);
  }
});

test('a result whose trace is damaged is not sent: it would be in the way of whole ones', async () => {
  using directory = temporaryDirectory();
  const { project } = puppetProject(directory.path);
  await project.start().finishAll();
  const store = project.openStore();
  const [key] = store.keys();
  rmSync(store.blobPath(store.readResult(key!)!.trace.digest));
  const shared = join(directory.path, 'shared');
  assert.equal((await push(store, shared)).results, 4);
  assert.ok(!existsSync(join(shared, 'ac', key!)));
});

test('a device that fails where a directory is read is the failure of the remote, not of the store', async () => {
  // Reading its start fails as a broken disk does, with EIO.
  if (!existsSync('/proc/self/mem')) return;
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'cas'));
  symlinkSync('/proc/self/mem', join(directory.path, 'cas/a'));
  const remote = openRemote({ place: directory.path }, 1000);
  await assert.rejects(
    async () => remote.get('cas/a', 1, () => undefined),
    (error) => error instanceof Error && !isStorageFailure(error) && error.message.includes('device reports an error'),
  );
});

describe('what is large', { timeout: 20_000 }, () => {
  const size = 24 << 20;
  let made = 0;
  const blob = (): { store: Store; key: Key; digest: string; close: () => void } => {
    const directory = temporaryDirectory();
    const store = new PuppetProject(directory.path).openStore();
    const out = store.write(Buffer.alloc(size, `large ${++made} `));
    const trace = store.write('{}');
    const key = asKey(`${made}`.repeat(64))!;
    store.record(key, { out: '.txt' }, { outputs: { out }, trace });
    return { store, key, digest: out.digest, close: () => directory[Symbol.dispose]() };
  };
  /** Whether a large body was begun; resolves with its request. */
  const begun = (listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<IncomingMessage> =>
    new Promise((resolve) => {
      answer = (request, response) => {
        if (Number(request.headers['content-length']) < size || request.method !== 'PUT')
          return honest(request, response);
        resolve(request);
        listener(request, response);
      };
    });

  test('is sent for as long as it moves, also to a server that reads slowly', async () => {
    const { store, digest, close } = blob();
    collect();
    const before = process.memoryUsage().arrayBuffers;
    let kept = 0;
    let read = 0;
    void begun((request, response) => {
      const hash = createHash('sha256');
      request.on('data', (piece: Buffer) => {
        hash.update(piece);
        if (Math.floor((read + piece.length) / (1 << 20)) > Math.floor(read / (1 << 20))) {
          request.pause();
          setTimeout(() => request.resume(), 60);
        }
        read += piece.length;
      });
      request.on('end', () => {
        collect();
        kept = process.memoryUsage().arrayBuffers - before;
      });
      request.on('end', () => response.writeHead(hash.digest('hex') === digest ? 201 : 400).end());
    });
    const warnings: string[] = [];
    try {
      const remotes = new Remotes([{ place: place() }], (message) => void warnings.push(message), {
        ...impatient,
        idleMilliseconds: 600,
      });
      assert.deepEqual(await remotes.push({ store }, store.keys()), { results: 1, blobs: 2, bytes: size + 2 });
      assert.deepEqual([warnings, read], [[], size]);
      assert.ok(kept < size / 2, `${kept} bytes are kept of what was sent`);
    } finally {
      answer = honest;
      close();
    }
  });

  test('is given up where the server stops reading, and is never in memory whole', async () => {
    const { store, close } = blob();
    collect();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const measure = (): void => {
      // Without this, what was let go counts too: Node 24 collects it later than Node 20.
      collect();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    void begun((request) => {
      request.pause();
      measure();
    });
    const warnings: string[] = [];
    try {
      const limits = { ...impatient, idleMilliseconds: 300 };
      const remotes = new Remotes([{ place: place() }], (message) => void warnings.push(message), limits);
      const watch = setInterval(measure, 50);
      const { results } = await remotes.push({ store }, store.keys());
      clearInterval(watch);
      assert.equal(results, 0, 'no result without its blob');
      assert.match(warnings.join(), /cas\/[0-9a-f]+: no answer within 0\.3 s/);
      assert.ok(most < size, `${most} bytes`);
    } finally {
      answer = honest;
      server.closeAllConnections();
      close();
    }
  });

  test('is not sent where it was changed on the disk meanwhile', async () => {
    const { store, digest, close } = blob();
    let ended = false;
    void begun((request) => {
      chmodSync(store.blobPath(asDigest(digest)!), 0o644);
      const fd = openSync(store.blobPath(asDigest(digest)!), 'r+');
      writeSync(fd, 'other', size - 10);
      closeSync(fd);
      request.on('end', () => (ended = true)).resume();
    });
    const warnings: string[] = [];
    try {
      const remotes = new Remotes([{ place: place() }], (message) => void warnings.push(message), impatient);
      assert.equal((await remotes.push({ store }, store.keys())).results, 0);
      assert.match(warnings.join(), /was changed while it was sent/);
      assert.equal(ended, false, 'the server knows that it is not whole');
    } finally {
      answer = honest;
      server.closeAllConnections();
      close();
    }
  });

  test('does not keep a run that is to end: what is on its way is broken off', async () => {
    const { store, close } = blob();
    const request = begun((coming) => coming.pause());
    const remotes = new Remotes([{ place: place() }], assert.fail, impatient);
    try {
      const pushed = remotes.push({ store }, store.keys());
      const coming = await request;
      remotes.stop('asking');
      remotes.stop('all');
      assert.equal((await pushed).results, 0);
      const closed = new Promise<void>((resolve) => coming.socket.once('close', () => resolve()));
      coming.resume();
      await closed;
      assert.equal(coming.complete, false, 'it was not sent to its end');
    } finally {
      answer = honest;
      close();
    }
  });
});

test('a run that is to end waits for no answer that keeps coming', { timeout: 20_000 }, async () => {
  using directory = temporaryDirectory();
  const { project, published } = puppetProject(directory.path);
  const store = project.openStore();
  const context = contextOf(project, store, published, directory.path);
  const remotes = new Remotes([{ place: place() }], assert.fail, impatient);
  const timers: NodeJS.Timeout[] = [];
  const asked = new Promise<void>((resolve) => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1 << 20 });
      timers.push(setInterval(() => void response.write(' '), 5));
      resolve();
    };
  });
  try {
    const pulled = remotes.pull(context, new Set(project.graph.nodes));
    await asked;
    remotes.stop('asking');
    assert.equal((await pulled).results, 0);
  } finally {
    answer = honest;
    for (const timer of timers) clearInterval(timer);
    server.closeAllConnections();
  }
});
