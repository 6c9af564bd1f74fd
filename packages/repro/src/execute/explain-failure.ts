/** What a command that failed would have needed, by what it printed: a module, a file, a variable that was not declared. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobOutcome } from './worker-pool.ts';

export interface FailedCommand {
  /** Of the project. */
  readonly root: string;
  /** The last of what it printed. */
  readonly log: string;
  /** Files of the project that it was handed. */
  readonly files: readonly string[];
  readonly hasEnvironment: boolean;
}

/**
 * The outcome of a command with what it would have needed in its message. One that needs a module of this machine, and
 * declares no environment that has it, cannot run here.
 */
export function explained(
  outcome: JobOutcome,
  command: { readonly environment?: unknown } | undefined,
  { root, files }: Pick<FailedCommand, 'root' | 'files'>,
): JobOutcome {
  if (!command || outcome.type !== 'failed') return outcome;
  const hasEnvironment = command.environment !== undefined;
  const failed = { root, log: outcome.log, files, hasEnvironment };
  const because = explainFailure(failed);
  if (because === undefined) return outcome;
  const isOfMachine = !hasEnvironment && because === moduleNotInstalled(failed);
  return { ...outcome, message: `${outcome.message}: ${because}`, ...(isOfMachine && { cannotRun: true }) };
}

/** A sentence that names what is missing and says how to declare it; undefined where the output says nothing of the kind. */
export function explainFailure(failed: FailedCommand): string | undefined {
  return (
    undeclaredModule(failed) ??
    moduleNotInstalled(failed) ??
    missingFile(failed) ??
    missingVariable(failed) ??
    repository(failed)
  );
}

/** The module of Python that was not found. */
function pythonModule(log: string): string | undefined {
  return last(log, /(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?/g);
}

/** A module that is a file of the project. */
function undeclaredModule({ root, log, files }: FailedCommand): string | undefined {
  const name = pythonModule(log);
  if (name === undefined) return undefined;
  const path = name.replaceAll('.', '/');
  for (const folder of new Set(['', ...files.map((file) => dirname(file)).filter((each) => each !== '.')])) {
    // `a.b` is missing where `a/b.py` is, and also where the whole of `a` is.
    for (const candidate of [path, path.split('/')[0]!]) {
      for (const file of [`${candidate}.py`, `${candidate}/__init__.py`, `${candidate}/`]) {
        const found = join(folder, file);
        if (!existsSync(join(root, found)) || files.includes(found)) continue;
        const pattern = file.endsWith('/') || file.endsWith('__init__.py') ? join(folder, candidate, '**/*.py') : found;
        return `the module ${name} is ${found} of the project, which is not declared: add '${pattern}' to files`;
      }
    }
  }
  return undefined;
}

function moduleNotInstalled({ log, hasEnvironment }: FailedCommand): string | undefined {
  const python = pythonModule(log);
  const inR = last(log, /there is no package called [‘'“"]([\w.]+)[’'”"]/g);
  const what = python !== undefined ? `module ${python}` : inR !== undefined ? `package ${inR}` : undefined;
  if (what === undefined) return undefined;
  const call = python !== undefined ? "python({ lock: 'requirements.txt' })" : "r({ lock: 'renv.lock' })";
  const how = hasEnvironment
    ? 'add it to the lock file of the environment'
    : `declare an environment that has it: environment: ${call}`;
  return `the ${what} is not installed: ${how}`;
}

/** Words that may be a path: what is quoted, and what stands before a message of the system. */
const paths = [
  /No such file or directory: ?['"]([^'"\n]+)['"]/g,
  /cannot open (?:compressed )?file ['"]([^'"\n]+)['"]/g,
  /(?:^|[\s:'"‘])([\w./-]+)['"’]?: No such file or directory/gm,
  /ENOENT[^'"\n]*['"]([^'"\n]+)['"]/g,
  /can't open file ['"]([^'"\n]+)['"]/g,
];

function missingFile({ root, log, files }: FailedCommand): string | undefined {
  for (const pattern of paths) {
    const given = last(log, pattern);
    if (given === undefined) continue;
    // Python names its script by where it runs.
    const path = given.replace(/^.*\/job-[^/]+\//, '').replace(/^\.\//, '');
    if (path.startsWith('/') || path.startsWith('..') || files.includes(path) || !existsSync(join(root, path)))
      continue;
    const what = statSync(join(root, path)).isDirectory() ? `${path}/**` : path;
    return `${path} is in the project and is not declared: add '${what}' to files, or make it an input: source('${path}', type)`;
  }
  return undefined;
}

function repository({ log }: FailedCommand): string | undefined {
  return log.includes('fatal: not a git repository')
    ? 'it asks git about the project, of which a command sees only what it declares: hand it what it needs as a parameter'
    : undefined;
}

function missingVariable({ log }: FailedCommand): string | undefined {
  const name =
    (/\bos\.environ|\bos\.py"/.test(log) ? last(log, /^KeyError: '(\w+)'$/gm) : undefined) ??
    last(log, /(?:^|: )(\w+): (?:unbound variable|parameter not set)/gm);
  if (name === undefined) return undefined;
  const known = process.env[name] === undefined ? '' : ', though it is set in your shell';
  return `the variable ${name} is not declared${known}: commands get only those of variables: { ${name}: '...' }`;
}

function last(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}
