// @ts-check
/**
 * The packages behind the imports of a bundle: what package-lock.json pins, compared with what is installed. Plain
 * JavaScript, since the launcher asks it before any TypeScript can run.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { naming } from '../system-error.mjs';

/**
 * An entry of package-lock.json. `resolved`: where the package comes from: an archive, a commit of a git repository, or
 * for a link the folder.
 * @typedef {{ version?: string, resolved?: string, integrity?: string, link?: boolean, optional?: boolean,
 *   devOptional?: boolean, inBundle?: boolean, dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 *   os?: string[], cpu?: string[] }} LockedPackage
 *
 * The lock of a project: where it is, and the place of the project in it (`''`, or that of a workspace).
 * @typedef {{ directory: string, project: string, packages: Record<string, LockedPackage>,
 *   installed: Record<string, LockedPackage> | undefined }} Lock
 */

/**
 * What a bundle uses of the packages that are installed.
 *
 * `packages`: path below node_modules -> what identifies it: `8.0.1 sha512-...` (version and integrity by the lock), the
 * commit of a git repository, a digest of the content of a linked folder, or `not installed`. Dependencies that are
 * builds for one platform only are left out, so that this is the same everywhere.
 *
 * `watched`: files, relative to the root, whether there or not, whose change can change the answer.
 *
 * `problem`: where what is installed is not what the lock says, one line that says what to do.
 * @typedef {{ packages: Record<string, string>, watched: string[], problem: string | undefined }} UsedPackages
 */

/** Where, below node_modules, the links are: see own-packages.mjs. */
const linked = '.cache/repro/others/';

/**
 * @param {string} root of the project
 * @param {readonly string[]} imports specifiers, `arquero` or `@scope/name/part` or `node:fs`
 * @param {boolean} [byContent] whether packages that no lock pins (of other package managers, or installed without saving)
 * count by their content, with those that they depend on; else by version
 * @returns {UsedPackages}
 */
export function usedPackages(root, imports, byContent = false) {
  // `../../../../repro/node_modules/ajv`: a package that npm did not hoist; `../../others/ajv`: one that has a link there.
  const specifiers = imports.map((path) =>
    path.replace(/^(?:\.\.\/){4}(?=repro\/node_modules\/)/, '').replace(/^\.\.\/\.\.\/others\//, linked),
  );
  const isPackage = (/** @type {string} */ path) => path.startsWith(linked) || /^[@\w][^:]*$/.test(path);
  const names = new Set(specifiers.filter((path) => !isBuiltin(path) && isPackage(path)).map(packageName));
  /** @type {UsedPackages} */
  const none = { packages: {}, watched: [], problem: undefined };
  if (names.size === 0) return none;
  const lock = readLock(root);
  const base = lock?.directory ?? root;
  /** @type {Map<string, string>} */
  const found = new Map();
  const watched = new Set([join(base, 'package-lock.json'), join(base, 'node_modules', '.package-lock.json')]);
  /** @type {string | undefined} */
  let problem;

  /** @param {string} name @param {string} from @param {boolean} direct */
  const visit = (name, from, direct) => {
    const path = lock ? resolveIn(lock, name, from) : undefined;
    if (lock === undefined || path === undefined) {
      if (!direct) return;
      const shown = name.startsWith(linked) ? `repro/node_modules/${name.slice(linked.length)}` : name;
      if (byContent) return visitUnlocked(name, shown, root);
      const manifest = manifestOf(root, name);
      watched.add(manifest ?? join(root, 'node_modules', name, 'package.json'));
      found.set(shown, installedIdentity(lock, name, manifest));
      return;
    }
    const locked = /** @type {LockedPackage} */ (lock.packages[path]);
    if (found.has(path) || (!direct && (locked.os || locked.cpu))) return;
    found.set(path, '');
    const folder = join(base, locked.link ? (locked.resolved ?? path) : path);
    if (locked.link || (!locked.integrity && locked.resolved?.startsWith('file:'))) {
      const { digest, files } = folderContent(folder);
      for (const file of files) watched.add(file);
      found.set(path, `content ${digest}`);
    } else {
      const manifest = join(folder, 'package.json');
      watched.add(manifest);
      found.set(path, identity(locked));
      problem ??= difference(name, locked, lock.installed?.[path], manifest);
    }
    const inside = locked.link ? (locked.resolved ?? path) : path;
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[inside] ?? locked;
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      visit(dependency, inside, false);
  };
  /** @type {Set<string>} */
  const folders = new Set();
  /**
   * By Node's own resolution. `shown`: the path of the package below node_modules.
   * @param {string} name @param {string} shown @param {string} from
   */
  const visitUnlocked = (name, shown, from) => {
    const manifest = manifestOf(from, name);
    if (found.has(shown)) return;
    watched.add(manifest ?? join(from, 'node_modules', name, 'package.json'));
    if (manifest === undefined) {
      if (from === root) found.set(shown, 'not installed');
      return;
    }
    const folder = dirname(manifest);
    const inside = realpathSync(folder);
    // Where none is hoisted, one package is found by many paths.
    if (folders.has(inside)) return;
    const { version, os, cpu, dependencies, optionalDependencies, peerDependencies } = manifestAt(manifest);
    if (from !== root && (os || cpu)) return;
    folders.add(inside);
    const pinned = lstatSync(folder).isSymbolicLink() ? undefined : installedEntry(folder, name);
    if (pinned?.integrity && pinned.version === version) found.set(shown, identity(pinned));
    else {
      const { digest, files } = folderContent(folder, /\.([cm]?js|json|wasm)$/);
      for (const file of files) watched.add(file);
      found.set(shown, `${version ?? 'unknown'} content ${digest}`);
    }
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const isHoisted = manifestOf(inside, dependency) === manifestOf(root, dependency);
      visitUnlocked(dependency, isHoisted ? dependency : `${shown}/node_modules/${dependency}`, inside);
    }
  };
  for (const name of names) {
    const [outer, inner] = name.split('/node_modules/');
    const path = inner && lock ? resolveIn(lock, /** @type {string} */ (outer), lock.project) : undefined;
    const holder = path && lock?.packages[path];
    if (inner && holder) visit(inner, (holder.link ? holder.resolved : path) ?? '', true);
    else visit(name, lock?.project ?? '', true);
  }
  return {
    packages: Object.fromEntries(
      [...found]
        .map(([path, version]) => /** @type {[string, string]} */ ([path.replace(/^node_modules\//, ''), version]))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    watched: [...watched].map((path) => relative(root, path).replaceAll('\\', '/')),
    problem,
  };
}

/**
 * Whether what a bundle imports may load a package, other than by its name alone: a part of it, or a package that depends
 * on it. In doubt it may.
 * @param {string} root of the project @param {readonly string[]} imports specifiers @param {string} name of the package
 */
export function mayLoadToo(root, imports, name) {
  const others = imports.filter((path) => path !== name && !isBuiltin(path) && /^[@\w][^:]*$/.test(path));
  if (others.length === 0) return false;
  return readLock(root) === undefined || name in usedPackages(root, others).packages;
}

/**
 * In one line, how an installed package is not the one that the lock names; undefined if it is. A package that the lock
 * calls optional may be absent.
 * @param {string} name
 * @param {LockedPackage} locked
 * @param {LockedPackage | undefined} installed what npm says that it installed
 * @param {string} manifest path of the installed package.json
 */
function difference(name, locked, installed, manifest) {
  const wanted = `package-lock.json says ${locked.version ?? locked.resolved}`;
  const version = versionIn(manifest);
  if (version === undefined) {
    if (locked.optional || locked.devOptional) return undefined;
    return `package ${name}: not installed, ${wanted}: run npm ci`;
  }
  if (locked.version !== undefined && version !== locked.version)
    return `package ${name}: installed ${version}, ${wanted}: run npm ci`;
  for (const member of /** @type {const} */ (['version', 'integrity', 'resolved'])) {
    const [have, want] = [installed?.[member], locked[member]];
    // A registry's address may differ where the bytes are the same: the integrity decides.
    if (have === undefined || want === undefined || have === want) continue;
    if (member === 'resolved' && locked.integrity) continue;
    return `package ${name}: installed ${installed?.version} (${have}), package-lock.json says ${locked.version} (${want}): run npm ci`;
  }
  return undefined;
}

/** What identifies a package by its lock entry: for one from a git repository the commit too. @param {LockedPackage} locked */
function identity({ version = 'unknown', resolved, integrity }) {
  const commit = resolved?.startsWith('git') ? ` ${resolved.slice(resolved.indexOf('#') + 1)}` : '';
  return `${version}${commit}${integrity === undefined ? '' : ` ${integrity}`}`;
}

/** What identifies a package that the lock does not pin. @param {Lock | undefined} lock @param {string} name @param {string | undefined} manifest */
function installedIdentity(lock, name, manifest) {
  const version = manifest && versionIn(manifest);
  if (version === undefined) return 'not installed';
  const known = lock?.installed?.[`node_modules/${name}`];
  return known?.version === version ? identity(known) : version;
}

/**
 * The lock of a project: its own, or that of a project above that has it as a workspace.
 * @param {string} root @returns {Lock | undefined}
 */
function readLock(root) {
  for (let directory = resolve(root); ; directory = dirname(directory)) {
    const packages = packagesIn(join(directory, 'package-lock.json'));
    const project = relative(directory, resolve(root)).replaceAll('\\', '/');
    if (packages && (project === '' || packages[project])) {
      const installed = packagesIn(join(directory, 'node_modules', '.package-lock.json'));
      return { directory, project, packages, installed };
    }
    if (dirname(directory) === directory) return undefined;
  }
}

/** @type {Map<string, { text: string, packages: Record<string, LockedPackage> }>} */
const parsedLocks = new Map();

/** The entries of a lock file; undefined if there is none. Throws a SyntaxError that names it. @param {string} path */
function packagesIn(path) {
  if (!existsSync(path)) return undefined;
  const text = naming(path, () => readFileSync(path, 'utf8'));
  const known = parsedLocks.get(path);
  if (known?.text === text) return known.packages;
  /** @type {Record<string, LockedPackage>} */
  let packages;
  try {
    packages = JSON.parse(text).packages ?? {};
  } catch (error) {
    throw new SyntaxError(`${path}: not JSON: ${/** @type {Error} */ (error).message}`);
  }
  parsedLocks.set(path, { text, packages });
  return packages;
}

/** Node's resolution over the lock's paths: the nearest enclosing node_modules wins. @param {Lock} lock @param {string} name @param {string} from */
function resolveIn({ packages }, name, from) {
  for (let base = from; ; base = base.includes('/') ? base.slice(0, base.lastIndexOf('/')) : '') {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (packages[path]) return path;
    if (base === '') return undefined;
  }
}

/**
 * Path of the package.json that Node would find from the root, or else, with `linked`, from a bundle.
 * @param {string} root @param {string} name @param {boolean} [linked]
 * @returns {string | undefined}
 */
export function manifestOf(root, name, linked = true) {
  for (let directory = resolve(root); ; directory = dirname(directory)) {
    const manifest = join(directory, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return manifest;
    if (dirname(directory) === directory) break;
  }
  return linked ? manifestOf(root, join('.cache', 'repro', 'node_modules', name), false) : undefined;
}

/**
 * What npm noted of a package when it installed it, in node_modules: also where the project has no lock.
 * @param {string} folder @param {string} name @returns {LockedPackage | undefined}
 */
function installedEntry(folder, name) {
  const above = folder.slice(0, -`/node_modules/${name}`.length);
  return packagesIn(join(above, 'node_modules', '.package-lock.json'))?.[`node_modules/${name}`];
}

/** @param {string} manifest @returns {LockedPackage} */
function manifestAt(manifest) {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8'));
  } catch {
    return {};
  }
}

/** @param {string} manifest @returns {string | undefined} */
function versionIn(manifest) {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8')).version ?? 'unknown';
  } catch {
    return undefined;
  }
}

/**
 * Digest of all files of a folder, less its node_modules and .git: for packages that are linked and change without a
 * version. `files`: their paths, and those of the folders, where new ones appear. `counted`: names of those that count: of an
 * installed package, what is not built for one platform.
 * @param {string} folder @param {RegExp} [counted]
 */
function folderContent(folder, counted = /(?:)/) {
  const hash = createHash('sha256');
  /** @type {string[]} */
  const files = [];
  /** @param {string} directory @param {string} name */
  const visit = (directory, name) => {
    files.push(directory);
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === 'node_modules' || entry.name === '.git') continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) visit(path, `${name}${entry.name}/`);
      else if (counted.test(entry.name)) {
        const content = entry.isSymbolicLink() ? Buffer.from(`-> ${readlinkSync(path)}`) : readFileSync(path);
        files.push(path);
        hash.update(`${name}${entry.name}\n${content.length}\n`).update(content);
      }
    }
  };
  if (existsSync(folder)) visit(realpathSync(folder), '');
  return { digest: hash.digest('hex'), files };
}

/** `vega` of `vega/build/x.js`; `repro/node_modules/ajv` of `repro/node_modules/ajv/dist/x.js`. @param {string} specifier @returns {string} */
function packageName(specifier) {
  const nested = /^(repro\/node_modules\/|\.cache\/repro\/others\/)(.*)$/.exec(specifier);
  if (nested) return `${nested[1]}${packageName(/** @type {string} */ (nested[2]))}`;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
