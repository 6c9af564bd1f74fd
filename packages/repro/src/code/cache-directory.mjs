// @ts-check
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Where derived code lies: beneath node_modules, so that packages resolve from there. @param {string} root */
export function cacheDirectory(root) {
  const name = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 12);
  return join(root, 'node_modules', '.cache', 'repro', name);
}
