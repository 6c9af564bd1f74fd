import { checkRange } from '../../../numerics/checkpoints/byte-source.ts';
import type { ByteSource } from '../../../numerics/checkpoints/byte-source.ts';

/** Bytes in memory as a source, which counts what is read of them. */
export function memoryBytes(
  name: string,
  bytes: Uint8Array,
): ByteSource & { read: ByteSource['read']; bytesRead: number } {
  return {
    name,
    size: bytes.length,
    bytesRead: 0,
    async read(begin, end) {
      checkRange(name, bytes.length, begin, end);
      this.bytesRead += end - begin;
      return bytes.slice(begin, end);
    },
    async close() {
      // Nothing is held.
    },
  };
}
