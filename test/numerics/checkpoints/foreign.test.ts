import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { openTensors, openWeights } from '../../../numerics/checkpoints/open.ts';
import { readPickledTensors } from '../../../numerics/checkpoints/pickle.ts';
import { smallJson } from '../../../numerics/foreign/limited.ts';
import { memoryBytes } from './memory-bytes.ts';

async function read(folder: string, file: string, format: 'torch' | 'safetensors'): Promise<Record<string, number[]>> {
  const source = await openWeights(folder, { format, files: [file], shards: null });
  try {
    const found: Record<string, number[]> = {};
    for (const [name, { shape }] of source.entries()) found[name] = [...(await source.readRows(name, 0, shape[0]!))];
    return found;
  } finally {
    await source.close();
  }
}

const counted = Array.from({ length: 12 }, (_, i) => i);
/** Files of test/fixtures/foreign/torch, and their tensors or the one line. */
const cases: readonly (readonly [file: string, expected: Record<string, number[]> | RegExp])[] = [
  ['t-align.bin', { w: counted }],
  ['t-tied.bin', { w: counted, lm_head: counted }],
  ['t-extra-int.bin', /^t-extra-int\.bin: pickle: "epoch" is 3: expected a tensor$/],
  [
    't-noncontig.bin',
    /^t-noncontig\.bin: tensor "w" of shape \[4, 3\] has strides \[1, 4\]: expected row-major order$/,
  ],
];
for (const [file, expected] of cases)
  test(`${file} is read right, or refused in one line`, async () => {
    const found = read(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/foreign/torch'), file, 'torch');
    if (expected instanceof RegExp) await assert.rejects(found, { message: expected });
    else assert.deepEqual(await found, expected);
  });

/** Opcodes of pickle: an empty dictionary, list, tuple; None; a mark; the top once more. */
for (const opcode of [0x7d, 0x5d, 0x29, 0x4e])
  test(`16 MiB of the opcode 0x${opcode.toString(16)} end in one line, soon`, () => {
    assert.throws(() => readPickledTensors(new Uint8Array(2 ** 24).fill(opcode)), {
      message: /^pickle: byte \d+: more than 1048576 values, the limit: it is no dictionary of tensors$/,
    });
  });

test('headers of safetensors that would take gigabytes, or speak to the terminal, end in one line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'headers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (header: string, data = ''): Buffer => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header + data)]);
  };
  const name = '\u001b[31m\u009b\u202e';
  const tensor = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  for (const [bytes, message] of [
    [file('['.repeat(2 ** 23)), /^x: safetensors: the header: nested more than 100 deep$/],
    [file(`{${'"a":{},'.repeat(2 ** 21)}"b":{}}`), /^x: safetensors: the header: "a" comes twice in one object$/],
    [file(`{${' '.repeat(2 ** 24)}}`), /^x: safetensors: header length 16777218: expected at most 16777216$/],
    [file(JSON.stringify({ [name]: { ...tensor, dtype: name } }), '1234'), /^x: safetensors: tensor "\\u001b\[31m/],
    [file(JSON.stringify({ [name]: { ...tensor, [name]: 1 } }), '1234'), /^x: safetensors: tensor "\\u001b/],
  ] as const) {
    writeFileSync(join(folder, 'x'), bytes);
    await assert.rejects(read(folder, 'x', 'safetensors'), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}]/u);
      return true;
    });
  }
  writeFileSync(join(folder, 'x'), encodeSafetensors({ w: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } }));
  assert.deepEqual(await read(folder, 'x', 'safetensors'), { w: [1, 2] });
});

/** Of so many tensors that their header is over the size that is parsed without limits, or under it. */
for (const count of [1000, 10])
  test(`a safetensors header of ${count} tensors: each is found, and what is wrong is said once with the file's name`, async () => {
    const name = `${count}.safetensors`;
    const tensors = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `layer-${i}`,
        { dtype: 'F32', shape: [1, 1], data: Float32Array.of(i) } as const,
      ]),
    );
    const bytes = encodeSafetensors(tensors);
    const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    assert.equal(header > smallJson, count === 1000);
    const source = await openTensors(memoryBytes(name, bytes), 'safetensors');
    assert.equal(source.entries().size, count);
    assert.deepEqual([...(await source.readRows('layer-9', 0, 1))], [9]);
    const text = new TextDecoder('latin1').decode(bytes.subarray(8, 8 + header));
    bytes.set(new TextEncoder().encode(text.replace('"F32"', '"F33"')), 8);
    await assert.rejects(openTensors(memoryBytes(name, bytes), 'safetensors'), {
      message: `${name}: safetensors: tensor "layer-0": dtype "F33" is not known`,
    });
  });
