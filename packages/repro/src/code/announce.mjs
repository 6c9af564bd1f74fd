// @ts-check
/**
 * Says on a terminal what it is waiting for, at once; the line goes when that is done. Elsewhere nothing is said: logs
 * and pipes get what verbs print.
 * @template T
 * @param {string} what `bundling pipeline.ts and the command line`
 * @param {() => Promise<T>} work
 * @param {{ isTTY?: boolean, write: (text: string) => unknown }} out
 * @returns {Promise<T>}
 */
export async function announced(what, work, out = process.stderr) {
  if (!out.isTTY) return work();
  out.write(`${what} …`);
  try {
    return await work();
  } finally {
    out.write('\r\x1b[K');
  }
}
