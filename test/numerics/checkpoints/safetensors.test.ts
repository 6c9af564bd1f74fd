import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSafetensors, encodeSafetensors, tensorOf } from '../../../numerics/checkpoints/safetensors.ts';

const example = () =>
  encodeSafetensors(
    {
      b: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      W: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0.5) },
      p: { dtype: 'F64', shape: [], data: Float64Array.of(Math.PI) },
      empty: { dtype: 'I32', shape: [0, 4], data: new Int32Array(0) },
    },
    { params: '{"n":3}' },
  );

/** A file with the given header and as many bytes of data. */
function file(header: unknown, dataLength: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

test('what is written is read back, from any alignment', () => {
  const bytes = example();
  for (const shift of [0, 1, 4]) {
    const moved = new Uint8Array(bytes.length + shift);
    moved.set(bytes, shift);
    const decoded = decodeSafetensors(moved.subarray(shift));
    assert.deepEqual(decoded.metadata, { params: '{"n":3}' });
    assert.deepEqual(tensorOf(decoded, 'W', 'F32', [2, 3]).data, Float32Array.of(1, 2, 3, 4, 5, -0.5));
    assert.deepEqual(tensorOf(decoded, 'p', 'F64').data, Float64Array.of(Math.PI));
    assert.deepEqual(tensorOf(decoded, 'b', 'U8').data, Uint8Array.of(1, 2, 3));
    assert.equal(tensorOf(decoded, 'empty', 'I32').data.length, 0);
  }
});

test('equal content has equal bytes, and tensors are aligned', () => {
  const data = Float32Array.of(1);
  const a = encodeSafetensors(
    { x: { dtype: 'F32', shape: [1], data }, y: { dtype: 'F32', shape: [1], data } },
    { k: '1', l: '2' },
  );
  const b = encodeSafetensors(
    { y: { dtype: 'F32', shape: [1], data }, x: { dtype: 'F32', shape: [1], data } },
    { l: '2', k: '1' },
  );
  assert.deepEqual(a, b);
  assert.equal(new DataView(a.buffer).getUint32(0, true) % 8, 0);
});

test('every cut of a file is refused', () => {
  const bytes = example();
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeSafetensors(bytes.subarray(0, length)), /safetensors: /, `${length} bytes`);
  }
});

test('a bad header is named', () => {
  const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const cases: [unknown, number, RegExp][] = [
    ['{"a":', 0, /the header: not JSON/],
    ['[]', 0, /not a JSON object/],
    [{ a: tensor }, 9, /9 bytes of data: expected 8/],
    [{ a: { ...tensor, dtype: 'F99' } }, 8, /tensor "a": dtype "F99" is not known/],
    [{ a: { ...tensor, dtype: 'toString' } }, 8, /dtype "toString" is not known/],
    [{ a: { ...tensor, shape: [-2] } }, 8, /shape \[-2\]: expected non-negative integers/],
    [{ a: { ...tensor, shape: [3] } }, 8, /8 bytes for F32 of shape \[3\]: expected 12/],
    [{ a: { ...tensor, data_offsets: [0] } }, 8, /data_offsets \[0\]/],
    [{ a: { ...tensor, data_offsets: [4, 12] } }, 12, /tensor "a" begins at 4: expected 0/],
    [{ a: tensor, b: { ...tensor, data_offsets: [4, 12] } }, 12, /tensor "b" begins at 4: expected 8/],
    [{ a: { ...tensor, more: 1 } }, 8, /unknown member "more"/],
    [{ __metadata__: { a: 1 } }, 0, /__metadata__: expected an object of strings/],
  ];
  for (const [header, dataLength, message] of cases)
    assert.throws(() => decodeSafetensors(file(header, dataLength)), message);
  const huge = new Uint8Array(16).fill(255);
  assert.throws(() => decodeSafetensors(huge), /header length 18446744073709551615: expected at most/);
});

test('a tensor of another kind than expected is named', () => {
  const decoded = decodeSafetensors(example());
  assert.throws(() => tensorOf(decoded, 'V', 'F32'), /no tensor "V": found/);
  assert.throws(() => tensorOf(decoded, 'W', 'F64'), /"W" is F32: expected F64/);
  assert.throws(() => tensorOf(decoded, 'W', 'F32', [3, 2]), /shape \[2, 3\]: expected \[3, 2\]/);
  assert.throws(
    () => encodeSafetensors({ a: { dtype: 'F32', shape: [2], data: new Float32Array(3) } }),
    /has 3 elements: expected 2/,
  );
});
