import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const nobody = 65534;

/** Calls `action` with a folder as a user whom permissions bind, which they do not root. */
export async function asOrdinaryUser(action: (folder: string) => void | Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  // That of the tests may be closed to others.
  const folder = mkdtempSync(join(isRoot ? '/tmp' : tmpdir(), 'repro-test-'));
  if (isRoot) {
    chownSync(folder, nobody, nobody);
    process.seteuid!(nobody);
  }
  try {
    await action(folder);
  } finally {
    if (isRoot) process.seteuid!(0);
    rmSync(folder, { recursive: true, force: true });
  }
}
