import { crc32 } from '../../../numerics/checkpoints/crc32.ts';
import type { Tensor } from '../../../numerics/checkpoints/safetensors.ts';

/** An entry of a zip to be written; the overrides say something else than what is there. */
export interface ZipPart {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packed?: number;
  readonly headerOffset?: number;
}

/** A zip as PyTorch lays it out: stored entries, data aligned to 64 bytes. With `zip64`, every size stands in 64 bits. */
export function zipFile(
  parts: readonly ZipPart[],
  { zip64 = false, comment = '' }: { readonly zip64?: boolean; readonly comment?: string } = {},
): Uint8Array {
  const chunks: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const add = (chunk: Buffer): void => {
    chunks.push(chunk);
    at += chunk.length;
  };
  for (const {
    name,
    data,
    method = 0,
    flags = 0,
    crc = crc32(data),
    size = data.length,
    packed = size,
    headerOffset = at,
  } of parts) {
    const nameBytes = Buffer.from(name);
    const padding = (64 - ((at + 30 + nameBytes.length + 4) % 64)) % 64;
    const local = Buffer.alloc(30 + nameBytes.length + 4 + padding, 'Z');
    local.fill(0, 0, 30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(Math.min(packed, 0xffffffff), 18);
    local.writeUInt32LE(Math.min(size, 0xffffffff), 22);
    local.writeUInt16LE(nameBytes.length, 26);
    local.writeUInt16LE(4 + padding, 28);
    nameBytes.copy(local, 30);
    local.write('FB', 30 + nameBytes.length);
    local.writeUInt16LE(padding, 32 + nameBytes.length);
    add(local);
    add(Buffer.from(data));

    const wide = zip64 ? 28 : 0;
    const central = Buffer.alloc(46 + nameBytes.length + wide);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(zip64 ? 0xffffffff : packed, 20);
    central.writeUInt32LE(zip64 ? 0xffffffff : size, 24);
    central.writeUInt16LE(nameBytes.length, 28);
    central.writeUInt16LE(wide, 30);
    central.writeUInt32LE(zip64 ? 0xffffffff : headerOffset, 42);
    nameBytes.copy(central, 46);
    if (zip64) {
      central.writeUInt16LE(1, 46 + nameBytes.length);
      central.writeUInt16LE(24, 48 + nameBytes.length);
      for (const [i, value] of [size, packed, headerOffset].entries())
        central.writeBigUInt64LE(BigInt(value), 50 + nameBytes.length + 8 * i);
    }
    directory.push(central);
  }
  const start = at;
  for (const central of directory) add(central);
  const length = at - start;
  if (zip64) {
    const record = Buffer.alloc(56 + 20);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4);
    record.writeBigUInt64LE(BigInt(parts.length), 24);
    record.writeBigUInt64LE(BigInt(parts.length), 32);
    record.writeBigUInt64LE(BigInt(length), 40);
    record.writeBigUInt64LE(BigInt(start), 48);
    record.writeUInt32LE(0x07064b50, 56);
    record.writeBigUInt64LE(BigInt(at), 64);
    record.writeUInt32LE(1, 72);
    add(record);
  }
  const end = Buffer.alloc(22 + comment.length);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : parts.length, 8);
  end.writeUInt16LE(zip64 ? 0xffff : parts.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : start, 16);
  end.writeUInt16LE(comment.length, 20);
  end.write(comment, 22);
  add(end);
  return Buffer.concat(chunks);
}

const storageNames: Readonly<Record<string, string>> = {
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
  U8: 'ByteStorage',
};

/** Opcodes of pickle, protocol 2, for the few values that stand in checkpoints. */
export const pickled = {
  protocol: Buffer.from([0x80, 2]),
  stop: Buffer.from('.'),
  mark: Buffer.from('('),
  tuple: Buffer.from('t'),
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`),
  text: (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(5, 'X');
    length.writeUInt32LE(bytes.length, 1);
    return Buffer.concat([length, bytes]);
  },
  integer: (value: number): Buffer => {
    const bytes = Buffer.alloc(10);
    bytes[0] = 0x8a;
    bytes[1] = 8;
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  },
  tupleOf: (...items: Buffer[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  call: (callee: Buffer, ...args: Buffer[]): Buffer =>
    Buffer.concat([callee, Buffer.from('('), ...args, Buffer.from('tR')]),
  dictionary: (...items: Buffer[]): Buffer => Buffer.concat([Buffer.from('}('), ...items, Buffer.from('u')]),
};

export interface PickledStorage {
  readonly dtype: string;
  readonly key: string;
  readonly length: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
}

export function pickledTensor({
  dtype,
  key,
  length,
  offset = 0,
  shape,
  strides = rowMajor(shape),
}: PickledStorage): Buffer {
  const id = pickled.tupleOf(
    pickled.text('storage'),
    pickled.global('torch', storageNames[dtype]!),
    pickled.text(key),
    pickled.text('cpu'),
    pickled.integer(length),
  );
  return pickled.call(
    pickled.global('torch._utils', '_rebuild_tensor_v2'),
    Buffer.concat([id, Buffer.from('Q')]),
    pickled.integer(offset),
    pickled.tupleOf(...shape.map(pickled.integer)),
    pickled.tupleOf(...strides.map(pickled.integer)),
    Buffer.from([0x89]),
    pickled.call(pickled.global('collections', 'OrderedDict')),
  );
}

export function pickleOf(...parts: Buffer[]): Buffer {
  return Buffer.concat([pickled.protocol, ...parts, pickled.stop]);
}

/** A checkpoint as `torch.save` writes it: each tensor in a storage of its own. */
export function encodeTorch(
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly zip64?: boolean } = {},
): Uint8Array {
  const entries = Object.entries(tensors);
  const items = entries.flatMap(([name, { dtype, shape, data }], i) => [
    pickled.text(name),
    pickledTensor({ dtype, key: String(i), length: data.length, shape }),
  ]);
  return zipFile(
    [
      { name: 'archive/data.pkl', data: pickleOf(pickled.dictionary(...items)) },
      ...entries.map(([, { data }], i) => ({
        name: `archive/data/${i}`,
        data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      { name: 'archive/version', data: Buffer.from('3\n') },
    ],
    options,
  );
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
}
