import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { schemaText } from '../../params/schema-file.ts';
import { writeAtomically } from '../../store/files.ts';
import type { Invocation } from '../invocation.ts';
import { withExample } from '../options.ts';
import { print } from '../print.ts';

export function schemaVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('schema')
    .description('write params/schema.json, by which editors complete and check parameter files')
    .option('--check', 'write nothing; exit code 1 if the file is not up to date', false)
    .action((options: { check: boolean }) => schema(invocation, options));
  withExample(command, './repro schema --check');
}

function schema({ pipeline, root }: Invocation, { check }: { check: boolean }): void {
  const path = join(root, 'params', 'schema.json');
  const text = schemaText(pipeline.name, pipeline.params);
  const current = existsSync(path) && readFileSync(path, 'utf8') === text;
  if (check) {
    if (current) return print('params/schema.json is up to date\n');
    process.stderr.write('repro: params/schema.json is not what the pipeline declares: run ./repro schema\n');
    process.exitCode = 1;
    return;
  }
  if (!current) writeAtomically(path, text);
  print(`params/schema.json ${current ? 'was up to date' : 'written'}\n`);
}
