import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { writeAtomically } from '../../store/files.ts';
import { checkNamedFile, writeNamedFile } from '../../store/named-file.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { collect, withExample, withReportsOption } from '../options.ts';
import { print, shownPath } from '../print.ts';
import { plural } from '../../plural.ts';

interface Options {
  readonly reports: string;
  readonly audit: readonly string[];
  readonly predicate: string | undefined;
  readonly checksums: string | undefined;
}

export function attestVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('attest')
    .description(
      'in-toto statement about a published report: its files, lock, commit, packages and audits; to be signed',
    )
    .argument('<set>', 'the set whose report it is about');
  withReportsOption(command, invocation)
    .option('--audit <file>', 'audit of the report to include; repeatable', collect, [])
    .option('--predicate <file>', 'file for the predicate alone, which signing tools take')
    .option('--checksums <file>', 'file for the subjects as sha256sum prints them, which signing tools take')
    .action((set: string, options: Options) => write(invocation, set, options));
  withExample(command, invocation, `repro attest ${exampleWords(invocation).set} --audit audit.json`);
}

async function write({ root }: Invocation, set: string, options: Options): Promise<void> {
  const [{ attest }, { checksumsText, predicateText, statementName, statementText }] = await Promise.all([
    import('../../travel/attest.ts'),
    import('../../publish/statement.ts'),
  ]);
  const directory = join(resolve(options.reports), set);
  if (!existsSync(join(directory, 'lock.json')))
    throw new InputError(`${set}: no published report in ${options.reports}: run it first`);
  const statement = attest(root, directory, options.audit);
  const path = join(directory, statementName);
  for (const file of [options.predicate, options.checksums])
    if (file !== undefined) checkNamedFile(resolve(file), file);
  writeAtomically(path, statementText(statement));
  if (options.predicate !== undefined) writeNamedFile(options.predicate, predicateText(statement));
  if (options.checksums !== undefined) writeNamedFile(options.checksums, checksumsText(statement));
  const { subject, predicate } = statement;
  print(
    `${shownPath(path)}: ${plural(subject.length, 'file')} of ${predicate.set}, commit ${predicate.commit ?? 'unknown'}, ` +
      `${predicate.audits.length ? plural(predicate.audits.length, 'audit') : 'not audited'}\n`,
  );
}
