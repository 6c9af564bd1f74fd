import { quoted } from '../foreign/quoted.ts';
import { checkRange } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { dtypeBytes, toFloat32 } from './dtypes.ts';
import type { TensorDtype } from './dtypes.ts';

export type { TensorDtype } from './dtypes.ts';

export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** Row-major; empty for a scalar. */
  readonly shape: readonly number[];
}

/**
 * The tensors of a checkpoint, read piece by piece: no more is in memory than was asked for. Names are those of the
 * file. Every method throws an Error that names the file, the tensor and what is wrong.
 */
export interface TensorSource {
  entries(): ReadonlyMap<string, TensorEntry>;
  /** Rows [begin, end) along the first dimension, row-major, converted to f32. A scalar has one row. */
  readRows(name: string, begin: number, end: number): Promise<Float32Array>;
  /** Bytes [begin, end) of the tensor as stored: little-endian, row-major, in the dtype of its entry. */
  readBytes(name: string, begin: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A tensor and where its bytes begin in its file, found (and whatever must be verified before they count, verified) when first asked. */
export interface TensorPlacement extends TensorEntry {
  readonly locate: () => Promise<number>;
}

/** A source whose tensors lie in one file, each contiguous and row-major. */
export function placedTensors(bytes: ByteSource, placements: readonly TensorPlacement[]): TensorSource {
  const placed = new Map(placements.map((placement) => [placement.name, placement]));
  const entries = new Map(
    placements.map(({ name, dtype, shape }): [string, TensorEntry] => [name, { name, dtype, shape }]),
  );
  const located = new Map<string, Promise<number>>();
  const find = (name: string): TensorPlacement => {
    const found = placed.get(name);
    if (!found) throw new Error(`${bytes.name}: no tensor ${quoted(name)}: found ${listed([...placed.keys()])}`);
    return found;
  };
  const readBytes = async (name: string, begin: number, end: number): Promise<Uint8Array> => {
    const place = find(name);
    checkRange(`${bytes.name}: tensor ${quoted(name)}`, tensorBytes(place), begin, end);
    if (!located.has(name)) located.set(name, place.locate());
    const offset = await located.get(name)!;
    return bytes.read(offset + begin, offset + end);
  };
  return {
    entries: () => entries,
    readBytes,
    async readRows(name, begin, end) {
      const place = find(name);
      const rows = place.shape[0] ?? 1;
      if (!(0 <= begin && begin <= end && end <= rows))
        throw new RangeError(
          `${bytes.name}: tensor ${quoted(name)}: rows ${begin} to ${end}: expected a range within its ${rows}`,
        );
      const rowBytes = rowLength(place) * dtypeBytes[place.dtype];
      return toFloat32(place.dtype, await readBytes(name, begin * rowBytes, end * rowBytes));
    },
    close: () => bytes.close(),
  };
}

/** Bytes of the whole tensor. */
export function tensorBytes({ dtype, shape }: TensorEntry): number {
  return elementCount(shape) * dtypeBytes[dtype];
}

/** Elements in one row of the first dimension. */
function rowLength({ shape }: TensorEntry): number {
  return elementCount(shape.slice(1));
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const some = names
    .slice(0, 6)
    .map((name) => quoted(name))
    .join(', ');
  return names.length <= 6 ? some : `${some} and ${names.length - 6} more`;
}
