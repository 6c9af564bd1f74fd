import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { withExample, withStoreOption } from '../options.ts';
import { byteSize, print, printJson, table } from '../print.ts';

export function storeVerb(program: Command, invocation: Invocation): void {
  const command = program.command('store').description('contents of a store by stage, and the projects that use it');
  withStoreOption(command, invocation).option('--json', 'print JSON', false).action(show);
  withExample(command, invocation, 'repro store --store artifacts');
}

async function show({ store: directory, json }: { store: string; json: boolean }): Promise<void> {
  const [{ Store }, { describeStore }] = await Promise.all([
    import('../../store/store.ts'),
    import('../../maintenance/describe-store.ts'),
  ]);
  const store = new Store(resolve(directory), 'existing');
  const { stages, roots, unnamedBytes } = describeStore(store);
  store.close();
  if (json) return printJson({ stages, roots, unnamedBytes });
  const day = (time: string | undefined): string => time?.slice(0, 10) ?? '';
  print(
    table(
      [
        ['stage', 'results', 'bytes', 'elsewhere', 'oldest'],
        ...stages.map(({ stage, results, bytes, elsewhere, oldest }) => [
          stage,
          results,
          byteSize(bytes),
          elsewhere,
          day(oldest),
        ]),
      ],
      [2],
    ),
  );
  if (unnamedBytes > 0) print(`${byteSize(unnamedBytes)} in blobs that no result names: gc removes them\n`);
  print('\n');
  print(
    table([
      ['used by', 'project', 'results', 'last run'],
      ...roots.map(({ label, project, results, lastRun, state }) => [
        label,
        `${project}${state === 'used' ? '' : ' (gone)'}`,
        results,
        day(lastRun),
      ]),
    ]),
  );
}
