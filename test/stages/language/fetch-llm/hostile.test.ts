import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { HubRepositoryContent } from '../../../../stages/toy/artifacts.ts';
import { fetchCheckpoint, openCheckpoint } from '../../../../stages/language/fetch-llm/checkpoint.ts';
import { repositoryFolder } from '../../../../stages/language/fetch-llm/hub/cache.ts';
import { compareHead } from '../../../../stages/language/fetch-llm/compare-head.ts';
import { fetchHead } from '../../../../stages/language/fetch-llm/head.ts';
import { checkPin, fileSha256 } from '../../../../stages/language/fetch-llm/pin.ts';
import { cachedFile } from '../../../../stages/language/fetch-llm/hub/download.ts';
import { redirected } from '../../../../stages/language/fetch-llm/hub/request.ts';
import { resolveRepository } from '../../../../stages/language/fetch-llm/hub/repository.ts';
import { rememberRevision, saveListing } from '../../../../stages/language/fetch-llm/hub/saved-listings.ts';
import { checkListing } from '../../../../stages/language/fetch-llm/hub/validate.ts';
import { readListing } from '../../../../stages/language/fetch-llm/listing.ts';
import { fetchTokenizer } from '../../../../stages/language/fetch-llm/tokenizer.ts';
import { optLike } from '../../../hub/checkpoint.ts';
import { hostedRepository } from '../../../hub/repository.ts';
import { hubFixture } from './fixture.ts';

const tiny = optLike(64, 16, 2 ** 16);
const repository = hostedRepository('model', 'acme/tiny', tiny.files('safetensors'));
const commit = 'c'.repeat(40);
const file = { path: 'config.json', size: 3, sha256: null, gitOid: 'a'.repeat(40) };
const listing: HubRepositoryContent = { kind: 'model', repository: 'acme/tiny', commit, folder: '', files: [file] };

/** A server that answers every request by `answer`, and how often it was asked. */
async function answering(
  t: TestContext,
  answer: (url: string, count: number) => { status?: number; headers?: Record<string, string>; body: string | Buffer },
): Promise<{ endpoint: string; asked: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body } = answer(request.url!, count++);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => count };
}

const ask = { kind: 'model', repository: 'acme/tiny', revision: 'main', folder: '' } as const;
const info = JSON.stringify({
  _id: '1',
  id: 'acme/tiny',
  sha: commit,
  private: false,
  gated: false,
  likes: 0,
  downloads: 0,
});

/** Answers of a hub to the question for files, and the one line. */
const answers: readonly (readonly [what: string, body: string | Buffer, message: RegExp])[] = [
  [
    '63 MB of brackets',
    Buffer.alloc(63 * 2 ** 20, '['),
    /^acme\/tiny at main: the hub answers with more than 8388608 bytes, the limit$/,
  ],
  [
    '7 MB of brackets',
    '['.repeat(7e6),
    /^acme\/tiny at main: the hub's answer "\[+" cannot be read: nested more than 100 deep$/,
  ],
  ['a number', '42', /the hub answers "42": expected an object or a list$/],
  [
    'a control sequence',
    '[{"type":"file","path":"a\\u001b[31m\\u009b","size":1,"oid":"x"}]',
    /the listing has .*: expected a path within/,
  ],
  [
    'a path out of the repository',
    JSON.stringify([{ type: 'file', path: '../../victim.sh', size: 3, oid: file.gitOid }]),
    /the listing has .*victim\.sh.*: expected a path within the repository/,
  ],
  [
    'a size of 2^50',
    JSON.stringify([{ type: 'file', path: 'a', size: 2 ** 50, oid: file.gitOid }]),
    /expected a path within the repository, a size and digests$/,
  ],
  [
    'a digest that is a list',
    JSON.stringify([{ type: 'file', path: 'a', size: 1, oid: file.gitOid, lfs: { oid: ['x'] } }]),
    /the hub|the listing/,
  ],
  [
    'one file twice',
    JSON.stringify([1, 2].map(() => ({ type: 'file', path: 'a', size: 1, oid: file.gitOid }))),
    /the listing has the file "a" twice$/,
  ],
];
for (const [what, body, message] of answers)
  test(`a hub that answers ${what}: one line`, async (t) => {
    const { open } = await hubFixture(t, []);
    const { endpoint } = await answering(t, (url) => ({ body: url.includes('/tree/') ? body : info }));
    await assert.rejects(resolveRepository(open({ endpoint }), ask), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      return true;
    });
  });

test('a listing whose pages never end: one line', async (t) => {
  const { open } = await hubFixture(t, []);
  const { endpoint, asked } = await answering(t, (url, count) => ({
    headers: { link: `<${endpoint}${url.split('?')[0]}?cursor=${count}>; rel="next"` },
    body: url.includes('/tree/') ? '[]' : info,
  }));
  await assert.rejects(resolveRepository(open({ endpoint }), ask), {
    message: "acme/tiny at main: the hub's listing goes on after 500 answers, the limit: name a folder of it",
  });
  assert.ok(asked() <= 500);
});

test('a hub that asks for no wait at all is asked no more often than one that asks for none in particular', async (t) => {
  const { open } = await hubFixture(t, []);
  const { endpoint, asked } = await answering(t, () => ({ status: 429, headers: { 'retry-after': '0' }, body: '' }));
  const hub = open({ endpoint, patienceMilliseconds: 1500, firstWaitMilliseconds: 100 });
  await assert.rejects(resolveRepository(hub, ask), /answered 429 \(too many requests\).*: given up after \d attempts/);
  assert.ok(asked() <= 5, `${asked()} requests`);
});

test('a gated repository: its page is named, where its terms must be accepted', async (t) => {
  const { open } = await hubFixture(t, []);
  const { endpoint } = await answering(t, () => ({ status: 403, headers: { 'x-error-code': 'GatedRepo' }, body: '' }));
  await assert.rejects(resolveRepository(open({ endpoint, token: 'mine' }), ask), {
    message: `acme/tiny at main: ${new URL(endpoint).host} answered 403: a gated repository: accept its terms on ${endpoint}/acme/tiny, and set HF_TOKEN to a token of the account that did`,
  });
  const dataset = { ...ask, kind: 'dataset' } as const;
  await assert.rejects(resolveRepository(open({ endpoint }), dataset), (error: Error) =>
    error.message.includes(`on ${endpoint}/datasets/acme/tiny,`),
  );
});

test('a redirect out of https is refused, and one to what is no page', () => {
  const from = new URL('https://hub.example/a');
  assert.equal(redirected('x', from, '/b').href, 'https://hub.example/b');
  assert.equal(redirected('x', new URL('http://127.0.0.1/a'), 'http://127.0.0.1/b').href, 'http://127.0.0.1/b');
  assert.throws(
    () => redirected('x', from, 'http://store.example/b'),
    /^HubError: x: hub\.example redirects from https to http \(store\.example\): refused, since/,
  );
  assert.throws(
    () => redirected('x', from, 'file:///etc/passwd'),
    /^HubError: x: redirected to "file:": expected https$/,
  );
  assert.throws(
    () => redirected('x', from, 'http://\u001b['),
    /^HubError: x: redirected to "[^\p{Cc}]*": expected a URL$/u,
  );
});

/** Changes to a listing that no way in may let through. */
const changes: readonly (readonly [what: string, change: object])[] = [
  ['a path out of its folder', { files: [{ ...file, path: '../../../../victim.sh' }] }],
  ['an absolute path', { files: [{ ...file, path: '/victim.sh' }] }],
  ['a path with a backslash', { files: [{ ...file, path: '..\\victim.sh' }] }],
  ['a path with an empty part', { files: [{ ...file, path: 'a//b' }] }],
  ['a digest that is a path', { files: [{ ...file, sha256: '../../../../victim.sh' }] }],
  ['another digest that is a path', { files: [{ ...file, gitOid: '../../../victim' }] }],
  ['a digest that is a list', { files: [{ ...file, gitOid: [file.gitOid] }] }],
  ['a negative size', { files: [{ ...file, size: -1 }] }],
  ['a file twice', { files: [file, file] }],
  ['a commit that is a path', { commit: '../../../../aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }],
  ['a repository that is a path', { repository: '../..' }],
  ['a folder that is a path', { folder: '../..' }],
  ['no files', { files: null }],
];
for (const [what, change] of changes)
  test(`${what}: no way in lets it through`, async (t) => {
    const { open, settings, scratch, local } = await hubFixture(t, []);
    const bad = { ...listing, ...change };
    const hub = open({ offline: true });
    // a result of another stage
    const path = join(scratch, 'listing.json');
    writeFileSync(path, JSON.stringify(bad));
    assert.throws(() => readListing({ type: 'hub-repository', path, node: 'x' }, 'acme/tiny'), { name: 'HubError' });
    assert.throws(() => checkListing('x', bad), { name: 'HubError' });
    // the cache, which others write to
    await saveListing(settings.cache, listing);
    const folder = join(repositoryFolder(settings.cache, listing), '.superposition-scaling');
    assert.deepEqual(await resolveRepository(hub, { ...ask, revision: commit }), listing);
    writeFileSync(join(folder, `${commit}.json`), JSON.stringify(bad));
    await assert.rejects(resolveRepository(hub, { ...ask, revision: commit }), { name: 'NotRun' });
    // a checkpoint
    const { files, ...rest } = bad;
    const checkpoint = { ...rest, config: {}, format: 'safetensors', weights: files ?? [], shards: null } as const;
    if (!('folder' in change) && files)
      await assert.rejects(openCheckpoint(hub, { ...checkpoint, weights: [...files] }, scratch), { name: 'HubError' });
    assert.equal(local.requests.length, 0);
  });

for (const revision of ['../../../../victim', 'refs/../../x', '/etc/passwd', 'a\u001b[31m', 'a b', '-x', '', '.'])
  test(`revision ${JSON.stringify(revision)}: refused before anything is asked or written`, async (t) => {
    const { open, local, settings } = await hubFixture(t, [repository]);
    await assert.rejects(
      resolveRepository(open(), { ...ask, revision }),
      /^HubError: acme\/tiny: revision ".*": expected a branch, a tag or a commit$/,
    );
    assert.equal(local.requests.length, 0);
    assert.ok(!existsSync(settings.cache));
  });

test('a saved listing of a shared cache cannot make a file outside of it be replaced', async (t) => {
  const { open, settings, list } = await hubFixture(t, [repository]);
  const victim = join(settings.cache, '..', 'victim.sh');
  mkdirSync(dirname(victim), { recursive: true });
  writeFileSync(victim, 'mine\n');
  const whole = await list(open(), repository);
  await rememberRevision(settings.cache, whole, 'main');
  const saved = join(repositoryFolder(settings.cache, whole), '.superposition-scaling', `${whole.commit}.json`);
  const bad = JSON.parse(readFileSync(saved, 'utf8')) as { files: { path: string }[] };
  bad.files[0]!.path = '../../../../victim.sh';
  writeFileSync(saved, JSON.stringify(bad));
  await assert.rejects(list(open({ offline: true }), repository), { name: 'NotRun' });
  assert.equal(readFileSync(victim, 'utf8'), 'mine\n');
});

test('files that are larger than any of their kind are not fetched', async (t) => {
  const { open, scratch, local, list } = await hubFixture(t, [repository]);
  const whole = await list(open(), repository);
  const before = local.requests.length;
  const large = (path: string): HubRepositoryContent => ({
    ...whole,
    files: [...whole.files.filter((one) => one.path !== path), { ...file, path, size: 2 ** 43 }],
  });
  const expected =
    /^HubError: acme\/tiny\/[\w.]+: 8796093022208 bytes: expected at most \d+ of such a file: name another revision$/;
  await assert.rejects(
    fetchCheckpoint(open(), large('config.json'), scratch, () => undefined),
    expected,
  );
  await assert.rejects(fetchTokenizer(open(), large('tokenizer.json'), scratch), expected);
  assert.equal(local.requests.length, before);
});

test('JSON files of a repository are refused in one line that names them', async (t) => {
  for (const [config, message] of [
    ['['.repeat(1e5), /^acme\/odd\/config\.json: nested more than 100 deep$/],
    ['{"model_type":"opt","model_type":"gpt2"}', /^acme\/odd\/config\.json: "model_type" comes twice in one object$/],
    ['[]', /^acme\/odd\/config\.json: expected a JSON object$/],
    ['{"a":"\u001b[31m', /^acme\/odd\/config\.json: not JSON: [^\p{Cc}]*$/u],
  ] as const) {
    const odd = hostedRepository('model', 'acme/odd', { ...tiny.files('safetensors'), 'config.json': config });
    const { open, scratch, list } = await hubFixture(t, [odd]);
    const found = await list(open(), odd);
    await assert.rejects(
      fetchCheckpoint(open(), found, scratch, () => undefined),
      { message },
    );
    await cachedFile(open(), found, found.files[0]!, scratch);
  }
});

test('bytes of a head changed on their way: found by the whole file, and by the pin of the lock', async (t) => {
  const { open, scratch, local, list } = await hubFixture(t, [repository]);
  const found = await list(open(), repository);
  const path = join(scratch, 'head.safetensors');
  const request = { vocabulary: 64, width: 16, path, scratch, progress: () => undefined };
  const right = await fetchHead(open(), found, request);
  const pin = checkPin('x', undefined, found.commit, await fileSha256(path));
  const checkpoint = await fetchCheckpoint(open(), found, scratch, () => undefined);
  const whole = await openCheckpoint(open(), checkpoint, scratch);
  t.after(() => whole.close());
  await compareHead('acme/tiny', { path, tensor: right.tensor }, whole);
  assert.equal(checkPin('x', pin, found.commit, await fileSha256(path)), pin);

  // of the body alone, not of the header
  local.fault = ({ begin, end }) => (end - begin === 2 * 64 * 16 && begin > 8 ? { kind: 'other-bytes' } : undefined);
  await fetchHead(open({ cache: join(scratch, 'other-cache') }), found, request);
  await assert.rejects(
    compareHead('acme/tiny', { path, tensor: right.tensor }, whole),
    /^HubError: acme\/tiny: the head that was read by range differs from the whole file, whose digest is right \(within bytes 0 to 2048\)/,
  );
  const other = await fileSha256(path);
  assert.throws(
    () => checkPin('x', pin, found.commit, other),
    /^HubError: x: sha256 [0-9a-f]{64}: lock\.json pins [0-9a-f]{64} for the same commit [0-9a-f]{40}: one of the two was changed on its way/,
  );
  assert.equal(checkPin('x', pin, commit, other), `${commit} ${other}`, 'another commit is another question');
  for (const bad of ['', 'x', `${commit} x`, `${commit} ${other} y`, '../../x'])
    assert.throws(
      () => checkPin('x', bad, commit, other),
      /^HubError: x: lock\.json pins ".*": expected a commit and a sha256/,
    );
});
