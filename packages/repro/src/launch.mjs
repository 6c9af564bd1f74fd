// @ts-check
/**
 * Starts the command line of a project: `import { launch } from './engine/launch.mjs'; await launch(import.meta.url)`
 * in the project's root. Bundles pipeline.ts and the engine, which takes a second, only when one of their files changed.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheDirectory } from './code/bundler.mjs';
import { lookups, realPath } from './code/lookups.mjs';

const engine = dirname(fileURLToPath(import.meta.url));

/**
 * @param {string} url of a file in the root of the project
 * @param {string} [command] how the user starts the command line, for messages and help
 */
export async function launch(url, command = './repro') {
  const root = dirname(fileURLToPath(url));
  if (!existsSync(join(root, 'node_modules'))) {
    process.stderr.write('the packages are not installed: run npm ci\n');
    process.exit(2);
  }
  const main = await bundled(root);
  touch(dirname(main));
  try {
    const { main: run } = await import(pathToFileURL(main).href);
    await run(root, command);
  } catch (error) {
    if (!['EMFILE', 'ENFILE'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
    process.stderr.write('repro: the limit of open files is too low to start: raise it, for example: ulimit -n 1024\n');
    process.exit(1);
  }
}

/** @param {string} root @returns {Promise<string>} path of the module */
async function bundled(root) {
  const cache = cacheDirectory(root);
  return currentBundle(root) ?? (await build(root, cache, join(cache, 'cli.json')));
}

/**
 * Path of the bundled command line of a project, if none of its files changed since it was made.
 * @param {string} root @returns {string | undefined}
 */
export function currentBundle(root) {
  try {
    /** @type {{ directory: string, watched: [string, string][], links: [string, string][] }} */
    const { directory, watched, links } = JSON.parse(readFileSync(join(cacheDirectory(root), 'cli.json'), 'utf8'));
    const unchanged =
      watched.every(([path, seen]) => fingerprint(path) === seen) &&
      links.every(([path, target]) => realPath(path) === target);
    if (existsSync(directory) && unchanged) return join(directory, 'main.mjs');
  } catch {
    // Absent or unreadable: made again.
  }
  return undefined;
}

/** @param {string} root @param {string} cache @param {string} manifest @returns {Promise<string>} */
async function build(root, cache, manifest) {
  const [{ build }, { commonOptions, kernelFiles, ownUrls }, { usedPackages }] = await Promise.all([
    import('esbuild'),
    import('./code/bundler.mjs'),
    import('./code/packages.mjs'),
  ]);
  const started = Date.now();
  const directory = join(cache, `cli-${process.pid}-${started}`);
  const entry = `import pipeline from ${JSON.stringify(join(root, 'pipeline.ts'))};
import { main as run } from ${JSON.stringify(join(engine, 'cli', 'main.ts'))};
export const main = (root, command) => run(pipeline, root, command);`;
  try {
    mkdirSync(directory, { recursive: true });
    // Where node_modules is a link, esbuild names files by where they really are.
    const entries = join(realpathSync(directory), 'main.ts');
    writeFileSync(entries, entry);
    const options = commonOptions(root);
    const { metafile } = await build({
      ...options,
      plugins: [...(options.plugins ?? []), ownUrls()],
      entryPoints: {
        main: entries,
        worker: join(engine, 'execute', 'worker.ts'),
        'exec-node': join(engine, 'cluster', 'exec-node-main.ts'),
      },
      outdir: directory,
      outExtension: { '.js': '.mjs' },
      splitting: true,
      // In files of their own, which Node reads only under --enable-source-maps: inline ones cost every start.
      sourcemap: 'linked',
      sourcesContent: false,
    });
    const { inputs, outputs } = /** @type {import('esbuild').Metafile} */ (metafile);
    const imported = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
    const used = usedPackages(
      root,
      imported.map(({ path }) => path),
    );
    if (used.problem !== undefined) {
      discard(directory);
      process.stderr.write(`repro: ${used.problem}\n`);
      process.exit(2);
    }
    const looked = lookups(root, inputs);
    const files = Object.keys(inputs)
      .map((path) => resolve(root, path))
      .filter((path) => path !== entries)
      .concat([...kernelFiles.values()].flatMap(({ files, absent }) => [...files, ...absent]));
    const watched = [
      ...new Set([
        ...files,
        ...used.watched.map((path) => resolve(root, path)),
        ...looked.paths,
        join(root, 'tsconfig.json'),
      ]),
    ].map((path) => [path, fingerprint(path, started)]);
    const temporary = `${manifest}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ directory, watched, links: looked.links }));
    renameSync(temporary, manifest);
    removeOld(cache);
  } catch (error) {
    discard(directory);
    process.stderr.write(`${failure(error, cache)}\n`);
    process.exit(2);
  }
  return join(directory, 'main.mjs');
}

/** Why there is no bundle, in one line. Throws what is neither a mistake in the code nor a refusal of the file system. @param {unknown} error @param {string} cache */
function failure(error, cache) {
  const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
  if (errors) {
    const first = errors[0];
    return `${first?.location ? `${first.location.file}:${first.location.line}: ` : ''}${first?.text}`;
  }
  const { code, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
  if (!code || !syscall) throw error;
  return `${cache}: cannot be written to (${code}): expected a directory for bundles of the code, which must lie where its packages are found: make it writable, or run npm ci in a copy of the project`;
}

/** @param {string} directory */
function discard(directory) {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Why it is discarded is what the user needs to know.
  }
}

/** @param {string} directory */
function touch(directory) {
  const now = new Date();
  try {
    utimesSync(directory, now, now);
  } catch {
    // A cache that may not be written to.
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
  const stats = existsSync(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (stats && Math.max(stats.mtimeMs, stats.ctimeMs) > readAt - 20) return 'changed while it was read';
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'absent';
}
