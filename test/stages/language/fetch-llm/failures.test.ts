import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { NotRun, noNetwork } from 'repro/runtime';
import { fetchCheckpoint, openCheckpoint } from '../../../../stages/language/fetch-llm/checkpoint.ts';
import { repositoryFolder, snapshotPath } from '../../../../stages/language/fetch-llm/hub/cache.ts';
import { cachedFile } from '../../../../stages/language/fetch-llm/hub/download.ts';
import { openRemote } from '../../../../stages/language/fetch-llm/hub/remote-bytes.ts';
import { resolveRepository } from '../../../../stages/language/fetch-llm/hub/repository.ts';
import { rememberRevision } from '../../../../stages/language/fetch-llm/hub/saved-listings.ts';
import { hubSettings } from '../../../../stages/language/fetch-llm/hub/settings.ts';
import { fetchTokenizer } from '../../../../stages/language/fetch-llm/tokenizer.ts';
import { optLike } from '../../../hub/checkpoint.ts';
import { hostedRepository } from '../../../hub/repository.ts';
import type { Fault } from '../../../hub/server.ts';
import { hubFixture } from './fixture.ts';

// What is told of a lost network is told without a word on the proxies of the machine that runs the tests.
for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) delete process.env[name];

const tiny = optLike(64, 16, 2 ** 20);
const repository = hostedRepository('model', 'acme/tiny', {
  ...tiny.files('torch'),
  'vocab.json': '{}',
  'merges.txt': '#version\n',
});
const path = 'pytorch_model.bin';
const hasty = { stallMilliseconds: 500, patienceMilliseconds: 800 };
const boundMilliseconds = 30_000;

/** What goes wrong with every request for the weights, and the one line it must end in. */
const failures: readonly (readonly [what: string, fault: Fault, message: RegExp])[] = [
  [
    'wrong bytes',
    { kind: 'other-bytes' },
    /^acme\/tiny\/pytorch_model\.bin: sha256 [0-9a-f]{64}: expected [0-9a-f]{64}: what was fetched is not what the hub lists$/,
  ],
  [
    'an HTML page',
    { kind: 'status', status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>' },
    /answered with a web page \(text\/html; charset=utf-8\) instead of the data: is there a proxy or a login page in between\?$/,
  ],
  [
    '401',
    { kind: 'status', status: 401 },
    /answered 401: no such repository, or a private or gated one: set HF_TOKEN to a token that may read it; if it is gated, its terms must be accepted on http:\/\/127\.0\.0\.1:\d+\/acme\/tiny$/,
  ],
  ['404', { kind: 'status', status: 404, headers: { 'x-error-code': 'EntryNotFound' } }, /answered 404: no such file$/],
  [
    '429 that lasts',
    { kind: 'status', status: 429 },
    /answered 429 \(too many requests\): given up after \d+ attempts in [\d.]+ s$/,
  ],
  [
    '429 that asks for an hour',
    { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
    /answered 429 \(too many requests\), which asks to wait 3600 s: given up after 1 attempt in [\d.]+ s$/,
  ],
  ['503', { kind: 'status', status: 503 }, /answered 503: given up after \d+ attempts in [\d.]+ s$/],
  ['418', { kind: 'status', status: 418 }, /answered 418: expected 200$/],
  [
    'a stalled socket',
    { kind: 'stall', after: 1000 },
    /the download stalled: less than 4096 bytes in 0\.5 s: given up after \d+ attempts? in [\d.]+ s$/,
  ],
  [
    'a socket that never answers',
    { kind: 'stall', after: 0 },
    /(does not answer|the download stalled): .*: given up after \d+ attempts? in [\d.]+ s$/,
  ],
  [
    'a connection that is always cut at once',
    { kind: 'cut', after: 0 },
    /(the connection broke|was closed).*: given up after \d+ attempts in [\d.]+ s$/,
  ],
];
for (const [what, fault, message] of failures) {
  test(`${what}: one line, in bounded time`, async (t) => {
    const { local, scratch, open, listed } = await hubFixture(t, [repository]);
    const listing = await listed(repository);
    // A busy machine may take a second to answer.
    const hub = open(fault.kind === 'stall' ? hasty : { ...hasty, stallMilliseconds: 20_000 });
    local.fault = () => fault;
    const started = performance.now();
    await assert.rejects(
      cachedFile(
        hub,
        listing,
        listing.files.find((file) => file.path === path)!,
        scratch,
      ),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        t.diagnostic(`${((performance.now() - started) / 1000).toFixed(2)} s: ${error.message}`);
        return true;
      },
    );
    assert.ok(performance.now() - started < boundMilliseconds);
  });
}

test('another file in the middle of a transfer is found by its entity tag', async (t) => {
  const { local, scratch, open, listed } = await hubFixture(t, [repository]);
  const hub = open();
  const listing = await listed(repository);
  local.fault = ({ earlier }) => (earlier === 0 ? { kind: 'cut', after: 200_000 } : { kind: 'other-tag' });
  await assert.rejects(
    cachedFile(
      hub,
      listing,
      listing.files.find((file) => file.path === path)!,
      scratch,
    ),
    /its entity tag was "store-[0-9a-f]{16}" and is now "another": it changed while it was fetched$/,
  );
});

test('a server without ranges serves whole files, and says so when asked for the middle of one', async (t) => {
  const { local, scratch, open, listed } = await hubFixture(t, [repository]);
  const hub = open();
  const listing = await listed(repository);
  const file = listing.files.find((candidate) => candidate.path === path)!;
  local.fault = ({ earlier }) => (earlier === 0 ? { kind: 'cut', after: 200_000 } : { kind: 'no-ranges' });
  await assert.rejects(
    cachedFile(hub, listing, file, scratch),
    /answered 200 to a request for bytes \d+ to \d+: it does not serve ranges$/,
  );
});

for (const [what, fault, settings] of [
  ['is answered, and not asked again', undefined, { stallMilliseconds: 1200 }],
  ['is broken off, and asked again', { kind: 'cut', after: 0 }, { stallMilliseconds: 400, patienceMilliseconds: 1500 }],
] as const)
  test(`time in which the process stood still is no silence of the hub: a request meanwhile ${what}`, async (t) => {
    const { local, scratch, open, listed } = await hubFixture(t, [repository]);
    const hub = open(settings);
    const listing = await listed(repository);
    const file = listing.files.find((candidate) => candidate.path === path)!;
    let asked = 0;
    local.fault = ({ earlier }) => {
      asked++;
      if (earlier > 0) return undefined;
      // The hub is of this process, too.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
      return fault;
    };
    await cachedFile(hub, listing, file, scratch);
    if (!fault) assert.equal(asked, 1);
  });

for (const [what, headers] of [
  ['Retry-After', { 'retry-after': '1' }],
  ['RateLimit', { ratelimit: '"resolvers";r=0;t=1', 'ratelimit-policy': '"fixed window";"resolvers";q=3000;w=300' }],
] as const)
  test(`a 429 that asks for a moment by ${what} is waited for`, async (t) => {
    const { local, scratch, open, listed } = await hubFixture(t, [repository]);
    const hub = open({ patienceMilliseconds: 5000 });
    const listing = await listed(repository);
    local.fault = ({ earlier }) => (earlier === 0 ? { kind: 'status', status: 429, headers } : undefined);
    const started = performance.now();
    await cachedFile(
      hub,
      listing,
      listing.files.find((file) => file.path === path)!,
      scratch,
    );
    assert.ok(performance.now() - started >= 900);
  });

test('questions to the hub fail as clearly: unknown repository and revision, a page, no answer', async (t) => {
  const { local, open } = await hubFixture(t, [repository]);
  const ask = (name: string, revision: string): Promise<unknown> =>
    resolveRepository(open(hasty), { kind: 'model', repository: name, revision, folder: '' });
  await assert.rejects(
    ask('acme/none', 'main'),
    /^NotRun: acme\/none at main: 127\.0\.0\.1:\d+ answered 401: no such repository/,
  );
  local.refuse = () => ({ kind: 'status', status: 404, headers: { 'x-error-code': 'RepoNotFound' } });
  await assert.rejects(
    ask('acme/none', 'main'),
    /^NotRun: acme\/none at main: .* answered 404: no such repository, or a private one: set HF_TOKEN/,
  );
  local.refuse = undefined;
  await assert.rejects(ask('acme/tiny', 'v2'), /^NotRun: acme\/tiny at v2: .* answered 404: no such revision$/);
  local.refuse = () => ({ kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' });
  await assert.rejects(ask('acme/tiny', 'main'), /answered with a web page/);
  local.refuse = () => ({ kind: 'status', status: 200, body: 'what?\n' });
  await assert.rejects(ask('acme/tiny', 'main'), /the hub's answer "what\?\\n" cannot be read: .*not JSON: /);
  local.refuse = () => ({ kind: 'stall', after: 0 });
  await assert.rejects(ask('acme/tiny', 'main'), /does not answer: nothing in 0\.5 s: given up after/);
});

for (const linkBase of ['http://hub.invalid', ''])
  test(`a listing that goes on at "${linkBase}/…", as a mirror may hand it on, goes on at the endpoint`, async (t) => {
    const { open, list } = await hubFixture(t, [repository], { pageSize: 2, linkBase });
    const { files } = await list(open(), repository);
    assert.deepEqual(
      files.map((file) => file.path),
      [...repository.files.keys()].sort(),
    );
  });

test('a listing that goes on nobody knows where is no listing', async (t) => {
  const { open, list } = await hubFixture(t, [repository], { pageSize: 2, linkBase: 'http://[' });
  await assert.rejects(
    list(open(), repository),
    /^HubError: acme\/tiny at main: the hub's listing goes on at "<http:\/\/\[.*: expected a URL$/,
  );
});

test('no network: not run, at once, in one line', async (t) => {
  const { open, list, local } = await hubFixture(t, [repository]);
  const started = performance.now();
  const notRun = (message: RegExp) => (error: Error) => error instanceof NotRun && message.test(error.message);
  await assert.rejects(
    list(open({ endpoint: 'http://hub.invalid' }), repository),
    notRun(
      /^no network: hub\.invalid cannot be reached \((ENOTFOUND|EAI_AGAIN)\); no complete listing of acme\/tiny at main is in the cache$/,
    ),
  );
  await assert.rejects(
    list(open({ offline: true }), repository),
    notRun(
      /^no network: acme\/tiny at main: HF_HUB_OFFLINE is set, and it is not in the cache; no complete listing of acme\/tiny at main is in the cache$/,
    ),
  );
  await local.close();
  local.close = async () => undefined;
  await assert.rejects(
    list(open(), repository),
    notRun(
      /^no network: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\); no complete listing of acme\/tiny at main is in the cache$/,
    ),
  );
  assert.ok(performance.now() - started < boundMilliseconds);
});

test('a proxy that Node does not use unasked is named', () => {
  assert.equal(noNetwork('hub cannot be reached', {}).message, 'no network: hub cannot be reached');
  assert.match(
    noNetwork('hub cannot be reached', { https_proxy: 'http://proxy' }).message,
    /^no network: hub cannot be reached; https_proxy is set: Node 24 goes through it with NODE_USE_ENV_PROXY=1$/,
  );
  assert.equal(
    noNetwork('hub cannot be reached', { HTTPS_PROXY: 'http://proxy', NODE_USE_ENV_PROXY: '1' }).message,
    'no network: hub cannot be reached',
  );
});

test('what was fetched once is found without network, as the hub listed it', async (t) => {
  const { scratch, open, list, settings, local } = await hubFixture(t, [repository], { pageSize: 2 });
  const hub = open();
  const listing = await list(hub, repository);
  assert.deepEqual(
    listing.files.map((file) => file.path),
    [...repository.files.keys()].sort(),
  );
  await rememberRevision(settings.cache, listing, 'main');
  const checkpoint = await fetchCheckpoint(hub, listing, scratch, () => undefined);
  const tokenizer = await fetchTokenizer(hub, listing, scratch);
  assert.deepEqual(tokenizer.files, { 'vocab.json': '{}', 'merges.txt': '#version\n' });
  const requests = local.requests.length;

  const offline = open({ offline: true });
  const again = await list(offline, repository);
  assert.deepEqual(again, listing);
  const source = await openCheckpoint(offline, checkpoint, scratch);
  assert.deepEqual(
    new Uint16Array((await source.readBytes('model.decoder.embed_tokens.weight', 0, 2 * 64 * 16)).buffer),
    tiny.head.data,
  );
  await source.close();
  assert.equal(local.requests.length, requests);
});

test('without network, files that happen to be in the cache are no listing: only what the hub listed is', async (t) => {
  const texts = hostedRepository('dataset', 'acme/texts', {
    'README.md': 'texts',
    'en/0.json': '{}',
    'en/1.json': '{}',
  });
  const { scratch, open, settings } = await hubFixture(t, [texts]);
  const request = { kind: 'dataset', repository: texts.name, revision: 'main', folder: 'en' } as const;
  const listing = await resolveRepository(open(), request);
  // As another library leaves it that fetched the second file alone.
  const shared = { cache: `${settings.cache}-shared` };
  await cachedFile(open(shared), listing, listing.files[1]!, scratch);
  await rememberRevision(shared.cache, listing, 'main');
  const offline = open({ ...shared, offline: true });
  const byCommit = { ...request, revision: texts.commit };
  const notRun = (error: Error): boolean =>
    error instanceof NotRun && /; no complete listing of acme\/texts\/en at \w+ is in the cache$/.test(error.message);
  for (const asked of [request, byCommit]) await assert.rejects(resolveRepository(offline, asked), notRun);

  await resolveRepository(open(shared), request);
  for (const asked of [request, byCommit]) assert.deepEqual(await resolveRepository(offline, asked), listing);
  // Another folder, kind or name is another question.
  for (const other of [{ folder: '' }, { folder: 'en/0' }, { kind: 'model' as const }, { repository: 'acme/text' }])
    await assert.rejects(resolveRepository(offline, { ...byCommit, ...other }), NotRun);

  const folder = join(repositoryFolder(shared.cache, listing), '.superposition-scaling');
  const kept = readdirSync(folder);
  assert.equal(kept.length, 1);
  writeFileSync(join(folder, kept[0]!), JSON.stringify(listing).slice(0, -20));
  await assert.rejects(resolveRepository(offline, request), notRun);
});

test('a cache that cannot be written fails no answer of the hub', async (t) => {
  const { scratch, open, list } = await hubFixture(t, [repository]);
  writeFileSync(join(scratch, 'file'), '');
  const cache = join(scratch, 'file', 'cache');
  const listing = await list(open({ cache }), repository);
  assert.equal(listing.commit, repository.commit);
  await rememberRevision(cache, listing, 'main');
  await assert.rejects(list(open({ cache, offline: true }), repository), NotRun);
});

test('a damaged file in the cache is fetched again', async (t) => {
  const { scratch, open, list, settings } = await hubFixture(t, [repository]);
  const hub = open();
  const listing = await list(hub, repository);
  const file = listing.files.find((candidate) => candidate.path === path)!;
  const cached = await cachedFile(hub, listing, file, scratch);
  assert.equal(cached, snapshotPath(settings.cache, listing, file));
  const bytes = readFileSync(cached);
  bytes[70_000]! ^= 1;
  writeFileSync(cached, bytes);
  await cachedFile(hub, listing, file, scratch);
  assert.equal(createHash('sha256').update(readFileSync(cached)).digest('hex'), file.sha256);
});

test('two that fetch one file into one cache at once do not disturb each other', async (t) => {
  const { scratch, open, listed, settings } = await hubFixture(t, [repository]);
  const listing = await listed(repository);
  const file = listing.files.find((candidate) => candidate.path === 'config.json')!;
  for (let round = 0; round < 5; round++) {
    const cache = `${settings.cache}-${round}`;
    const fetched = Array.from({ length: 8 }, async (_, i) => {
      const path = await cachedFile(open({ cache }), listing, file, join(scratch, `${round}-${i}`));
      assert.equal(readFileSync(path).length, file.size);
      assert.equal(lstatSync(path).isSymbolicLink(), true);
    });
    await Promise.all(fetched);
    const snapshot = dirname(snapshotPath(cache, listing, file));
    assert.deepEqual(readdirSync(snapshot), ['config.json']);
  }
});

test('a file that another commit has, too, is not fetched again', async (t) => {
  const { local, scratch, open, listed, settings } = await hubFixture(t, [repository]);
  const listing = await listed(repository);
  const file = listing.files.find((candidate) => candidate.path === path)!;
  await cachedFile(open(), listing, file, scratch);
  const requests = local.requests.length;
  const later = { ...listing, commit: 'f'.repeat(40) };
  const source = await openRemote(open({ offline: true }), later, file, scratch);
  assert.equal((await source.read(0, 8)).length, 8);
  await source.close();
  assert.equal(existsSync(snapshotPath(settings.cache, later, file)), false);
  const cached = await cachedFile(open({ offline: true }), later, file, scratch);
  assert.equal(cached, snapshotPath(settings.cache, later, file));
  assert.equal(realpathSync(cached), realpathSync(snapshotPath(settings.cache, listing, file)));
  assert.equal(local.requests.length, requests);
  // What is damaged there is no such file.
  const bytes = readFileSync(cached);
  bytes[70_000]! ^= 1;
  writeFileSync(realpathSync(cached), bytes);
  const last = { ...listing, commit: 'e'.repeat(40) };
  await assert.rejects(cachedFile(open({ offline: true }), last, file, scratch), /HF_HUB_OFFLINE is set/);
});

test('half a file with wrong bytes, as a power cut leaves it, is fetched from its start', async (t) => {
  const { scratch, open, listed } = await hubFixture(t, [repository]);
  const listing = await listed(repository);
  const file = listing.files.find((candidate) => candidate.path === path)!;
  writeFileSync(join(scratch, `${file.sha256}.incomplete`), new Uint8Array(100_000));
  let sum = 0;
  const cached = await cachedFile(open(), listing, file, scratch, (bytes) => void (sum += bytes));
  assert.equal(createHash('sha256').update(readFileSync(cached)).digest('hex'), file.sha256);
  assert.equal(sum, file.size);
});

test('the token goes to the hub, and not to where it redirects', async (t) => {
  const gated = hostedRepository('model', 'acme/gated', tiny.files('torch'), { token: 'secret' });
  const { local, scratch, open, list } = await hubFixture(t, [gated]);
  await assert.rejects(list(open(), gated), /no such repository, or a private or gated one: set HF_TOKEN/);
  await assert.rejects(
    list(open({ token: 'old' }), gated),
    /a private or gated one, or the token that was sent is no longer valid: set HF_TOKEN/,
  );
  const hub = open({ token: 'secret' });
  const listing = await list(hub, gated);
  await cachedFile(
    hub,
    listing,
    listing.files.find((file) => file.path === path)!,
    scratch,
  );
  const stored = local.requests.filter(({ url }) => url.includes('signature='));
  assert.ok(stored.length > 0 && stored.every(({ authorization }) => authorization === undefined));
});

test('settings come from the variables that the libraries of the hub know', async (t) => {
  const { scratch } = await hubFixture(t, []);
  mkdirSync(`${scratch}/home`);
  writeFileSync(`${scratch}/home/token`, 'from-file\n');
  assert.ok(existsSync(`${scratch}/home/token`));
  const settings = hubSettings({
    HF_ENDPOINT: 'http://mirror/',
    HF_HOME: `${scratch}/home`,
    HF_HUB_OFFLINE: '1',
    HF_HUB_DOWNLOAD_TIMEOUT: '7',
    HUB_PATIENCE: '60',
  });
  assert.deepEqual(
    {
      endpoint: settings.endpoint,
      token: settings.token,
      offline: settings.offline,
      stall: settings.stallMilliseconds,
      patience: settings.patienceMilliseconds,
    },
    { endpoint: 'http://mirror', token: 'from-file', offline: true, stall: 7000, patience: 60_000 },
  );
  assert.equal(hubSettings({ HF_TOKEN: 'a', HF_HOME: `${scratch}/home` }).token, 'a');
  assert.equal(settings.cache, join(scratch, 'home/hub'));
  const cacheOf = (environment: Record<string, string>): string => hubSettings(environment).cache;
  assert.equal(cacheOf({ HF_HUB_CACHE: '/cache', HUGGINGFACE_HUB_CACHE: '/old', HF_HOME: '/home' }), '/cache');
  assert.equal(cacheOf({ HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '/old', HF_HOME: '/home' }), '/old');
  assert.equal(
    cacheOf({ HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', HF_HOME: '', XDG_CACHE_HOME: '/xdg' }),
    '/xdg/huggingface/hub',
  );
  assert.equal(cacheOf({ HF_HOME: '', XDG_CACHE_HOME: '' }), join(homedir(), '.cache/huggingface/hub'));
  assert.equal(cacheOf({ HF_HOME: '~/hub' }), join(homedir(), 'hub/hub'));
  assert.equal(cacheOf({ HF_HUB_CACHE: '~/.cache/hub' }), join(homedir(), '.cache/hub'));
  assert.equal(cacheOf({ HF_HUB_CACHE: '/a~/b' }), '/a~/b');
  for (const HF_ENDPOINT of ['hf-mirror.com', 'localhost:8080', 'ftp://mirror'])
    assert.throws(
      () => hubSettings({ HF_ENDPOINT }),
      new Error(`HF_ENDPOINT=${HF_ENDPOINT}: expected a URL such as https://huggingface.co`),
    );
  assert.throws(() => hubSettings({ HUB_PATIENCE: 'long' }), /HUB_PATIENCE=long: expected a number of seconds above 0/);
});
