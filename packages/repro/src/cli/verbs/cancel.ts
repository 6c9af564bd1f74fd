import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { StoreSpool, namePrefix } from '../../cluster/spool.ts';
import { slurmByCommands } from '../../cluster/slurm/commands.ts';
import { verdictOf } from '../../cluster/slurm/states.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withStoreOption } from '../options.ts';
import { complain, print } from '../print.ts';
import { plural } from '../../plural.ts';

export function cancelVerb(program: Command, invocation: Invocation): void {
  const command = withStoreOption(
    program.command('cancel').description('cancel the jobs of a cluster that build nodes of this store'),
    invocation,
  ).action((options: { readonly store: string }) => cancel(resolve(options.store), invocation.root));
  withExample(command, invocation, 'repro cancel', 'repro cancel --store /scratch/shared/artifacts');
}

async function cancel(store: string, root: string): Promise<void> {
  if (!existsSync(join(store, 'cluster'))) return print('no jobs: nothing was submitted for this store');
  const spool = new StoreSpool(store, root, () => '');
  const slurm = slurmByCommands();
  const jobs = spool.jobs();
  const ids = new Map(
    jobs.flatMap(({ name }) => (spool.id(name) === undefined ? [] : [[name, spool.id(name)!] as const])),
  );
  // A run that died while it submitted knows the job only by its name.
  if (ids.size < jobs.length) {
    const names = new Set(jobs.map(({ name }) => name));
    const queue = await answered(slurm.queue());
    if (!queue) return;
    for (const { name, id, state } of queue)
      if (name.startsWith(namePrefix) && names.has(name) && verdictOf(state) === 'active') ids.set(name, id);
  }
  if (!(await answered(slurm.cancel([...ids.values()]).then(() => true)))) return;
  for (const { name, tasks } of jobs) {
    for (const { keys } of tasks.flat()) for (const key of keys) if (spool.claimOf(key) === name) spool.unclaim(key);
    spool.remove(name);
  }
  print(`cancelled ${plural(ids.size, 'job')}; what they built is kept`);
}

/** What Slurm answers; undefined, and it is said why, where it does not. */
async function answered<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    complain(`cancel: ${(error as Error).message}: what is kept of the jobs stays: cancel again once Slurm answers`);
    process.exitCode = 1;
    return undefined;
  }
}
