import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFloat32 } from '../../../numerics/checkpoints/dtypes.ts';
import { openSafetensors } from '../../../numerics/checkpoints/safetensors-source.ts';
import { checkShardIndex, joinSources } from '../../../numerics/checkpoints/sharded-source.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { memoryBytes } from './memory-bytes.ts';

const head = { dtype: 'F32', shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i - 5) } as const;
const bits = { dtype: 'BF16', shape: [2, 2], data: Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001) } as const;

test('rows are read by range: no byte of other tensors, nor of other rows', async () => {
  const bytes = memoryBytes('x.safetensors', encodeSafetensors({ head, bits }));
  const source = await openSafetensors(bytes);
  assert.deepEqual(source.entries().get('head'), { name: 'head', dtype: 'F32', shape: [4, 3] });
  bytes.bytesRead = 0;
  assert.deepEqual([...(await source.readRows('head', 1, 3))], [-2, -1, 0, 1, 2, 3]);
  assert.equal(bytes.bytesRead, 24);
  assert.deepEqual([...(await source.readRows('bits', 0, 2))], [1, -2, Infinity, 2 ** -133]);
  assert.deepEqual([...(await source.readBytes('bits', 2, 4))], [0x00, 0xc0]);
});

test('every half-precision number is converted exactly', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, half) => half);
  const converted = toFloat32('F16', new Uint8Array(halves.buffer));
  for (const half of halves) {
    const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
    const expected =
      exponent === 31
        ? fraction
          ? NaN
          : sign * Infinity
        : exponent
          ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
          : sign * 2 ** -24 * fraction;
    assert.ok(Object.is(converted[half], expected), `half ${half}: ${converted[half]} is not ${expected}`);
  }
});

test('a checkpoint in shards is read through its index', async () => {
  const shards = checkShardIndex('index', {
    metadata: { total_size: 1 },
    weight_map: { head: 'a-1.safetensors', bits: 'a-2.safetensors' },
  });
  const files = new Map([
    ['a-1.safetensors', await openSafetensors(memoryBytes('a-1.safetensors', encodeSafetensors({ head })))],
    ['a-2.safetensors', await openSafetensors(memoryBytes('a-2.safetensors', encodeSafetensors({ bits })))],
  ]);
  const joined = joinSources('a', files, shards);
  assert.deepEqual([...joined.entries().keys()], ['head', 'bits']);
  assert.deepEqual([...(await joined.readRows('bits', 0, 1))], [1, -2]);
  assert.throws(
    () => joinSources('a', files, { ...shards, head: 'a-2.safetensors' }),
    /^Error: a: tensor "head" is in "a-2\.safetensors" by the index: it is not there$/,
  );
  assert.throws(() => joinSources('a', files, { head: 'a-3.safetensors' }), /no such weight file/);
  await assert.rejects(joined.readRows('other', 0, 1), /a: no tensor "other" in its index/);
  for (const path of ['../x.bin', '/etc/passwd', 'a/b.bin', '..', '', 'C:\\x', '.hidden']) {
    assert.throws(
      () => checkShardIndex('index', { weight_map: { head: path } }),
      /weight_map: tensor "head": .*: expected the name of a file in the folder of the index/,
      path,
    );
  }
  assert.throws(() => checkShardIndex('index', []), /weight_map: expected an object/);
});

/** A file with the header given, and so many bytes of data. */
function file(header: unknown, data = 48, length?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([start, json, Buffer.alloc(data)]);
}
const tensor = (
  begin: number,
  end: number,
  shape: readonly number[] = [(end - begin) / 4],
  dtype = 'F32',
): unknown => ({ dtype, shape, data_offsets: [begin, end] });

const hostile: readonly (readonly [what: string, file: Uint8Array, message: RegExp])[] = [
  [
    'a header of 2^63 bytes',
    file({ a: tensor(0, 48) }, 48, 2n ** 63n),
    /header length 9223372036854775808: expected at most 16777216/,
  ],
  [
    'a header longer than the file',
    file({ a: tensor(0, 48) }, 48, 16_000_000n),
    /header of 16000000 bytes in a file of \d+: the file is cut short/,
  ],
  ['a file of seven bytes', Buffer.alloc(7), /7 bytes: expected at least 8/],
  ['a header that is not JSON', file('{"a":'), /the header: not/],
  ['a header that is not UTF-8', file('{"\u00ff"}').map((byte) => (byte === 0xc3 ? 0xff : byte)), /the header: not/],
  ['a header that is no object', file([]), /the header is not a JSON object/],
  [
    'overlapping tensors',
    file({ a: tensor(0, 32), b: tensor(16, 48) }),
    /tensor "b" begins at 16: expected 32, where the one before it ends/,
  ],
  ['a gap between tensors', file({ a: tensor(0, 16), b: tensor(32, 48) }), /tensor "b" begins at 32: expected 16/],
  ['offsets beyond the file', file({ a: tensor(0, 4096) }), /48 bytes of data: expected 4096/],
  ['bytes that no tensor covers', file({ a: tensor(0, 16) }), /48 bytes of data: expected 16/],
  [
    'offsets that run backwards',
    file({ a: { dtype: 'F32', shape: [0], data_offsets: [48, 0] } }),
    /-48 bytes for F32 of shape \[0\]: expected 0/,
  ],
  [
    'negative offsets',
    file({ a: { dtype: 'F32', shape: [12], data_offsets: [-48, 0] } }),
    /data_offsets \[-48,0\]: expected two non-negative integers/,
  ],
  ['a dtype of another size', file({ a: tensor(0, 48, [12], 'F16') }), /48 bytes for F16 of shape \[12\]: expected 24/],
  ['a dtype that there is not', file({ a: tensor(0, 48, [12], 'F33') }), /dtype "F33" is not known/],
  [
    'a dtype named like a member of Object',
    file({ a: tensor(0, 48, [12], 'constructor') }),
    /dtype "constructor" is not known/,
  ],
  ['a shape that overflows', file({ a: tensor(0, 48, [2 ** 40, 2 ** 40]) }), /48 bytes for F32 of shape/],
  [
    'a tensor twice',
    file(`{"a":${JSON.stringify(tensor(0, 48))},"a":${JSON.stringify(tensor(0, 48))}}`),
    /"a" comes twice in one object/,
  ],
  [
    'a tensor twice, once in other letters',
    file(`{"a":${JSON.stringify(tensor(0, 48))},"\\u0061":${JSON.stringify(tensor(0, 48))}}`),
    /"a" comes twice in one object/,
  ],
  [
    'a member twice',
    file('{"a":{"dtype":"F32","shape":[12],"data_offsets":[0,24],"data_offsets":[0,48]}}'),
    /"data_offsets" comes twice in one object/,
  ],
  ['a member that nobody knows', file({ a: { ...(tensor(0, 48) as object), code: 'x' } }), /unknown member "code"/],
  [
    'metadata that is no text',
    file({ __metadata__: { a: 1 }, a: tensor(0, 48) }),
    /__metadata__: expected an object of strings/,
  ],
];

test('the good file that the hostile ones are made from is read', async () => {
  assert.equal(
    (
      await (
        await openSafetensors(memoryBytes('x', file({ a: tensor(0, 48), __metadata__: { a: '"a":1' } })))
      ).readRows('a', 0, 12)
    ).length,
    12,
  );
});

for (const [what, bytes, message] of hostile) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(openSafetensors(memoryBytes('x.safetensors', bytes)), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(error.message.startsWith('x.safetensors: ') && !error.message.includes('\n'), error.message);
      return true;
    });
  });
}
