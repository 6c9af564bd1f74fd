import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where the system has a place for that: what is tested here is not the disk. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A new directory; `using` removes it when the test is over, or call `[Symbol.dispose]`. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(place, 'repro-test-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
