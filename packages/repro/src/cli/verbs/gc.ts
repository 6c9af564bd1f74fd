import { resolve } from 'node:path';
import type { Command } from 'commander';
import { positiveInteger, withExample, withStoreOption } from '../options.ts';
import type { Invocation } from '../invocation.ts';
import { byteSize, complain, print } from '../print.ts';
import { plural } from '../../plural.ts';

interface Options {
  readonly store: string;
  readonly keepLast: number;
  readonly dryRun: boolean;
}

export function gcVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('gc')
    .description('removal of stored results that no project needs for its last successful runs or its lock');
  withStoreOption(command, invocation)
    .option('--keep-last <n>', 'number of runs of each parameter set whose results are kept', positiveInteger, 1)
    .option('--dry-run', 'print what would be removed, without removing it', false)
    .action((options: Options) => collect(options, invocation.root));
  withExample(command, invocation, 'repro gc --keep-last 3 --dry-run');
}

async function collect({ store: directory, keepLast, dryRun }: Options, root: string): Promise<void> {
  const [{ Store }, { collectGarbage }, { removeOldCode }] = await Promise.all([
    import('../../store/store.ts'),
    import('../../maintenance/collect-garbage.ts'),
    import('../../code/old-code.ts'),
  ]);
  const store = new Store(resolve(directory), 'existing');
  const found = await collectGarbage(store, keepLast, dryRun);
  store.close();
  if (!found) {
    complain(`${directory}: a run is using the store: nothing was removed`);
    process.exitCode = 1;
    return;
  }
  const { results, blobs, names, scratch, roots } = found;
  for (const { facts, state, keys } of roots) {
    if (state === 'used' || !facts) continue;
    const what = `${facts.label} of ${facts.project}`;
    const its = plural(keys.size, 'result');
    if (state === 'gone') print(`${what} is gone: its ${its} stay until the next gc\n`);
    else print(`${what} is gone, as reported before: its ${its} ${dryRun ? 'are' : 'were'} no longer kept\n`);
  }
  print(
    `${dryRun ? 'would remove' : 'removed'} ${plural(results.removed, 'result')}, ${plural(blobs.removed, 'blob')} (${byteSize(blobs.removedBytes)}), ` +
      `${plural(names.removed, 'name')}, ${plural(scratch.removed, 'scratch directory')}; ` +
      `${dryRun ? 'would keep' : 'kept'} ${plural(results.kept, 'result')}, ${plural(blobs.kept, 'blob')} (${byteSize(blobs.keptBytes)})\n`,
  );
  const code = removeOldCode(root, dryRun);
  if (code.files > 0)
    print(
      `${dryRun ? 'would remove' : 'removed'} ${plural(code.files, 'file')} of derived code that nothing has used for a month (${byteSize(code.bytes)})\n`,
    );
}
