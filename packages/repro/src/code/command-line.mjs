// @ts-check
/**
 * The bundles behind a command line: one of the build system, for all projects that share its packages, and one of a
 * project's pipeline.ts, which imports the former. Editing pipeline.ts makes only the small one anew. Plain JavaScript,
 * since it runs before any TypeScript can.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { announced } from './announce.mjs';
import { keepInUse, pipelineManifest, touch } from './cache-directory.mjs';
import {
  cacheDirectory,
  commonOptions,
  kernelFiles,
  launcherFiles,
  ownUrls,
  sourceDirectory,
  loadEsbuild,
  installedFile,
  linkPackages,
  nestedName,
  otherName,
} from './bundler.mjs';
import { lookups, realPath } from './lookups.mjs';
import { isSystemError, pathOf, reason, systemLine } from '../system-error.mjs';

export { keepInUse };

/** What the build system's bundle offers: its exports, and its programs. */
const entries = {
  index: 'index.ts',
  runtime: 'runtime.ts',
  claims: 'claims.ts',
  figures: 'figures.ts',
  page: 'page.ts',
  main: 'cli/main.ts',
  worker: 'execute/worker.ts',
  'exec-node': 'cluster/exec-node-main.ts',
};
/** What paths in the bundle of the build system are relative to. */
const engineBase = join(sourceDirectory, '..');
/** Beside these, the package that pipelines take from there. */
const sharedEntry = 'shared-package';

/**
 * What is kept of a bundle. `watched`: each path whose change could change the bundle, with what was seen of it; `links`:
 * paths that lead through a link, and where to; `imports`: packages; `loaded`: those of them that are loaded with the
 * bundle; `engine`: the folder of the bundle that it imports; `root`: the project, so that what is kept of one that is gone
 * can be told; `packages`: what pipeline.ts loads, and what that depends on, by version and integrity.
 * @typedef {{ directory: string, watched: [path: string, seen: string][], links: [path: string, target: string][],
 *   imports: string[], loaded: string[], engine?: string, root?: string, packages?: Record<string, string> }} Bundle
 */

/** A command line that cannot be bundled: its message is one line for the user. */
export class BundleError extends Error {}

/**
 * Path of the bundled command line of a project, made anew where one of its files changed. Throws a BundleError.
 * @param {string} root @returns {Promise<string>}
 */
export async function commandLine(root) {
  const path =
    currentCommandLine(root) ?? (await announced('bundling the command line and pipeline.ts', () => build(root)));
  for (const directory of bundleDirectories(root)) touch(directory);
  return path;
}

/** The folders of the bundles of a project's command line. @param {string} root @returns {string[]} */
export function bundleDirectories(root) {
  const { directory, engine } = read(manifestOf(root)) ?? {};
  return [directory, engine].flatMap((path) => path ?? []);
}

/**
 * Path of the bundled command line of a project, if none of its files changed since it was made.
 * @param {string} root @returns {string | undefined}
 */
export function currentCommandLine(root) {
  const bundle = current(manifestOf(root));
  if (bundle?.engine === undefined || !current(join(bundle.engine, 'bundle.json'))) return undefined;
  return join(bundle.directory, 'main.mjs');
}

/** @param {string} root */
function manifestOf(root) {
  return join(cacheDirectory(root), pipelineManifest);
}

/** @param {string} manifest @returns {Bundle | undefined} if there is one and nothing changed */
function current(manifest) {
  const bundle = read(manifest);
  return bundle &&
    existsSync(bundle.directory) &&
    bundle.watched.every(([path, seen]) => fingerprint(path) === seen) &&
    bundle.links.every(([path, target]) => realPath(path) === target)
    ? bundle
    : undefined;
}

/** @param {string} manifest @returns {Bundle | undefined} */
function read(manifest) {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8'));
  } catch {
    // Absent or unreadable: made again.
    return undefined;
  }
}

/** @param {string} root @returns {Promise<string>} path of the module */
async function build(root) {
  const cache = cacheDirectory(root);
  try {
    const engine = await currentEngine(dirname(cache));
    const bundle = await buildPipeline(root, cache, engine);
    write(manifestOf(root), { ...bundle, root });
    removeOld(cache);
    return join(bundle.directory, 'main.mjs');
  } catch (error) {
    throw failure(error, cache);
  }
}

/** The bundle of the build system among the caches of all projects. @param {string} caches @returns {Promise<Bundle>} */
async function currentEngine(caches) {
  mkdirSync(caches, { recursive: true });
  // Where it really is: a project with a link to the packages may go, and others stay.
  const cache = join(realpathSync(caches), createHash('sha256').update(sourceDirectory).digest('hex').slice(0, 12));
  const pointer = join(cache, 'engine.json');
  const directory = read(pointer)?.directory;
  const known = !directory?.startsWith(cache) ? undefined : current(join(directory, 'bundle.json'));
  if (known) return known;
  const links = linkPackages(projectOf(cache), dirname(cache));
  const { inlinedPackages, sharedPackage } = await import('./inlined-packages.mjs');
  const { plugin, imports } = inlinedPackages();
  const shared = installedFile(sharedPackage);
  const made = await bundled(engineBase, cache, (directory) => ({
    entryPoints: {
      ...Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(sourceDirectory, path)])),
      ...(shared && { [sharedEntry]: shared }),
    },
    splitting: true,
    outdir: directory,
    plugins: [plugin, ownUrls()],
  }));
  const inlined = [...imports].map((path) => {
    const [root, file] = [projectOf(cache), installedFile(path)];
    return nestedName(root, file) ?? otherName(root, path, file) ?? path;
  });
  const bundle = {
    ...made,
    watched: [...made.watched, ...links.map((path) => /** @type {[string, string]} */ ([path, fingerprint(path)]))],
    imports: [...made.imports, ...inlined],
    loaded: [...made.loaded, ...inlined],
  };
  write(join(bundle.directory, 'bundle.json'), bundle);
  write(pointer, bundle);
  removeOld(cache);
  return bundle;
}

/** @param {string} root @param {string} cache @param {Bundle} engine @returns {Promise<Bundle>} */
async function buildPipeline(root, cache, engine) {
  const { mayLoadToo, usedPackages } = await import('./packages.mjs');
  const { isShared, sharedPackage } = await import('./inlined-packages.mjs');
  const started = Date.now();
  let bundle = await bundlePipeline(root, cache, engine, isShared(root) ? sharedPackage : undefined);
  if (mayLoadToo(root, bundle.imports, sharedPackage)) {
    // Another package would bring a second copy of what the pipeline loads: its lists of formats, for example.
    discard(bundle.directory);
    bundle = await bundlePipeline(root, cache, engine);
  }
  const used = usedPackages(root, [...engine.imports, ...bundle.imports]);
  if (used.problem !== undefined) {
    discard(bundle.directory);
    throw new BundleError(`repro: ${used.problem}`);
  }
  const installed = used.watched.map((path) => /** @type {[string, string]} */ ([resolve(root, path), '']));
  for (const each of installed) each[1] = fingerprint(each[0], started);
  const { packages } = usedPackages(root, bundle.loaded);
  return { ...bundle, watched: [...bundle.watched, ...installed], engine: engine.directory, packages };
}

/**
 * @param {string} root @param {string} cache @param {Bundle} engine
 * @param {string} [shared] the package that is taken from the bundle of the build system
 * @returns {Promise<Bundle>}
 */
async function bundlePipeline(root, cache, engine, shared) {
  const bundle = await bundled(root, cache, (directory) => {
    // Where node_modules is a link, esbuild names files by where they really are.
    const entry = join(realpathSync(directory), 'main.ts');
    writeFileSync(
      entry,
      `import * as pipeline from ${JSON.stringify(join(root, 'pipeline.ts'))};
import { main as run } from 'repro/main';
export const main = (root, command, footprint) => run(pipeline.default, root, command, footprint);`,
    );
    return {
      entryPoints: { main: entry },
      // Source maps name files from there.
      outdir: dirname(entry),
      plugins: [ownUrls(), fromEngine(engine.directory, shared)],
    };
  });
  const url = moduleUrl(engine.directory, sharedEntry);
  /** @param {string[]} paths */
  const named = (paths) => paths.map((path) => (shared !== undefined && path === url ? shared : path));
  return { ...bundle, imports: named(bundle.imports), loaded: named(bundle.loaded) };
}

/** @param {string} directory of a bundle @param {string} name of a module of it */
function moduleUrl(directory, name) {
  return pathToFileURL(join(directory, `${name}.mjs`)).href;
}

/**
 * Imports of the build system mean its bundle, by whatever path: a pipeline and the command line share its modules.
 * @param {string} directory @param {string} [shared] a package whose module is there too
 * @returns {import('esbuild').Plugin}
 */
function fromEngine(directory, shared) {
  const byPath = new Map(Object.entries(entries).map(([name, path]) => [join(sourceDirectory, path), name]));
  return {
    name: 'from-engine',
    setup(build) {
      /** @param {string} name */
      const external = (name) => ({ path: moduleUrl(directory, name), external: true });
      build.onResolve({ filter: /^@/ }, ({ path }) => (path === shared ? external(sharedEntry) : undefined));
      build.onResolve({ filter: /^repro(\/|$)/ }, ({ path }) => external(path.slice('repro/'.length) || 'index'));
      build.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        const name = byPath.get(resolve(resolveDir, path));
        return name === undefined ? undefined : external(name);
      });
    },
  };
}

/** The root of the project below whose node_modules a cache lies. @param {string} cache */
function projectOf(cache) {
  return resolve(cache, '../../../..');
}

/**
 * Bundles into a new folder of a cache. Nothing of the folder is left where that fails.
 * @param {string} base what paths in the result are relative to
 * @param {string} cache
 * @param {(directory: string) => import('esbuild').BuildOptions} optionsFor
 * @returns {Promise<Bundle>}
 */
async function bundled(base, cache, optionsFor) {
  const { build } = await loadEsbuild();
  const started = Date.now();
  const directory = join(cache, `cli-${process.pid}-${started}-${made++}`);
  try {
    mkdirSync(directory, { recursive: true });
    const { plugins = [], ...options } = optionsFor(directory);
    const common = commonOptions(base, projectOf(cache));
    const { metafile } = await build({
      ...common,
      ...options,
      plugins: [...plugins, ...(common.plugins ?? [])],
      outExtension: { '.js': '.mjs' },
      // In files of their own, which Node reads only under --enable-source-maps: inline ones cost every start.
      sourcemap: 'linked',
      sourcesContent: false,
    });
    const { inputs, outputs } = /** @type {import('esbuild').Metafile} */ (metafile);
    // A package is installed as a whole: of it, what is there counts, and not what could have been.
    const looked = lookups(
      base,
      Object.fromEntries(Object.entries(inputs).filter(([name]) => !isPackaged(base, name))),
    );
    const files = Object.keys(inputs).flatMap((name) => {
      if (name.startsWith('builtin:')) return [];
      const kernel = /^assemblyscript:(.*)$/.exec(name)?.[1];
      if (kernel === undefined) return [resolve(base, name)];
      const { files, absent } = kernelFiles.get(resolve(base, kernel)) ?? { files: [], absent: [] };
      return [...files, ...absent];
    });
    const watched = new Set([...files, ...looked.paths, ...launcherFiles, join(base, 'tsconfig.json')]);
    const inside = realpathSync(directory);
    const external = Object.values(outputs).flatMap(({ imports }) => imports.filter((each) => each.external));
    return {
      directory,
      watched: [...watched]
        .filter((path) => !path.startsWith(inside))
        .map((path) => [path, fingerprint(path, started)]),
      links: looked.links,
      imports: external.map(({ path }) => path),
      loaded: external.filter(({ kind }) => kind !== 'dynamic-import').map(({ path }) => path),
    };
  } catch (error) {
    discard(directory);
    throw error;
  }
}

/** @param {string} base @param {string} name of a file in esbuild's metafile */
function isPackaged(base, name) {
  const path = relative(base, resolve(base, name));
  return /(^|[/\\])node_modules[/\\]/.test(path) || (base === engineBase && path.startsWith('..'));
}

let made = 0;

/** @param {string} manifest @param {Bundle} bundle */
function write(manifest, bundle) {
  const temporary = `${manifest}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(bundle));
  renameSync(temporary, manifest);
}

/**
 * Why there is no bundle, in one line. What is neither a mistake in the code nor a refusal of the file system stays as it is.
 * @param {unknown} error @param {string} cache
 */
function failure(error, cache) {
  const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
  if (errors) {
    const first = errors[0];
    // What a plugin was refused has its place in the bundler.
    if (isSystemError(first?.detail)) return new BundleError(systemLine(first?.detail));
    return new BundleError(`${first?.location ? `${first.location.file}:${first.location.line}: ` : ''}${first?.text}`);
  }
  if (!isSystemError(error)) return error;
  const path = pathOf(error);
  if (path !== undefined && !cache.startsWith(path) && !path.startsWith(dirname(cache)))
    return new BundleError(systemLine(error));
  return new BundleError(
    `${cache}: cannot be written to (${reason(error)}): expected a directory for bundles of the code, which must lie where its packages are found: make it writable, or run npm ci in a copy of the project`,
  );
}

/** @param {string} directory */
function discard(directory) {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Why it is discarded is what the user needs to know.
  }
}

const keptDays = 7;

/**
 * A long run loads parts of its bundle when it first needs them, however often the project was edited meanwhile, so
 * only bundles that nothing was started from for days go.
 * @param {string} cache
 */
function removeOld(cache) {
  const before = Date.now() - keptDays * 24 * 3_600_000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (/^cli-\d/.test(name) && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < before)
      rmSync(path, { recursive: true, force: true });
  }
}

/**
 * `readAt`: when the file was read at the earliest; one that changed since may have been read before it changed.
 * File systems stamp changes with a clock that may lag behind by a tick.
 * @param {string} path @param {number} [readAt]
 */
function fingerprint(path, readAt = Infinity) {
  const stats = statOrUndefined(path);
  if (stats && Math.max(stats.mtimeMs, stats.ctimeMs) > readAt - 20) return 'changed while it was read';
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'absent';
}

/** @param {string} path */
function statOrUndefined(path) {
  try {
    return statSync(path, silent);
  } catch {
    // A part of the path is a file, or a folder that may not be entered.
    return undefined;
  }
}

const silent = { throwIfNoEntry: false };
