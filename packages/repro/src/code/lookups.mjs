// @ts-check
/**
 * Where the resolution of a bundle's imports looked, besides the files that it found: paths that would have answered
 * first had they been there, links on the way, package.json and tsconfig.json of all folders above, and the folders of
 * imports by pattern. For example, `./helper`, found as helper/index.ts, would be helper.ts if that appeared.
 */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** What esbuild tries, in its order, behind a path that is not there itself. */
const endings = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];

/**
 * Absolute paths to watch, whether there or not, and for each path that leads through a link where it leads.
 * @param {string} root
 * @param {import('esbuild').Metafile['inputs']} inputs
 * @returns {{ paths: string[], links: [path: string, target: string][] }}
 */
export function lookups(root, inputs) {
  /** @type {Set<string>} */
  const paths = new Set();
  /** @type {Map<string, string>} */
  const links = new Map();
  /** @type {Set<string>} */
  const folders = new Set();
  for (const [name, { imports }] of Object.entries(inputs)) {
    if (/^[\w-]+:/.test(name)) continue;
    const importer = resolve(root, name);
    for (let folder = dirname(importer); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
    // A list of the modules of a folder: see bundler.mjs.
    if (name.endsWith('.folder')) paths.add(importer.replace(/\.folder$/, ''));
    for (const { path, original, external } of imports) {
      if (external && path.includes('*')) {
        for (const folder of foldersBelow(resolve(dirname(importer), path.slice(0, path.indexOf('*')), '.')))
          paths.add(folder);
      }
      // A name of a package is looked up by tsconfig.json first: a file there would answer in the place of the package.
      if (external && /^[@\w][^:*]*$/.test(path) && !isBuiltin(path))
        for (const base of mappedPaths(importer, path)) for (const candidate of candidates(base)) paths.add(candidate);
      if (external || original === undefined) continue;
      const found = resolve(root, path.replace(/^[\w-]+:(?=\/)/, ''));
      const bases = /^\.{0,2}\//.test(original)
        ? [resolve(dirname(importer), original)]
        : mappedPaths(importer, original);
      for (const base of bases) {
        if (base === found) break;
        for (const candidate of candidates(base)) {
          const target = realPath(candidate);
          if (target !== undefined && target !== candidate) links.set(candidate, target);
          if (candidate === found) break;
          paths.add(candidate);
          if (target === found) break;
        }
      }
    }
  }
  for (const folder of folders) {
    paths.add(join(folder, 'package.json'));
    for (const file of configChain(join(folder, 'tsconfig.json'))) paths.add(file);
  }
  return { paths: [...paths], links: [...links] };
}

/** Where a link leads; undefined where there is nothing. @param {string} path */
export function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Files that an import of `base` may mean, the first one first. @param {string} base */
function candidates(base) {
  const typed = /\.[cm]?jsx?$/.test(base) ? [base.replace(/js(x?)$/, 'ts$1'), base.replace(/jsx?$/, 'tsx')] : [];
  return [
    base,
    ...typed,
    ...endings.map((ending) => base + ending),
    join(base, 'package.json'),
    ...endings.map((ending) => join(base, `index${ending}`)),
  ];
}

/** A folder and those in it. @param {string} folder @returns {string[]} */
function foldersBelow(folder) {
  if (!existsSync(folder)) return [folder];
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap(({ name }) => foldersBelow(join(folder, name)));
  return [folder, ...inside];
}

/** A tsconfig.json and what it extends, whether there or not. @param {string} path @param {string[]} [above] @returns {string[]} */
function configChain(path, above = []) {
  if (above.includes(path)) return [];
  const config = readConfig(path);
  /** @type {string[]} */
  const bases = [config?.extends ?? []].flat();
  return [
    path,
    ...bases
      .filter((base) => typeof base === 'string' && /^\.{0,2}\//.test(base))
      .map((base) => resolve(dirname(path), base))
      .flatMap((base) => configChain(base.endsWith('.json') ? base : `${base}.json`, [...above, path])),
  ];
}

/** Where the `paths` of the nearest tsconfig.json say that a name may be. @param {string} importer @param {string} name @returns {string[]} */
function mappedPaths(importer, name) {
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    for (const file of configChain(join(folder, 'tsconfig.json'))) {
      const { paths, baseUrl } = readConfig(file)?.compilerOptions ?? {};
      if (!paths && baseUrl === undefined) continue;
      const base = resolve(dirname(file), baseUrl ?? '.');
      const mapped = Object.entries(paths ?? {}).flatMap(([pattern, targets]) => {
        const [before = '', after] = pattern.split('*');
        if (after === undefined) return pattern === name ? targets : [];
        if (!name.startsWith(before) || !name.endsWith(after)) return [];
        const middle = name.slice(before.length, name.length - after.length);
        return targets.map((target) => target.replace('*', () => middle));
      });
      return [
        ...mapped.map((target) => resolve(base, target)),
        ...(baseUrl === undefined ? [] : [resolve(base, name)]),
      ];
    }
    if (dirname(folder) === folder) return [];
  }
}

/**
 * A tsconfig.json, which may hold comments and commas at ends; undefined if it is not there or not readable.
 * @param {string} path
 * @returns {{ extends?: string | string[], compilerOptions?: { baseUrl?: string, paths?: Record<string, string[]> } } | undefined}
 */
function readConfig(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const bare = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=\s*[}\]])/g, (_, string) => string ?? '');
  try {
    return JSON.parse(bare);
  } catch {
    return undefined;
  }
}
