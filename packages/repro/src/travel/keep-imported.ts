import { basename } from 'node:path';
import { StorageError } from '../errors.ts';
import { announceRun } from '../run-lease.ts';
import { Leases } from '../store/lease.ts';
import { recordRun, registerRoot, rootDirectory } from '../store/root.ts';
import type { Store } from '../store/store.ts';
import type { Imported } from './import.ts';

/**
 * Imports while no `gc` removes what is not in use yet, and registers what was imported as in use by the project, until
 * a run of it says more.
 */
export async function keepImported(
  store: Store,
  project: string,
  archive: string,
  importing: () => Promise<Imported>,
): Promise<Imported> {
  if (store.readOnly) throw new StorageError(`store ${store.directory}: it cannot be written to: nothing was imported`);
  const leases = new Leases(store.directory);
  try {
    await announceRun(leases);
    const imported = await importing();
    const directory = rootDirectory(store.directory, { project, reports: archive });
    const label = `imported ${basename(archive)}`;
    registerRoot(directory, { project, reports: archive, label, set: label, overrides: [] });
    recordRun(directory, { complete: false, lock: null, keys: imported.keys });
    return imported;
  } finally {
    leases.releaseAll();
  }
}
