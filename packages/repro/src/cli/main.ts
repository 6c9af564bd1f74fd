import { Command, CommanderError } from 'commander';
import packageFacts from '../../package.json' with { type: 'json' };
import { InputError, StorageError } from '../errors.ts';
import { isSystemError, reason, systemLine } from '../system-error.mjs';
import { isPipeline } from '../pipeline.ts';
import type { PipelineDefinition } from '../pipeline.ts';
import { complain } from './print.ts';
import type { CollectedFootprint, Invocation } from './invocation.ts';
import { verbs } from './verbs/index.ts';

/**
 * The command line of a project. Exit codes: 0 fine, 1 a stage failed or `verify` found the gate shut, 2 the call or a
 * parameter file is wrong, 130 interrupted.
 */
export async function main(
  pipeline: PipelineDefinition,
  root: string,
  command: string,
  footprint?: CollectedFootprint,
): Promise<void> {
  if (!isPipeline(pipeline)) {
    complain('pipeline.ts: its default export is no pipeline: expected export default definePipeline({ name, build })');
    process.exitCode = 2;
    return;
  }
  // `repro run | head`: the reader has what it wants; the verb still does its work and its exit code says how that went.
  // Where it cannot be written to, a full disk or a terminal that is gone, that is said once.
  let unwritable: string | undefined;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || unwritable !== undefined) return;
    unwritable = reason(error);
    complain(`standard output: ${unwritable}: nothing more is printed; what finishes is kept`);
  });
  let isDone = false;
  process.on('exit', (code) => {
    if (unwritable !== undefined && code === 0) process.exitCode = 1;
    if (isDone || code !== 0) return;
    complain(
      'pipeline.ts ended the process before the command was done: expected its build to return what is published',
    );
    process.exitCode = 2;
  });
  try {
    await commandLine({ pipeline, root, command, footprint }).parseAsync(process.argv);
  } catch (error) {
    process.exitCode = report(error, process.argv[2]);
  }
  isDone = true;
}

/** The verbs with their options and help. */
export function commandLine(invocation: Invocation): Command {
  const program = new Command('repro')
    .description(`${invocation.pipeline.name}: brings results up to date, says why, and checks what they claim.`)
    .version(`repro ${packageFacts.version}, Node ${process.version.slice(1)}`, '--version', 'version of repro')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError()
    .configureHelp({ styleOptionDescription: (text) => text.replace(/ ?\(default: (?:false|\[\])\)/, '') })
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a stage failed or verify found the claims gate shut, 2 the call or a parameter file is wrong, 3 a check found nothing wrong but could not run some nodes here, 130 interrupted.',
    );
  for (const verb of verbs) verb(program, invocation);
  for (const command of program.commands) command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

/** `verb`: what the user asked for. */
function report(error: unknown, verb = 'cannot start'): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2;
    complain(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
    return 2;
  }
  if (error instanceof StorageError) {
    complain(error.message);
    return 1;
  }
  if (error instanceof InputError) {
    complain(error.message);
    return 2;
  }
  if (isSystemError(error)) {
    complain(`${verb}: ${systemLine(error)}`);
    return 1;
  }
  if (typeof (error as NodeJS.ErrnoException).code === 'string') {
    const { path } = error as NodeJS.ErrnoException;
    complain(`${verb}: ${path ? `${path}: ` : ''}${reason(error)}`);
    return 1;
  }
  // A mistake of ours: the trace is what helps.
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
