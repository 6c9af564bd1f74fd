import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withStoreOption } from '../options.ts';
import { byteSize, plural, print } from '../print.ts';

export function importVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('import')
    .description('import of the results in an archive made by `export`')
    .argument('<file>', 'the archive');
  withStoreOption(command).action((file: string, { store }: { store: string }) => read(invocation, file, store));
  withExample(command, invocation, 'repro import results.tar.zst');
}

async function read({ root }: Invocation, file: string, directory: string): Promise<void> {
  const [{ Store }, { importArchive }, { keepImported }] = await Promise.all([
    import('../../store/store.ts'),
    import('../../travel/import.ts'),
    import('../../travel/keep-imported.ts'),
  ]);
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new InputError(`${file}: no such file: expected an archive that \`repro export\` wrote`);
  const store = new Store(resolve(directory));
  const imported = await keepImported(store, root, path, () => importArchive(store, path));
  store.close();
  const { keys, known, blobs, bytes, elsewhere } = imported;
  print(
    `imported ${plural(keys.length - known, 'result')} (${known} were there), ${plural(blobs, 'blob')} (${byteSize(bytes)})` +
      `${elsewhere ? `; ${plural(elsewhere, 'blob')} came without bytes and will be computed again if needed` : ''}\n`,
  );
}
