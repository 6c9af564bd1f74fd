import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { statOrUndefined } from '../store/files.ts';
import type { BlobReference, Store } from '../store/store.ts';

/** How long a file that was written on another machine may take to be seen here, unless configured. */
export const defaultVisibilitySeconds = 60;

const lookMilliseconds = 250;

export interface VisibilityClock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const realClock: VisibilityClock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * Resolves when blobs that another machine recorded are seen here: a network file system may go on denying for a while
 * that a file exists, up to a minute for NFS unless it is mounted otherwise. Returns those that have not come within the limit.
 */
export async function untilVisible(
  store: Pick<Store, 'blobPath'>,
  blobs: readonly BlobReference[],
  seconds: number,
  { now, sleep }: VisibilityClock = realClock,
): Promise<readonly BlobReference[]> {
  const began = now();
  for (;;) {
    const unseen = blobs.filter(({ digest, size }) => statOrUndefined(store.blobPath(digest))?.size !== size);
    if (unseen.length === 0 || now() - began >= 1000 * seconds) return unseen;
    revalidate(dirname(store.blobPath(unseen[0]!.digest)));
    await sleep(lookMilliseconds);
  }
}

/** Reading a folder makes an NFS client ask the server what is in it now. */
export function revalidate(directory: string): void {
  try {
    readdirSync(directory);
  } catch {
    // Not there, or not seen yet.
  }
}
