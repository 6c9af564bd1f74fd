/** What programs here say of themselves. Asking takes up to half a second, so answers are kept while the program is the same file. */
import { accessSync, constants, existsSync, openSync, readFileSync, readSync, closeSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { cacheDirectory } from '../code/bundler.mjs';
import { InputError } from '../errors.ts';
import { makeDirectory, statOrUndefined, writeAtomically } from '../store/files.ts';

/** Path of a program as the shell finds it; undefined if there is none. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((directory) => join(directory, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statOrUndefined(place)?.isFile() === true;
    } catch {
      return false;
    }
  });
}

interface Answer {
  readonly output: string;
  /** Files and folders, and variables, with which the program would answer something else. */
  readonly watched: readonly (readonly [path: string, seen: string])[];
  readonly pyenv: string;
}

/**
 * What a program prints, on whichever stream. `more`: further files and folders that an answer depends on. Undefined if
 * the program is not there or ends with another code than 0. `root`: of the project, where answers are kept. Throws an
 * InputError where it takes too long: that it is slow must not be in a key.
 */
export async function answerOf(
  root: string,
  [name, ...args]: readonly string[],
  more: (output: string) => readonly string[] = () => [],
  limitMilliseconds = 120_000,
): Promise<string | undefined> {
  const program = findProgram(name!);
  if (program === undefined) return undefined;
  const file = join(cacheDirectory(root), 'programs.json');
  const key = JSON.stringify([program, ...args]);
  const kept = readKept(file)[key];
  const pyenv = process.env['PYENV_VERSION'] ?? '';
  if (kept && kept.pyenv === pyenv && kept.watched.every(([path, seen]) => fingerprint(path) === seen))
    return kept.output;
  const output = await ask(root, program, args, limitMilliseconds);
  const watched = output === undefined ? undefined : filesBehind(root, program);
  if (output === undefined || watched === undefined) return output;
  const seen = [...watched, ...more(output)].map((path) => [path, fingerprint(path)] as const);
  try {
    makeDirectory(dirname(file));
    writeAtomically(
      file,
      JSON.stringify({ ...readKept(file), [key]: { output, watched: seen, pyenv } satisfies Answer }),
    );
  } catch {
    // In a project of someone else or on a full disk the program is asked again by the next verb.
  }
  return output;
}

function ask(root: string, program: string, args: readonly string[], timeout: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, timeout, maxBuffer: 2 ** 24, encoding: 'utf8' } as const;
    const began = performance.now();
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim() || stderr.trim());
      if (!error.killed || performance.now() - began < timeout) return resolve(undefined);
      reject(new InputError(`${program}: it did not say its version within ${timeout / 1000} s: run again`));
    });
  });
}

/**
 * What decides which program runs. Undefined for a script, which may start anything, and for a link to a program of another
 * name, such as those of mise, volta and juliaup, which start what their own files say; of pyenv's it is known what.
 */
function filesBehind(root: string, program: string): string[] | undefined {
  const start = firstBytes(program);
  if (!start.startsWith('#!')) {
    const real = realpathSync(program);
    return isVersionOf(basename(program), basename(real)) ? [program, real] : undefined;
  }
  const pyenv = /export PYENV_ROOT="([^"]+)"/.exec(start);
  if (!pyenv) return undefined;
  const files = [program, join(pyenv[1]!, 'version')];
  for (let directory = root; ; directory = dirname(directory)) {
    files.push(join(directory, '.python-version'));
    if (dirname(directory) === directory) return files;
  }
}

/** `python3` and `python3.11`, `octave` and `octave-8.4.0`. */
function isVersionOf(name: string, real: string): boolean {
  return real.startsWith(name) && /^[\d.-]*$/.test(real.slice(name.length));
}

function firstBytes(path: string): string {
  const buffer = Buffer.alloc(4096);
  const fd = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0)).toString('latin1');
  } finally {
    closeSync(fd);
  }
}

function readKept(file: string): Record<string, Answer> {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Answer>) : {};
  } catch {
    return {};
  }
}

function fingerprint(path: string): string {
  const stats = statOrUndefined(path);
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}` : 'absent';
}
