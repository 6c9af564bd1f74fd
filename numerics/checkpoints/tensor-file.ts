/**
 * The safetensors format, as far as the files of this repository need it: eight bytes of header length, a JSON header, then
 * the tensors end to end, little endian. Reading trusts that `encodeSafetensors` wrote the file. Files from elsewhere are
 * read by safetensors.ts, which checks everything. The training code depends on this module, and results on the training
 * code: what foreign files need does not belong here.
 */

export const arrays = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  /** Half precision and bfloat16 as their bits. */
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof arrays;

interface ArrayOf {
  F64: Float64Array;
  I64: BigInt64Array;
  U64: BigUint64Array;
  F32: Float32Array;
  I32: Int32Array;
  U32: Uint32Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I16: Int16Array;
  U16: Uint16Array;
  I8: Int8Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

/** Row-major. */
export type Tensor<D extends Dtype = Dtype> = {
  [K in D]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: ArrayOf[K] };
}[D];

export interface Safetensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Of the header's length, at the start of a file. */
export const lengthBytes = 8;

/**
 * Tensors lie by decreasing element size, then by name, metadata is sorted, and the header is padded to 8 bytes, so
 * equal content has equal bytes and every tensor is aligned.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = {};
  if (metadata) header.__metadata__ = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === '__metadata__') throw new Error('safetensors: a tensor cannot be named __metadata__');
    if (!(data instanceof arrays[dtype]))
      throw new Error(`safetensors: tensor "${name}": ${data.constructor.name} is not ${dtype}`);
    const count = elementCount(shape);
    if (count !== data.length)
      throw new Error(
        `safetensors: tensor "${name}" of shape [${shape.join(', ')}] has ${data.length} elements: expected ${count}`,
      );
    header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(json, lengthBytes);
  let offset = lengthBytes + headerLength;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** The content of a file that `encodeSafetensors` wrote. The data are views of `bytes` where alignment allows, else copies. */
export function decodeOwnTensors(bytes: Uint8Array): Safetensors {
  const start = lengthBytes + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: metadata = {}, ...header } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(lengthBytes, start)),
  ) as { __metadata__?: Record<string, string> } & Record<string, HeaderEntry>;
  const tensors = Object.entries(header).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]): [string, Tensor] => [name, tensorAt(bytes, dtype, shape, start + begin, start + end)],
  );
  return { tensors: Object.fromEntries(tensors), metadata };
}

interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** The tensor in the bytes [begin, end) of a file: a view where alignment allows, else a copy. */
export function tensorAt(
  bytes: Uint8Array,
  dtype: Dtype,
  shape: readonly number[],
  begin: number,
  end: number,
): Tensor {
  const constructor = arrays[dtype];
  const count = (end - begin) / constructor.BYTES_PER_ELEMENT;
  const at = bytes.byteOffset + begin;
  const data =
    at % constructor.BYTES_PER_ELEMENT === 0
      ? new constructor(bytes.buffer as ArrayBuffer, at, count)
      : new constructor(bytes.slice(begin, end).buffer, 0, count);
  return { dtype, shape, data } as Tensor;
}

/** The tensor `name`, which must have the dtype and, where given, the shape expected. */
export function tensorOf<D extends Dtype>(
  file: Safetensors,
  name: string,
  dtype: D,
  shape?: readonly number[],
): Tensor<D> {
  const tensor = Object.hasOwn(file.tensors, name) ? file.tensors[name] : undefined;
  if (!tensor)
    throw new Error(`safetensors: no tensor "${name}": found ${Object.keys(file.tensors).join(', ') || 'none'}`);
  if (tensor.dtype !== dtype) throw new Error(`safetensors: tensor "${name}" is ${tensor.dtype}: expected ${dtype}`);
  if (shape && !(shape.length === tensor.shape.length && shape.every((size, i) => size === tensor.shape[i]))) {
    throw new Error(
      `safetensors: tensor "${name}" has shape [${tensor.shape.join(', ')}]: expected [${shape.join(', ')}]`,
    );
  }
  return tensor as Tensor<D>;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
