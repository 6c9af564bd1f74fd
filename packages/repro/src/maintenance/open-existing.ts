import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { Store } from '../store/store.ts';

/** A store that is there already: what looks after stores creates none. Throws an InputError if there is none. */
export function openExisting(directory: string): Store {
  if (!statSync(join(directory, 'cas'), { throwIfNoEntry: false })?.isDirectory())
    throw new InputError(
      `store ${directory}: there is no store here: expected the directory that runs keep results in`,
    );
  return new Store(directory);
}
