import { open } from 'node:fs/promises';

/** Bytes that can be read by range: a local file, or a remote one. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /** The bytes [begin, end); throws if they are not all there. */
  read(begin: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The system's limit for one read is 2 GiB. */
const longestRead = 2 ** 30;

/** A local file, read by position. Throws the system's error if there is none. */
export async function openFile(path: string, name = path): Promise<ByteSource> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    name,
    size,
    async read(begin, end) {
      checkRange(name, size, begin, end);
      const bytes = new Uint8Array(end - begin);
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(longestRead, bytes.length - done), begin + done);
        if (bytesRead === 0)
          throw new Error(
            `${name}: ends at byte ${begin + done}: expected ${size}: the file was cut while it was read`,
          );
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** Throws a RangeError unless 0 <= begin <= end <= size. */
export function checkRange(name: string, size: number, begin: number, end: number): void {
  if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && 0 <= begin && begin <= end && end <= size)) {
    throw new RangeError(`${name}: bytes ${begin} to ${end}: expected a range within its ${size} bytes`);
  }
}
