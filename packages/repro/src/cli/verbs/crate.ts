import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import packageFacts from '../../../package.json' with { type: 'json' };
import { InputError } from '../../errors.ts';
import { parseLock } from '../../publish/lock.ts';
import { roCrate } from '../../publish/ro-crate.ts';
import { readSealed } from '../../publish/sealed.ts';
import { publishedFiles, verifyPublished } from '../../publish/verify-published.ts';
import { makeDirectory, statOrUndefined, writeAtomically, readText } from '../../store/files.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withReportsOption } from '../options.ts';
import { print, shownPath } from '../print.ts';
import { plural } from '../../plural.ts';

export function crateVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('crate')
    .description('copy of a published report as an RO-Crate, for a data repository')
    .argument('<set>', 'set whose report it is')
    .argument('<directory>', 'new or empty directory');
  withReportsOption(command, invocation).action((set: string, directory: string, { reports }: { reports: string }) =>
    crate(invocation, join(resolve(reports), set), directory),
  );
  withExample(
    command,
    invocation,
    `repro crate ${exampleWords(invocation).set} crates/${exampleWords(invocation).set}`,
  );
}

function crate({ pipeline }: Invocation, report: string, directory: string): void {
  const target = resolve(directory);
  if (statOrUndefined(target)?.isFile())
    throw new InputError(`${directory}: it is a file: expected a new or empty directory`);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new InputError(`${directory}: it is not empty: expected a new or empty directory`);
  if (!existsSync(report)) throw new InputError(`${shownPath(report)}: no such report: run and publish it first`);
  const [fault] = verifyPublished(report);
  if (fault) throw new InputError(`${shownPath(join(report, fault.path))}: ${fault.problem}`);
  const lock = parseLock(readText(join(report, 'lock.json')))!;
  const sealed = readSealed(readText(join(report, 'provenance.json')));
  if ('problem' in sealed) throw new InputError(`${shownPath(report)}/provenance.json: ${sealed.problem}`);
  const files = publishedFiles(lock)
    .sort()
    .map((path) => ({ path, bytes: readFileSync(join(report, path)) }));
  const dataset = pipeline.dataset ?? {
    title: pipeline.name,
    description: `Results of the pipeline ${pipeline.name}`,
    license: 'https://spdx.org/licenses/NONE',
  };
  const metadata = roCrate(dataset, sealed.facts, lock, files, packageFacts.version);
  for (const { path, bytes } of files) {
    makeDirectory(dirname(join(target, path)));
    writeAtomically(join(target, path), bytes);
  }
  writeAtomically(join(target, 'ro-crate-metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  print(`${plural(files.length, 'file')} and ro-crate-metadata.json in ${shownPath(target)}\n`);
}
