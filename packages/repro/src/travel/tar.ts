/** The ustar format (POSIX.1-1988), as far as archives of results need it: regular files with short names. */

const blockBytes = 512;
/** 8 GiB less one: what eleven octal digits hold. A larger size is written in binary, as GNU tar does. */
const largestInOctal = 0o77777777777;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
}

/** The header of a file; the same for the same name and size. Throws a RangeError for a name that ustar cannot hold. */
export function tarHeader({ name, size }: TarEntry): Buffer {
  const [prefix, last] = splitName(name);
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(last, 0);
  header.write(octal(0o444, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size <= largestInOctal) header.write(octal(size, 11), 124);
  else {
    header[124] = binarySize;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(0, 11), 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** In the first byte of a size: the rest is a binary number. */
const binarySize = 0x80;

/** The size in the header of a file; undefined where there is none. */
export function sizeInHeader(header: Buffer): number | undefined {
  if (header[124] === binarySize) {
    const size = Number(header.readBigUInt64BE(128));
    return header.readUIntBE(125, 3) === 0 && Number.isSafeInteger(size) ? size : undefined;
  }
  const digits = header.toString('latin1', 124, 136).replace(/\0.*$/s, '').trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** A name of more than 100 bytes is written in two parts, divided at a slash. */
function splitName(name: string): [prefix: string, last: string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [prefix, last] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(last) <= 100) return [prefix, last];
  }
  throw new RangeError(`${name}: longer than 100 bytes, and not of two parts of 155 and 100 bytes`);
}

/** What follows a file, so that the next header begins at a block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

/** Pieces of one file of an archive. The caller takes all of them before it asks for the next file. */
export interface TarFile extends TarEntry {
  readonly pieces: AsyncIterable<Buffer>;
}

/** The files of an archive in their order. Throws an Error for what is no archive or ends early. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  const reader = new PieceReader(source);
  for (;;) {
    const header = await reader.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const entry = parseHeader(header);
    let left = entry.size;
    async function* pieces(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const piece = await reader.atMost(left);
        left -= piece.length;
        yield piece;
      }
    }
    yield { ...entry, pieces: pieces() };
    if (left > 0) throw new Error('a file was not read to its end');
    await reader.exactly((blockBytes - (entry.size % blockBytes)) % blockBytes);
  }
}

/** Throws an Error for what is no header of a file. */
export function parseHeader(header: Buffer): TarEntry {
  const text = (start: number, end: number): string => header.toString('latin1', start, end).replace(/\0.*$/s, '');
  const octal = (start: number, end: number): number => {
    const digits = text(start, end).trim();
    if (!/^[0-7]+$/.test(digits)) throw new Error('a header cannot be read');
    return parseInt(digits, 8);
  };
  if (text(257, 262) !== 'ustar' || octal(148, 156) !== checksum(header)) throw new Error('a header cannot be read');
  const type = text(156, 157);
  if (type !== '0' && type !== '') throw new Error(`it holds something other than a file (type ${type})`);
  const prefix = text(345, 500);
  const size = sizeInHeader(header);
  if (size === undefined) throw new Error('a header cannot be read');
  return { name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), size };
}

/** The sum of the bytes, those of the checksum itself taken as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < blockBytes; i++) if (i < 148 || i >= 156) sum += header[i]!;
  return sum;
}

class PieceReader {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  async atMost(length: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#iterator.next();
      if (next.done) throw new Error('it ends early');
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = length; left > 0;) {
      const piece = await this.atMost(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}
