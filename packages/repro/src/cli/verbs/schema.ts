import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { fileSchemaText, schemaText } from '../../params/schema-file.ts';
import { writeAtomically, readText } from '../../store/files.ts';
import type { Invocation } from '../invocation.ts';
import { withExample } from '../options.ts';
import { complain, print } from '../print.ts';

export function schemaVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('schema')
    .description('JSON schemas of the parameter files, for completion and checks in editors')
    .option('--check', 'write nothing; exit code 1 if a file is not up to date', false)
    .action((options: { check: boolean }) => schema(invocation, options));
  withExample(command, invocation, 'repro schema --check');
}

function schema({ pipeline, root, command }: Invocation, { check }: { check: boolean }): void {
  const files = {
    'params/schema.json': schemaText(pipeline.name, pipeline.params),
    ...Object.fromEntries(
      Object.entries(pipeline.schemas ?? {}).map(([path, schema]) => [
        path.replace(/\.json$/, '.schema.json'),
        fileSchemaText(schema),
      ]),
    ),
  };
  for (const [path, text] of Object.entries(files)) {
    const absolute = join(root, path);
    const current = existsSync(absolute) && readText(absolute) === text;
    if (current) print(`${path} is up to date\n`);
    else if (check) {
      complain(`${path} is not what the pipeline declares: run ${command} schema`);
      process.exitCode = 1;
    } else {
      writeAtomically(absolute, text);
      print(`${path} written\n`);
    }
  }
}
