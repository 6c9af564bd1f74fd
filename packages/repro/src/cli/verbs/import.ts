import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { terminalLine } from '../../escape.ts';
import { loadParameters } from '../../params/load.ts';
import type { Imported } from '../../travel/import.ts';
import { statOrUndefined } from '../../store/files.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withStoreOption } from '../options.ts';
import { byteSize, print } from '../print.ts';
import { plural } from '../../plural.ts';

interface Options {
  readonly store: string;
  readonly params: string | undefined;
}

export function importVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('import')
    .description('import of the results in an archive made by `export`')
    .argument('[file]', 'the archive, or the folder');
  withStoreOption(command, invocation)
    .option('--params <set>', 'fetch the archive that a parameter set names as its $archive')
    .action((file: string | undefined, options: Options) => read(invocation, file, options));
  const { set } = exampleWords(invocation);
  withExample(command, invocation, 'repro import results.tar.gz', `repro import --params ${set}`);
}

async function read(invocation: Invocation, file: string | undefined, options: Options): Promise<void> {
  if ((file === undefined) === (options.params === undefined))
    throw new InputError('import: expected one of a file and --params');
  const [{ Store }, { importArchive }, { keepImported }] = await Promise.all([
    import('../../store/store.ts'),
    import('../../travel/import.ts'),
    import('../../travel/keep-imported.ts'),
  ]);
  const directory = resolve(options.store);
  const { root } = invocation;
  if (file === undefined) {
    const { withArchive } = await import('../../travel/fetch-archive.ts');
    const { name, archive } = loadParameters(root, options.params!, [], invocation.pipeline.params);
    if (!archive)
      throw new InputError(
        `${name}: it names no archive: expected "$archive": { "url": ..., "sha256": ... } in its file`,
      );
    const store = new Store(directory);
    const importing = (): Promise<Imported> =>
      withArchive(store, root, archive, (path) => importArchive(store, path, archive.url));
    tell(await keepImported(store, root, archive.url, importing));
    store.close();
    return;
  }
  const path = resolve(file);
  const stats = statOrUndefined(path);
  if (!stats?.isFile() && !stats?.isDirectory())
    throw new InputError(
      `${file}: ${stats ? 'it is a device, a pipe or a socket' : 'no such file'}: expected an archive that \`repro export\` wrote`,
    );
  const store = new Store(directory);
  tell(await keepImported(store, root, path, () => importArchive(store, path)));
  store.close();
}

const namedAtMost = 5;

function tell({ keys, known, contradictory, blobs, bytes, elsewhere }: Imported): void {
  print(
    `imported ${plural(keys.length - known, 'result')} (${known} were there), ${plural(blobs, 'blob')} (${byteSize(bytes)})` +
      `${elsewhere ? `; ${plural(elsewhere, 'blob')} came without bytes and will be computed again if needed` : ''}\n`,
  );
  if (contradictory.length > 0)
    print(
      `not deterministic: ${plural(contradictory.length, 'result')} of it ${contradictory.length === 1 ? 'has' : 'have'} other bytes than the store has under the same key, and those of the store stay: ` +
        `${terminalLine(contradictory.slice(0, namedAtMost).join(', '))}${contradictory.length > namedAtMost ? ', ...' : ''}\n`,
    );
}
