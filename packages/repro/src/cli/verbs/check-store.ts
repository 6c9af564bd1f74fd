import { resolve } from 'node:path';
import type { Command } from 'commander';
import { withExample, withStoreOption } from '../options.ts';
import type { Invocation } from '../invocation.ts';
import { print, printJson } from '../print.ts';
import { plural } from '../../plural.ts';

export function checkStoreVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('check-store')
    .description(
      'verification of every stored blob by its digest; damaged blobs are removed; exit code 1 if there are any',
    );
  withStoreOption(command, invocation).option('--json', 'print JSON', false).action(check);
  withExample(command, invocation, 'repro check-store --store artifacts');
}

async function check({ store: directory, json }: { store: string; json: boolean }): Promise<void> {
  const [{ Store }, { checkStore }] = await Promise.all([
    import('../../store/store.ts'),
    import('../../maintenance/check-store.ts'),
  ]);
  const store = new Store(resolve(directory), 'existing');
  const found = checkStore(store);
  store.close();
  const { blobs, results, faults } = found;
  if (json) printJson(found);
  else {
    for (const { path, problem, nodes } of faults)
      print(`${path} ${problem}: removed${nodes.length ? `; it was ${nodes.join(', ')}` : ''}\n`);
    const checked = `${plural(blobs, 'blob')} and ${plural(results, 'result')} checked`;
    print(
      faults.length
        ? `${checked}: ${plural(faults.length, 'fault')}: \`run\` repairs what is still needed\n`
        : `${checked}: all intact\n`,
    );
  }
  if (faults.length) process.exitCode = 1;
}
