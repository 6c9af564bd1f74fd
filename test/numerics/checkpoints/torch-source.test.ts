import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from '../../../numerics/checkpoints/crc32.ts';
import { openFile } from '../../../numerics/checkpoints/byte-source.ts';
import { openTorch } from '../../../numerics/checkpoints/torch-source.ts';
import { memoryBytes } from './memory-bytes.ts';
import { encodeTorch, pickleOf, pickled, pickledTensor, zipFile } from './torch-file.ts';
import type { ZipPart } from './torch-file.ts';

const fixtures = join(process.env.REPRO_TEST_ROOT!, 'test/numerics/checkpoints/fixtures');
const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i / 8 - 1);

for (const version of ['1.13', '2.6']) {
  test(`what PyTorch ${version} wrote: a state dictionary with tied weights`, async () => {
    const source = await openTorch(await openFile(join(fixtures, `state-dict-${version}.bin`)));
    assert.deepEqual([...source.entries().keys()], ['mask', 'embedding.weight', 'head.weight']);
    assert.deepEqual(source.entries().get('head.weight'), { name: 'head.weight', dtype: 'F32', shape: [5, 3] });
    for (const name of ['embedding.weight', 'head.weight'])
      assert.deepEqual([...(await source.readRows(name, 0, 5))], counting(15));
    assert.deepEqual([...(await source.readRows('head.weight', 3, 5))], counting(15).slice(9));
    assert.deepEqual([...(await source.readRows('mask', 0, 2))], [1, 0, 1, 1]);
    await source.close();
  });

  test(`what PyTorch ${version} wrote: every dtype, slices, scalars`, async () => {
    const source = await openTorch(await openFile(join(fixtures, `dtypes-${version}.bin`)));
    for (const dtype of ['float16', 'bfloat16', 'float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8']) {
      assert.deepEqual([...(await source.readRows(dtype, 0, 4))], [0, 1, 2, 3, 4, 5, 6, 7], dtype);
      assert.deepEqual([...(await source.readRows(dtype, 1, 2))], [2, 3], dtype);
    }
    assert.deepEqual([...(await source.readRows('scalar', 0, 1))], [2.5]);
    assert.deepEqual(source.entries().get('empty')?.shape, [0, 7]);
    assert.equal((await source.readRows('empty', 0, 0)).length, 0);
    assert.deepEqual([...(await source.readRows('slice', 0, 2))], counting(24).slice(8, 16));
    assert.deepEqual([...(await source.readRows('parameter', 0, 2))], counting(4));
    await assert.rejects(
      source.readRows('transposed', 0, 1),
      /tensor "transposed" of shape \[3, 2\] has strides \[1, 3\]: expected row-major order/,
    );
    await assert.rejects(
      source.readRows('float32', 0, 5),
      /tensor "float32": rows 0 to 5: expected a range within its 4/,
    );
    await assert.rejects(source.readRows('missing', 0, 1), /no tensor "missing": found "float16", "bfloat16"/);
    await source.close();
  });
}

const head = { dtype: 'F32', shape: [3, 2], data: Float32Array.from(counting(6)) } as const;
const other = { dtype: 'BF16', shape: [40], data: new Uint16Array(40).fill(0x3f80) } as const;

test('zip64 records and plain ones hold the same tensors', async () => {
  for (const zip64 of [false, true]) {
    const source = await openTorch(memoryBytes('x.bin', encodeTorch({ other, head }, { zip64 })));
    assert.deepEqual([...(await source.readRows('head', 1, 3))], counting(6).slice(2));
    assert.deepEqual([...(await source.readRows('other', 0, 2))], [1, 1]);
  }
});

test('a damaged storage is found by its checksum, once it is read, and not before', async () => {
  const file = encodeTorch({ head, other });
  const at = Buffer.from(file).indexOf(Buffer.from(head.data.buffer));
  file[at + 5]! ^= 1;
  const source = await openTorch(memoryBytes('x.bin', file));
  assert.equal((await source.readRows('other', 0, 1))[0], 1);
  await assert.rejects(
    source.readRows('head', 2, 3),
    /^Error: x\.bin: zip: entry "archive\/data\/0" has CRC-32 [0-9a-f]{8}: expected [0-9a-f]{8}: its bytes are damaged$/,
  );
});

test('CRC-32 of the check string, whole and in pieces', () => {
  const bytes = Buffer.from('123456789'.repeat(5));
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.equal(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut))), crc32(bytes));
});

const tensorParts = (storage: Partial<ZipPart> = {}): ZipPart[] => [
  { name: 'archive/data/0', data: Buffer.alloc(24), ...storage },
];
const goodTensor = pickledTensor({ dtype: 'F32', key: '0', length: 6, shape: [3, 2] });
const withPickle = (pickle: Buffer, parts = tensorParts()): Uint8Array =>
  zipFile([{ name: 'archive/data.pkl', data: pickle }, ...parts]);
const good = pickleOf(pickled.dictionary(pickled.text('w'), goodTensor));
const single = (tensor: Buffer): Buffer => pickleOf(pickled.dictionary(pickled.text('w'), tensor));
const truncated = (file: Uint8Array, bytes: number): Uint8Array => file.subarray(0, file.length - bytes);

/** Each is refused when the file is opened, before any of its storages is read. */
const hostile: readonly (readonly [what: string, file: Uint8Array, message: RegExp])[] = [
  [
    'a pickle that runs a command',
    withPickle(pickleOf(pickled.call(pickled.global('os', 'system'), pickled.text('touch /tmp/owned')))),
    /the global "os\.system" is none that/,
  ],
  [
    'the same through posix',
    withPickle(pickleOf(pickled.call(pickled.global('posix', 'system'), pickled.text('id')))),
    /the global "posix\.system"/,
  ],
  [
    'a pickle that evaluates',
    withPickle(pickleOf(pickled.call(pickled.global('builtins', 'eval'), pickled.text('1')))),
    /the global "builtins\.eval"/,
  ],
  [
    'the same by python 2 name',
    withPickle(pickleOf(pickled.call(pickled.global('__builtin__', 'eval'), pickled.text('1')))),
    /the global "__builtin__\.eval"/,
  ],
  [
    'the same by STACK_GLOBAL',
    withPickle(pickleOf(pickled.text('builtins'), pickled.text('exec'), Buffer.from([0x93]))),
    /the global "builtins\.exec"/,
  ],
  [
    'a global named like a member of Object',
    withPickle(pickleOf(pickled.global('torch', 'constructor'))),
    /the global "torch\.constructor"/,
  ],
  ['another function of torch', withPickle(pickleOf(pickled.global('torch', 'load'))), /the global "torch\.load"/],
  [
    'INST',
    withPickle(pickleOf(pickled.mark, Buffer.from('ios\nsystem\n'))),
    /opcode 0x69 \(INST\) at byte 3 is none that/,
  ],
  [
    'OBJ',
    withPickle(pickleOf(pickled.mark, pickled.global('collections', 'OrderedDict'), Buffer.from('o'))),
    /opcode 0x6f \(OBJ\)/,
  ],
  [
    'NEWOBJ',
    withPickle(pickleOf(pickled.global('collections', 'OrderedDict'), Buffer.from([0x29, 0x81]))),
    /opcode 0x81 \(NEWOBJ\)/,
  ],
  [
    'BUILD on what is no dictionary',
    withPickle(pickleOf(pickled.dictionary(pickled.text('w'), goodTensor), pickled.dictionary(), Buffer.from('b'))),
    /sets the state of a dictionary: refused/,
  ],
  ['a call of a tensor', withPickle(pickleOf(goodTensor, Buffer.from(')R'))), /calls a tensor: refused/],
  [
    'OrderedDict with arguments',
    withPickle(pickleOf(pickled.call(pickled.global('collections', 'OrderedDict'), pickled.integer(1)))),
    /calls OrderedDict with arguments/,
  ],
  ['an empty stack', withPickle(pickleOf(Buffer.from('R'))), /the stack is empty/],
  ['a memo that was never put', withPickle(pickleOf(Buffer.from([0x68, 7]))), /memo 7 was never put/],
  [
    'a pickle cut short',
    withPickle(good.subarray(0, good.length - 3)),
    /pickle: ends at byte \d+, within an opcode or before STOP: it is cut short/,
  ],
  [
    'a string longer than the pickle',
    withPickle(pickleOf(Buffer.from([0x58, 0xff, 0xff, 0xff, 0x7f]))),
    /it is cut short/,
  ],
  ['a list', withPickle(pickleOf(Buffer.from(']'))), /pickle: holds a list: expected a dictionary of tensors/],
  ['a value that is no tensor', withPickle(single(pickled.text('x'))), /pickle: "w" is "x": expected a tensor/],
  [
    'a key twice',
    withPickle(pickleOf(pickled.dictionary(pickled.text('w'), goodTensor, pickled.text('w'), goodTensor))),
    /the key "w" comes twice/,
  ],
  [
    'a storage whose name climbs out',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '../../x', length: 6, shape: [3, 2] }))),
    /storage "\.\.\/\.\.\/x": expected a plain name/,
  ],
  [
    'a storage that is not there',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '9', length: 6, shape: [3, 2] }))),
    /its storage "archive\/data\/9" is not in the zip/,
  ],
  [
    'a storage of another size',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '0', length: 600, shape: [3, 2] }))),
    /has 24 bytes: expected 2400 for 600 F32/,
  ],
  [
    'a tensor beyond its storage',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '0', length: 6, shape: [4, 2] }))),
    /shape \[4, 2\] reaches element 7 of a storage of 6/,
  ],
  [
    'an offset beyond the storage',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '0', length: 6, shape: [3, 2], offset: 1 }))),
    /reaches element 6 of a storage of 6/,
  ],
  [
    'a shape that overflows',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '0', length: 6, shape: [2 ** 40, 2 ** 40] }))),
    /reaches element/,
  ],
  [
    'a negative offset',
    withPickle(single(pickledTensor({ dtype: 'F32', key: '0', length: 6, shape: [3, 2], offset: -1 }))),
    /are not a storage, an offset/,
  ],
  [
    'a zip bomb',
    zipFile([{ name: 'archive/data.pkl', data: good, method: 8 }, ...tensorParts()]),
    /entry "archive\/data\.pkl" is compressed \(method 8\): expected stored entries/,
  ],
  [
    'a bomb that says it is stored',
    zipFile([{ name: 'archive/data.pkl', data: good, size: 2 ** 31, packed: good.length }, ...tensorParts()]),
    /\d+ bytes hold 2147483648: expected as many/,
  ],
  ['an encrypted entry', zipFile([{ name: 'archive/data.pkl', data: good, flags: 1 }]), /is encrypted/],
  [
    'overlapping entries',
    zipFile([
      { name: 'archive/data.pkl', data: good },
      { name: 'archive/data/0', data: Buffer.alloc(24), headerOffset: 0 },
    ]),
    /overlaps what begins at/,
  ],
  [
    'an entry that reaches into the directory',
    withPickle(good, tensorParts({ size: 2 ** 20 })),
    /of 1048576 bytes at \d+ overlaps what begins at/,
  ],
  [
    'an entry beyond the file',
    zipFile(
      [
        { name: 'archive/data.pkl', data: good },
        { name: 'archive/data/0', data: Buffer.alloc(24), headerOffset: 2 ** 40 },
      ],
      { zip64: true },
    ),
    /overlaps what begins at/,
  ],
  [
    'two entries of one name',
    zipFile([{ name: 'archive/data.pkl', data: good }, ...tensorParts(), ...tensorParts()]),
    /two entries are named "archive\/data\/0"/,
  ],
  [
    'a path that climbs out',
    withPickle(good, [...tensorParts(), { name: 'archive/../../etc/passwd', data: Buffer.from('x') }]),
    /entry "archive\/\.\.\/\.\.\/etc\/passwd": expected a path that stays in its folder/,
  ],
  [
    'an absolute path',
    withPickle(good, [...tensorParts(), { name: '/etc/passwd', data: Buffer.from('x') }]),
    /entry "\/etc\/passwd": expected a path/,
  ],
  [
    'a path of Windows',
    withPickle(good, [...tensorParts(), { name: 'archive\\..\\x', data: Buffer.from('x') }]),
    /expected a path that stays/,
  ],
  [
    'a comment that could hide another directory',
    zipFile([{ name: 'archive/data.pkl', data: good }], { comment: 'PK' }),
    /expected its end record in the last 22 bytes/,
  ],
  [
    'a file cut short',
    truncated(withPickle(good), 5),
    /expected its end record in the last 22 bytes: not a zip of PyTorch, or cut short/,
  ],
  [
    'bytes before the archive',
    Buffer.concat([Buffer.alloc(7), withPickle(good)]),
    /its directory is said to be bytes \d+ to \d+: expected it to end at/,
  ],
  [
    'the older format of PyTorch',
    Buffer.concat([
      Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]),
      Buffer.alloc(100),
    ]),
    /not a zip of PyTorch/,
  ],
  ['nothing', new Uint8Array(0), /not a zip of PyTorch/],
  ['no pickle', zipFile([{ name: 'archive/data/0', data: Buffer.alloc(4) }]), /no entry "<folder>\/data\.pkl"/],
  [
    'a damaged pickle',
    zipFile([{ name: 'archive/data.pkl', data: good, crc: 1 }, ...tensorParts()]),
    /entry "archive\/data\.pkl" has CRC-32/,
  ],
  [
    'a big-endian file',
    withPickle(good, [...tensorParts(), { name: 'archive/byteorder', data: Buffer.from('big') }]),
    /byte order "big": expected "little"/,
  ],
];

test('the good file that the hostile ones are made from is read', async () => {
  const source = await openTorch(memoryBytes('x.bin', withPickle(good)));
  assert.deepEqual([...(await source.readRows('w', 0, 3))], [0, 0, 0, 0, 0, 0]);
});

for (const [what, file, message] of hostile) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(openTorch(memoryBytes('x.bin', file)), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(error.message.startsWith('x.bin: ') && !error.message.includes('\n'), error.message);
      return true;
    });
  });
}
