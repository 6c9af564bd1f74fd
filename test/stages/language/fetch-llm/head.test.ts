import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeSafetensors, encodeSafetensors, tensorOf } from '../../../../numerics/checkpoints/safetensors.ts';
import { countingTensor, optLike } from '../../../hub/checkpoint.ts';
import { hostedRepository } from '../../../hub/repository.ts';
import { headOf, hubFixture } from './fixture.ts';

const mebibyte = 2 ** 20;
const [vocabulary, width] = [16384, 256];
const large = optLike(vocabulary, width, 56 * mebibyte);
const hosted = {
  safetensors: hostedRepository('model', 'acme/large', large.files('safetensors')),
  torch: hostedRepository('model', 'acme/large', large.files('torch')),
};

for (const format of ['safetensors', 'torch'] as const) {
  test(`${format}: a head of 8 MiB in a checkpoint of 64 MiB takes its own bytes and less than 1% more`, async (t) => {
    const repository = hosted[format];
    const { local, scratch, open, listed } = await hubFixture(t, [repository]);
    const hub = open();
    const file = await headOf(hub, await listed(repository), scratch, vocabulary, width);
    const { tensors, metadata } = decodeSafetensors(file);
    assert.deepEqual(tensors.head, large.head);
    assert.deepEqual(
      { ...metadata, file: undefined },
      {
        repository: 'acme/large',
        commit: repository.commit,
        file: undefined,
        tensor: 'model.decoder.embed_tokens.weight',
      },
    );
    const sent = local.requests.reduce((sum, request) => sum + request.sent, 0);
    const size = large.head.data.byteLength;
    t.diagnostic(
      `${format}: head of ${size} bytes, ${sent} bytes sent, ${((100 * (sent - size)) / size).toFixed(3)}% more`,
    );
    assert.ok(sent >= size && sent < 1.01 * size, `${sent} bytes for a head of ${size}`);
  });

  test(`${format}: a connection cut at 20 random points brings the right bytes`, async (t) => {
    const [seed, points] = [20_240_604, [] as number[]];
    const random = randomNumbers(seed);
    const repository = hosted[format];
    const { local, scratch, open, listed } = await hubFixture(t, [repository]);
    let cuts = 0;
    local.fault = ({ path, begin, end }) => {
      // Of the long transfers only: so many cuts, then none.
      if (path === 'config.json' || end - begin < 2 ** 17 || cuts === 20) return undefined;
      cuts++;
      const after = Math.floor((random() * (end - begin)) / 4);
      points.push(begin + after);
      return { kind: 'cut', after };
    };
    const hub = open();
    const { tensors } = decodeSafetensors(await headOf(hub, await listed(repository), scratch, vocabulary, width));
    assert.deepEqual(tensors.head, large.head, `seed ${seed}: cut at bytes ${points.join(', ')}`);
    assert.equal(cuts, 20, `seed ${seed}`);
    const resumed = local.requests.filter(({ ifRange }) => ifRange !== undefined && ifRange.startsWith('"store-'));
    t.diagnostic(`${format}: ${cuts} cuts, ${resumed.length} requests resumed with If-Range`);
    assert.ok(resumed.length >= 10);
  });
}

test('a head that was half fetched before a crash is not fetched from its start', async (t) => {
  const repository = hosted.torch;
  const { local, scratch, open, list } = await hubFixture(t, [repository]);
  let requests = 0;
  local.fault = ({ end, begin }) =>
    end - begin > mebibyte
      ? requests++ === 0
        ? { kind: 'cut', after: 6 * mebibyte }
        : { kind: 'status', status: 503 }
      : undefined;
  const listing = await list(open(), repository);
  const hub = open({ patienceMilliseconds: 200 });
  await assert.rejects(headOf(hub, listing, scratch, vocabulary, width), /answered 503: given up after/);
  const sentBefore = local.requests.reduce((sum, request) => sum + request.sent, 0);
  local.fault = undefined;
  const { tensors } = decodeSafetensors(await headOf(open(), listing, scratch, vocabulary, width));
  assert.deepEqual(tensors.head, large.head);
  const sent = local.requests.reduce((sum, request) => sum + request.sent, 0) - sentBefore;
  assert.ok(sent < 3 * mebibyte, `${sent} bytes were fetched the second time`);
});

/** Uniform in [0, 1): a linear congruential generator, so that a failure can be had again. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const small = countingTensor([40, 6], 5, 'BF16');
const filler = countingTensor([9, 6], 6, 'BF16');
const config = (type: string, more: object = {}): string => JSON.stringify({ model_type: type, ...more });
const weights = (tensors: Record<string, typeof small>): Record<string, Uint8Array> => ({
  'model.safetensors': encodeSafetensors(tensors),
});

/** Where each architecture keeps its head, with a decoy where it has one of its own. */
const architectures: readonly (readonly [what: string, type: string, tensors: Record<string, typeof small>])[] = [
  ['OPT, tied', 'opt', { 'decoder.embed_tokens.weight': small }],
  ['OPT with a head', 'opt', { 'model.decoder.embed_tokens.weight': filler, 'lm_head.weight': small }],
  ['GPT-2', 'gpt2', { 'wte.weight': small, 'wpe.weight': filler }],
  ['Qwen2.5, tied', 'qwen2', { 'model.embed_tokens.weight': small }],
  ['Qwen2.5 with a head', 'qwen2', { 'model.embed_tokens.weight': filler, 'lm_head.weight': small }],
  ['Pythia', 'gpt_neox', { 'gpt_neox.embed_in.weight': filler, 'embed_out.weight': small }],
];
for (const [what, type, tensors] of architectures) {
  test(`the head of ${what}`, async (t) => {
    const repository = hostedRepository('model', 'acme/small', { 'config.json': config(type), ...weights(tensors) });
    const { scratch, open, list } = await hubFixture(t, [repository]);
    const hub = open();
    const file = decodeSafetensors(await headOf(hub, await list(hub, repository), scratch, 40, 6));
    assert.deepEqual(tensorOf(file, 'head', 'BF16', [40, 6]), small);
  });
}

test('of a checkpoint in shards only the one with the head is opened', async (t) => {
  const index = JSON.stringify({
    weight_map: { 'model.norm.weight': 'model-1.safetensors', 'lm_head.weight': 'model-2.safetensors' },
  });
  const repository = hostedRepository('model', 'acme/shards', {
    'config.json': config('qwen2'),
    'model.safetensors.index.json': index,
    'model-1.safetensors': encodeSafetensors({ 'model.norm.weight': filler }),
    'model-2.safetensors': encodeSafetensors({ 'lm_head.weight': small }),
  });
  const { local, scratch, open, list } = await hubFixture(t, [repository]);
  const hub = open();
  assert.deepEqual(
    decodeSafetensors(await headOf(hub, await list(hub, repository), scratch, 40, 6)).tensors.head,
    small,
  );
  assert.equal(local.requests.filter(({ url }) => url.includes('model-1')).length, 0);
});

test('what is not the head that was published is refused in one line', async (t) => {
  const cases: readonly (readonly [files: Record<string, Uint8Array | string>, message: RegExp])[] = [
    [
      { 'config.json': config('opt'), ...weights({ 'lm_head.weight': filler }) },
      /tensor "lm_head\.weight" has shape \[9, 6\]: expected \[40, 6\], the published vocabulary and width$/,
    ],
    [
      { 'config.json': config('opt'), ...weights({ other: small }) },
      /no tensor lm_head\.weight or model\.decoder\.embed_tokens\.weight or decoder\.embed_tokens\.weight$/,
    ],
    [
      { 'config.json': config('llama'), ...weights({ other: small }) },
      /model_type "llama": expected one of opt, gpt2, qwen2, gpt_neox$/,
    ],
    [
      { 'config.json': config('opt') },
      /no model\.safetensors, model\.safetensors\.index\.json, pytorch_model\.bin, pytorch_model\.bin\.index\.json: expected one of them$/,
    ],
    [{ 'config.json': '<html>', ...weights({ other: small }) }, /config\.json: not JSON: /],
    [
      {
        'config.json': config('opt'),
        'model.safetensors.index.json': JSON.stringify({ weight_map: { 'lm_head.weight': 'gone.safetensors' } }),
      },
      /names the file "gone\.safetensors": the repository has none of that name$/,
    ],
  ];
  for (const [i, [files, message]] of cases.entries()) {
    const repository = hostedRepository('model', 'acme/wrong', files);
    const { scratch, open, list } = await hubFixture(t, [repository]);
    const hub = open();
    const own = join(scratch, String(i));
    mkdirSync(own);
    await assert.rejects(headOf(hub, await list(hub, repository), own, 40, 6), message);
  }
});
