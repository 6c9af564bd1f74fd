/** Whether what was installed for commands is what was made: a script that installs something into it changes it for all. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readOrdinaryText, writeAtomically } from '../store/files.ts';
import { isArrayOf, isString, parseJsonText } from '../store/records.ts';

const recordName = 'repro-installed.json';

/**
 * Notes what is installed in the folder of an environment when it is first used; throws an Error of one line where that has
 * changed since.
 */
export function refuseChanged(folder: string): void {
  const now = installedIn(folder);
  const path = join(folder, recordName);
  const before = parseJsonText(readOrdinaryText(path) ?? '');
  if (!isArrayOf(isString, before)) {
    try {
      writeAtomically(path, JSON.stringify(now));
    } catch {
      // A store of someone else: nothing can be installed there either.
    }
    return;
  }
  const [was, is] = [new Set(before), new Set(now)];
  const changes = [
    ...now.filter((name) => !was.has(name)).map((name) => `${name} is new`),
    ...before.filter((name) => !is.has(name)).map((name) => `${name} is gone`),
  ];
  if (changes.length === 0) return;
  throw Object.assign(
    new Error(
      `the environment in ${folder} was changed by something that ran in it (${changes.slice(0, 3).join(', ')}${changes.length > 3 ? ', ...' : ''}): ` +
        'add what is needed to its lock file, and remove that folder: it is made again',
    ),
    { cannotRun: true },
  );
}

/** Names in the folders of packages, which are those of packages, for Python with their versions. */
function installedIn(folder: string): string[] {
  const pythons = namesIn(join(folder, 'lib')).filter((name) => name.startsWith('python') || name.startsWith('pypy'));
  const libraries = [join(folder, 'library'), ...pythons.map((name) => join(folder, 'lib', name, 'site-packages'))];
  return libraries
    .flatMap(namesIn)
    .filter((name) => name !== '__pycache__')
    .sort();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
