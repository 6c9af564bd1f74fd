/**
 * The safetensors format: eight bytes of header length, a JSON header, then the tensors end to end, little endian.
 * Reading is strict: what does not describe every byte exactly once is refused.
 */
import { decodeUtf8, parseForeignJson } from '../foreign/json.ts';
import { quoted } from '../foreign/quoted.ts';

const arrays = {
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

export interface TensorPlace {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the end of the header: [begin, end). */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: Readonly<Record<string, TensorPlace>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Safetensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const lengthBytes = 8;
/** Those of published checkpoints have less than a megabyte; the reference implementation allows 100 MB. */
const maximumHeader = 2 ** 24;

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

/** The data are views of `bytes` where alignment allows, else copies. Throws an Error that says what is wrong where. */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const headerLength = safetensorsHeaderLength(bytes);
  const start = lengthBytes + headerLength;
  if (start > bytes.length) {
    throw new Error(`safetensors: header of ${headerLength} bytes in a file of ${bytes.length}: the file is cut short`);
  }
  const { tensors, metadata } = parseSafetensorsHeader(bytes.subarray(lengthBytes, start), bytes.length - start);
  const decoded: [string, Tensor][] = Object.entries(tensors).map(([name, { dtype, shape, begin, end }]) => {
    const constructor = arrays[dtype];
    const count = (end - begin) / constructor.BYTES_PER_ELEMENT;
    const at = bytes.byteOffset + start + begin;
    const data =
      at % constructor.BYTES_PER_ELEMENT === 0
        ? new constructor(bytes.buffer as ArrayBuffer, at, count)
        : new constructor(bytes.slice(start + begin, start + end).buffer, 0, count);
    return [name, { dtype, shape, data } as Tensor];
  });
  return { tensors: Object.fromEntries(decoded), metadata };
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

/** Length of the JSON header, from the first 8 bytes of a file. */
export function safetensorsHeaderLength(bytes: Uint8Array): number {
  if (bytes.length < lengthBytes)
    throw new Error(`safetensors: ${bytes.length} bytes: expected at least ${lengthBytes}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maximumHeader))
    throw new Error(`safetensors: header length ${length}: expected at most ${maximumHeader}`);
  return Number(length);
}

/** The header's JSON, checked against the number of bytes that follow it. */
export function parseSafetensorsHeader(json: Uint8Array, dataLength: number): SafetensorsHeader {
  let header: unknown;
  try {
    header = parseForeignJson(decodeUtf8(json));
  } catch (error) {
    throw new Error(`safetensors: the header: ${(error as Error).message}`);
  }
  if (!isRecord(header)) throw new Error('safetensors: the header is not a JSON object');
  const tensors: [string, TensorPlace][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = checkMetadata(value);
    else tensors.push([name, checkTensor(name, value)]);
  }
  let reached = 0;
  for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached) {
      throw new Error(
        `safetensors: tensor ${quoted(name)} begins at ${begin}: expected ${reached}, where the one before it ends`,
      );
    }
    reached = end;
  }
  if (reached !== dataLength) throw new Error(`safetensors: ${dataLength} bytes of data: expected ${reached}`);
  return { tensors: Object.fromEntries(tensors), metadata };
}

function checkTensor(name: string, value: unknown): TensorPlace {
  const fail = (what: string): never => {
    throw new Error(`safetensors: tensor ${quoted(name)}: ${what}`);
  };
  if (!isRecord(value)) return fail('expected an object');
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) fail(`unknown member ${quoted(unknown)}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype)) return fail(`dtype ${shown(dtype)} is not known`);
  if (!isSizes(shape)) return fail(`shape ${shown(shape)}: expected non-negative integers`);
  if (!isSizes(offsets) || offsets.length !== 2)
    return fail(`data_offsets ${shown(offsets)}: expected two non-negative integers`);
  const [begin, end] = offsets as [number, number];
  const size = elementCount(shape) * arrays[dtype as Dtype].BYTES_PER_ELEMENT;
  if (end - begin !== size)
    return fail(`${end - begin} bytes for ${dtype} of shape [${shape.join(', ')}]: expected ${size}`);
  return { dtype: dtype as Dtype, shape, begin, end };
}

function checkMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw new Error('safetensors: __metadata__: expected an object of strings');
  }
  return value as Record<string, string>;
}

function shown(value: unknown): string {
  return quoted(JSON.stringify(value) ?? 'nothing', 60)
    .slice(1, -1)
    .replaceAll('\\"', '"');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
