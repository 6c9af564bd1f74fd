import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { sourceDirectory } from '../../code/bundler.mjs';
import { templateWords } from '../../init/templates.mjs';
import type * as Init from '../../init/init.mjs';
import type { Invocation } from '../invocation.ts';
import { withExample } from '../options.ts';

export function initVerb(program: Command, invocation: Invocation): void {
  const names = Object.keys(templateWords);
  const command = program
    .command('init')
    .description('write a new project')
    .argument('[folder]', 'the folder, made if it is not there', '.')
    .addOption(new Option('--template <name>', 'what to start from').choices(names).default('minimal'))
    .option(
      '--package <spec>',
      'repro as package.json names it: a version, or a file (default: what this one was installed from)',
    )
    .action(async (folder: string, { template, package: spec }: { template: string; package?: string }) => {
      // Not bundled: it finds the templates by where it is.
      const url = pathToFileURL(join(sourceDirectory, 'init', 'init.mjs')).href;
      const { initFromArguments } = (await import(url)) as typeof Init;
      const options = ['--template', template, ...(spec === undefined ? [] : ['--package', spec])];
      process.exitCode = initFromArguments([...options, '--', folder]);
    });
  withExample(command, invocation, 'repro init fit --template python');
}
