// @ts-check
import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where derived code lies: beneath node_modules, so that packages resolve from there. @param {string} root */
export function cacheDirectory(root) {
  const name = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 12);
  return join(root, 'node_modules', '.cache', 'repro', name);
}

/** There, what the bundle of a project's pipeline.ts was made of. */
export const pipelineManifest = 'cli.json';

/** Marks derived code as in use, so that it is kept. @param {string} path */
export function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // A cache that may not be written to.
  }
}

const hourMilliseconds = 3_600_000;

/**
 * Marks derived code as in use for as long as this process lives: one that lasts for weeks loads parts of it when it first
 * needs them, and starts its jobs from there. @param {readonly string[]} paths
 */
export function keepInUse(paths) {
  setInterval(() => {
    for (const path of paths) touch(path);
  }, hourMilliseconds).unref();
}
