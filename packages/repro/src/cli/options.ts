import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { announced } from '../code/announce.mjs';
import { terminalLine } from '../escape.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session-parts.ts';
import { defaultSet } from '../params/load.ts';
import type { OpenMode } from '../store/store.ts';
import type { Invocation } from './invocation.ts';

/** Options that every verb takes. */
export interface CommonOptions {
  readonly params: string;
  readonly set: string[];
  readonly store: string;
  readonly reports: string;
  readonly backend: string;
  readonly acceptBackend: string | undefined;
}

export function withCommonOptions(command: Command, invocation: Invocation): Command {
  return withReportsOption(withStoreOption(withParameterOptions(command, invocation), invocation), invocation)
    .option(
      '--backend <name>',
      'backend of stages that have several: a name, or auto for the fastest that works here',
      'auto',
    )
    .option(
      '--accept-backend <name>',
      'backend whose stored results also count as fresh, within the declared tolerance: a name or any',
    );
}

export function withParameterOptions(command: Command, { pipeline, root }: Invocation): Command {
  return command
    .option('--params <set>', 'parameter set: a name in params/ or a JSON file', once(), defaultSet(pipeline, root))
    .option('--set <path=value>', 'override of one parameter, as JSON or a bare word; repeatable', collect, []);
}

export function withStoreOption(command: Command, invocation: Invocation): Command {
  return command.addOption(
    new Option('--store <dir>', 'directory of the store')
      .env('REPRO_STORE')
      .default(ownDirectory(invocation, 'artifacts'), '"artifacts"')
      .argParser(directoryName),
  );
}

export function withReportsOption(command: Command, invocation: Invocation): Command {
  return command.addOption(
    new Option('--reports <dir>', 'directory of the reports')
      .default(ownDirectory(invocation, 'reports'), '"reports"')
      .argParser(directoryName),
  );
}

/** A directory of the project, also for who is in a folder below it. */
export function ownDirectory({ root }: Invocation, name: 'artifacts' | 'reports'): string {
  return resolve(root) === process.cwd() ? name : join(root, name);
}

/** Ends the help of a verb with examples, in which `repro` is replaced by how the user starts the command line. */
export function withExample(command: Command, invocation: Invocation, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  ${example.replace('repro ', `${invocation.command} `)}\n`);
  return command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.join('')}`);
}

/** `mode`: whether a store is made where there is none. Most verbs only look at one. */
export function openFrom(
  { pipeline, root }: Invocation,
  options: CommonOptions,
  mode: OpenMode = 'look',
): Promise<Session> {
  const name = options.set.length ? `${options.params} with ${options.set.join(' ')}` : options.params;
  return announced(`planning ${terminalLine(name)}`, () =>
    openSession(pipeline, root, { ...options, openStore: mode }),
  );
}

/** More than any machine can use, or anyone means: a digit too many is refused. */
const largestCount = 100_000;

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1');
  if (value > largestCount) throw new InvalidArgumentError(`expected at most ${largestCount}`);
  return value;
}

/** More jobs than this would be as many processes. */
const mostJobs = 1024;

export function jobCount(text: string): number {
  const value = positiveInteger(text);
  if (value > mostJobs) throw new InvalidArgumentError(`expected at most ${mostJobs}`);
  return value;
}

/** Seconds of `90`, `30s`, `5m`, `2h`. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (!match) throw new InvalidArgumentError('expected a time such as 30s, 5m or 2h');
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? 's') as 's' | 'm' | 'h'];
}

/** The argument of an option that makes no sense twice: the last would win in silence. */
function once(parse: (text: string) => string = (text) => text): (text: string) => string {
  let given: string | undefined;
  return (text) => {
    if (given !== undefined) throw new InvalidArgumentError(`given before as '${given}': expected it once`);
    given = text;
    return parse(text);
  };
}

export const defaultJobs = availableParallelism();

function directoryName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected a directory');
  return text;
}

/** The values of an option that may be given several times. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
