import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal: what keys, blobs and code are named by. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
