import type { ByteSource } from './byte-source.ts';
import { quoted } from '../foreign/quoted.ts';
import { crc32 } from './crc32.ts';

/**
 * The zip archives that PyTorch writes, read by range and not to be trusted: entries stored as they are, one after
 * another, with zip64 records where they are needed. Whatever else a zip may be (compressed, encrypted, with a
 * comment, with gaps that hide a second directory) is refused with one line.
 */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Of its local header, which must lie before `limit`, together with the data. */
  readonly headerOffset: number;
  readonly limit: number;
  /** Sizes and checksum follow the data instead of standing in the local header. */
  readonly hasDescriptor: boolean;
}

type Readable = Pick<ByteSource, 'name' | 'size' | 'read'>;

const endLength = 22;
const locatorLength = 20;
const end64Length = 56;
const centralLength = 46;
const localLength = 30;
/** The largest shards of the largest models have a few thousand entries: a few hundred kilobytes. */
const longestDirectory = 16 * 2 ** 20;

export async function readDirectory(bytes: Readable): Promise<ReadonlyMap<string, ZipEntry>> {
  const { count, offset, size } = await findDirectory(bytes);
  const directory = await bytes.read(offset, offset + size);
  const view = new DataView(directory.buffer, directory.byteOffset, size);
  const refuse = (what: string): never => {
    throw new Error(`${bytes.name}: zip: ${what}`);
  };
  const entries: Omit<ZipEntry, 'limit'>[] = [];
  let at = 0;
  while (at < size) {
    if (at + centralLength > size || view.getUint32(at, true) !== 0x02014b50)
      refuse(`byte ${offset + at}: expected the directory's next entry`);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + centralLength + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > size) refuse(`byte ${offset + at}: an entry reaches beyond the directory`);
    const name = entryName(directory.subarray(at + centralLength, at + centralLength + nameLength), refuse);
    if (flags & 0x2041) refuse(`entry ${quoted(name)} is encrypted`);
    if (method !== 0)
      refuse(`entry ${quoted(name)} is compressed (method ${method}): expected stored entries, as PyTorch writes them`);
    const extra = directory.subarray(at + centralLength + nameLength, at + centralLength + nameLength + extraLength);
    const [stored, packed, headerOffset] = widened(
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      extra,
      (what) => refuse(`entry ${quoted(name)}: ${what}`),
    );
    if (stored !== packed)
      refuse(`entry ${quoted(name)}: ${packed} bytes hold ${stored}: expected as many, since it is stored`);
    entries.push({
      name,
      size: stored!,
      crc: view.getUint32(at + 16, true),
      headerOffset: headerOffset!,
      hasDescriptor: (flags & 8) !== 0,
    });
    at = next;
  }
  if (entries.length !== count) refuse(`the directory has ${entries.length} entries: expected ${count}`);
  return withLimits(entries, offset, refuse);
}

/** The data of an entry, by the local header, as a range of the file: read and compared with the directory. */
export async function locateEntry(
  bytes: Readable,
  entry: ZipEntry,
): Promise<{ readonly begin: number; readonly end: number }> {
  const refuse = (what: string): never => {
    throw new Error(`${bytes.name}: zip: entry ${quoted(entry.name)}: ${what}`);
  };
  const nameBytes = new TextEncoder().encode(entry.name).length;
  const header = await bytes.read(
    entry.headerOffset,
    Math.min(entry.limit, entry.headerOffset + localLength + nameBytes),
  );
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < localLength || view.getUint32(0, true) !== 0x04034b50)
    refuse(`expected its header at byte ${entry.headerOffset}`);
  const nameLength = view.getUint16(26, true);
  const name = new TextDecoder().decode(header.subarray(localLength, localLength + nameLength));
  if (name !== entry.name) refuse(`its own header names it ${quoted(name)}`);
  if (view.getUint16(8, true) !== 0) refuse('its own header says that it is compressed');
  const begin = entry.headerOffset + localLength + nameLength + view.getUint16(28, true);
  const end = begin + entry.size;
  if (end > entry.limit) refuse(`bytes ${begin} to ${end} overlap what begins at ${entry.limit}`);
  const crc = view.getUint32(14, true);
  if (!entry.hasDescriptor && crc !== entry.crc) refuse(`its own header has another checksum than the directory`);
  return { begin, end };
}

/** A small entry whole, its checksum verified. */
export async function readEntry(bytes: Readable, entry: ZipEntry, longest: number): Promise<Uint8Array> {
  if (entry.size > longest)
    throw new Error(
      `${bytes.name}: zip: entry ${quoted(entry.name)} has ${entry.size} bytes: expected at most ${longest}`,
    );
  const { begin, end } = await locateEntry(bytes, entry);
  const data = await bytes.read(begin, end);
  checkCrc(bytes.name, entry, crc32(data));
  return data;
}

/** Reads the data of an entry once, piece by piece, for its checksum. */
export async function verifyEntry(
  bytes: Readable,
  entry: ZipEntry,
  { begin, end }: { begin: number; end: number },
  piece = 32 * 2 ** 20,
): Promise<void> {
  let crc = 0;
  for (let at = begin; at < end; at += piece) crc = crc32(await bytes.read(at, Math.min(end, at + piece)), crc);
  checkCrc(bytes.name, entry, crc);
}

function checkCrc(file: string, entry: ZipEntry, found: number): void {
  if (found !== entry.crc)
    throw new Error(
      `${file}: zip: entry ${quoted(entry.name)} has CRC-32 ${hex(found)}: expected ${hex(entry.crc)}: its bytes are damaged`,
    );
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Where the central directory lies, by the records at the end of the file. */
async function findDirectory(bytes: Readable): Promise<{ count: number; offset: number; size: number }> {
  const refuse = (what: string): never => {
    throw new Error(`${bytes.name}: zip: ${what}`);
  };
  const tailLength = Math.min(bytes.size, end64Length + locatorLength + endLength);
  const tailOffset = bytes.size - tailLength;
  const tail = await bytes.read(tailOffset, bytes.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tailLength);
  const endAt = tailLength - endLength;
  if (endAt < 0 || view.getUint32(endAt, true) !== 0x06054b50 || view.getUint16(endAt + 20, true) !== 0) {
    refuse('expected its end record in the last 22 bytes: not a zip of PyTorch, or cut short');
  }
  let end = tailOffset + endAt;
  let count = view.getUint16(endAt + 10, true);
  let size = view.getUint32(endAt + 12, true);
  let offset = view.getUint32(endAt + 16, true);
  const locatorAt = endAt - locatorLength;
  if (locatorAt >= 0 && view.getUint32(locatorAt, true) === 0x07064b50) {
    const at = locatorAt - end64Length;
    const stated = view.getBigUint64(locatorAt + 8, true);
    if (at < 0 || stated !== BigInt(tailOffset + at) || view.getUint32(at, true) !== 0x06064b50)
      refuse(`expected its zip64 record just before the end records, not at byte ${stated}`);
    end = tailOffset + at;
    count = safe(view.getBigUint64(at + 32, true), refuse);
    size = safe(view.getBigUint64(at + 40, true), refuse);
    offset = safe(view.getBigUint64(at + 48, true), refuse);
  }
  if (size > longestDirectory) refuse(`a directory of ${size} bytes: expected at most ${longestDirectory}`);
  if (offset + size !== end)
    refuse(`its directory is said to be bytes ${offset} to ${offset + size}: expected it to end at ${end}`);
  return { count, offset, size };
}

/** 32-bit fields, replaced by those of the zip64 extra field where they are all ones. */
function widened(fields: readonly number[], extra: Uint8Array, refuse: (what: string) => never): number[] {
  if (!fields.includes(0xffffffff)) return [...fields];
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) refuse('an extra field reaches beyond its entry');
    if (view.getUint16(at, true) === 1) {
      let place = at + 4;
      return fields.map((field) => {
        if (field !== 0xffffffff) return field;
        if (place + 8 > end) return refuse('its zip64 field is too short');
        place += 8;
        return safe(view.getBigUint64(place - 8, true), refuse);
      });
    }
    at = end;
  }
  return refuse('expected a zip64 field for sizes of 4 GiB and more');
}

function safe(value: bigint, refuse: (what: string) => never): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : refuse(`${value} is no size`);
}

/** A relative path that stays below its folder. */
function entryName(encoded: Uint8Array, refuse: (what: string) => never): string {
  let name = '';
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(encoded);
  } catch {
    refuse('the name of an entry is not UTF-8');
  }
  const parts = name.split('/');
  const isOdd = /[\\:]|\p{Cc}/u.test(name);
  if (isOdd || parts.includes('..') || parts.includes('.') || parts.includes(''))
    refuse(`entry ${quoted(name)}: expected a path that stays in its folder`);
  return name;
}

/** Gives each entry the place where the next one begins; refuses entries that overlap or bear the same name. */
function withLimits(
  entries: readonly Omit<ZipEntry, 'limit'>[],
  directory: number,
  refuse: (what: string) => never,
): ReadonlyMap<string, ZipEntry> {
  const ordered = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  const found = new Map<string, ZipEntry>();
  for (const [i, entry] of ordered.entries()) {
    const limit = ordered[i + 1]?.headerOffset ?? directory;
    const least = entry.headerOffset + localLength + new TextEncoder().encode(entry.name).length + entry.size;
    if (least > limit)
      refuse(
        `entry ${quoted(entry.name)} of ${entry.size} bytes at ${entry.headerOffset} overlaps what begins at ${limit}`,
      );
    if (found.has(entry.name)) refuse(`two entries are named ${quoted(entry.name)}`);
    found.set(entry.name, { ...entry, limit });
  }
  return found;
}
