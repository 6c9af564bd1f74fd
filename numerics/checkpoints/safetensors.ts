/**
 * Safetensors files from elsewhere (tensor-file.ts describes the format). Reading is strict: what does not describe every byte exactly once is refused.
 */
import { decodeUtf8, parseForeignJson } from '../foreign/json.ts';
import { quoted } from '../foreign/quoted.ts';
import { arrays, elementCount, lengthBytes, tensorAt } from './tensor-file.ts';
import type { Dtype, Safetensors, Tensor } from './tensor-file.ts';

export { encodeSafetensors, tensorOf } from './tensor-file.ts';
export type { Dtype, Safetensors, Tensor } from './tensor-file.ts';

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

/** Those of published checkpoints have less than a megabyte; the reference implementation allows 100 MB. */
const maximumHeader = 2 ** 24;

/** The data are views of `bytes` where alignment allows, else copies. Throws an Error that says what is wrong where. */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const headerLength = safetensorsHeaderLength(bytes);
  const start = lengthBytes + headerLength;
  if (start > bytes.length) {
    throw new Error(`safetensors: header of ${headerLength} bytes in a file of ${bytes.length}: the file is cut short`);
  }
  const { tensors, metadata } = parseSafetensorsHeader(bytes.subarray(lengthBytes, start), bytes.length - start);
  const decoded = Object.entries(tensors).map(([name, { dtype, shape, begin, end }]): [string, Tensor] => [
    name,
    tensorAt(bytes, dtype, shape, start + begin, start + end),
  ]);
  return { tensors: Object.fromEntries(decoded), metadata };
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
