// @ts-check
/**
 * The packages that the build system depends on, where the project cannot find them: pnpm hoists none of them, and `npm link`
 * leaves them beside the linked folder. Bundles lie in a cache of the project, so that each gets a link there.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestOf } from './packages.mjs';

// bundler.mjs imports this, and is in no bundle.
const source = fileURLToPath(new URL('..', import.meta.url));

/** Of packages whose own version the project has: a bundle of the project's code has to find that one by the same name. */
const othersFolder = 'others';

/** @returns {string[]} */
function names() {
  return Object.keys(JSON.parse(readFileSync(join(source, '..', 'package.json'), 'utf8')).dependencies);
}

/**
 * The folder of a package as the build system finds it, if the project finds none of this name (`missing`) or another
 * (`other`). What npm keeps in the build system's own node_modules has a name without a link: see `nestedName`.
 * @param {string} root of the project @param {string} name
 * @returns {{ kind: 'missing' | 'other', folder: string } | undefined}
 */
function hidden(root, name) {
  const own = manifestOf(source, name, false);
  if (own === undefined) return undefined;
  const folder = realpathSync(dirname(own));
  const there = manifestOf(root, name, false);
  if (there === undefined) return { kind: 'missing', folder };
  if (realpathSync(dirname(there)) === folder || nestedName(root, own) !== undefined) return undefined;
  return { kind: 'other', folder };
}

/**
 * How a bundle names a file of a package in the build system's own node_modules, where the project has that in its own.
 * @param {string} root of the project @param {string | undefined} file
 */
export function nestedName(root, file) {
  const nested = join(source, '..', 'node_modules');
  if (!file?.startsWith(nested + sep) || !existsSync(join(root, 'node_modules', 'repro'))) return undefined;
  return `../../../../repro/node_modules/${relative(nested, file).replaceAll('\\', '/')}`;
}

/** @type {Map<string, ReturnType<typeof hidden>>} */
const known = new Map();

/**
 * How a bundle two levels below the caches names a file of a package of which the project has another version; undefined
 * where the name of the package will do.
 * @param {string} root of the project @param {string} specifier @param {string | undefined} file that it means for the build system
 */
export function otherName(root, specifier, file) {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const key = `${root}\n${name}`;
  if (!known.has(key)) known.set(key, hidden(root, name));
  const found = known.get(key);
  if (found?.kind !== 'other' || file === undefined) return undefined;
  return `../../${othersFolder}/${name}/${relative(found.folder, file).replaceAll('\\', '/')}`;
}

/**
 * Links what the project cannot find, and unlinks what it can. Returns the paths whose change calls for other links.
 * @param {string} root of the project @param {string} caches where bundles lie
 * @returns {string[]}
 */
export function linkPackages(root, caches) {
  return names().flatMap((name) => {
    const found = hidden(root, name);
    const places = { missing: join(caches, 'node_modules', name), other: join(caches, othersFolder, name) };
    for (const [kind, place] of Object.entries(places)) {
      if (found?.kind === kind) link(found.folder, place);
      else if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(place);
    }
    return found ? [join(places[found.kind], 'package.json'), join(root, 'node_modules', name, 'package.json')] : [];
  });
}

/** @param {string} folder @param {string} place */
function link(folder, place) {
  try {
    if (readlinkSync(place) === folder) return;
  } catch {
    // Absent.
  }
  mkdirSync(dirname(place), { recursive: true });
  const temporary = `${place}.${process.pid}`;
  symlinkSync(folder, temporary, 'junction');
  renameSync(temporary, place);
}
