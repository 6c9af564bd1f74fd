// @ts-check
/**
 * Turns TypeScript into modules that Node runs: the one piece that must exist before any TypeScript can run, hence
 * plain JavaScript. Packages stay imports; AssemblyScript kernels (`import bytes from './kernel.wasm'`, compiled from
 * `kernel.as.ts` beside it) and WGSL are inlined.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheDirectory, touch } from './cache-directory.mjs';
import { linkPackages, nestedName, otherName } from './own-packages.mjs';

export { cacheDirectory, linkPackages, nestedName, otherName };

/**
 * @param {string} root what paths are relative to
 * @param {string} [project] the root of the project
 * @returns {import('esbuild').BuildOptions}
 */
export function commonOptions(root, project = root) {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
    legalComments: 'none',
    loader: { '.wgsl': 'text', '.svg': 'text', '.css': 'text' },
    metafile: true,
    plugins: [repro(), nestedPackages(project), assemblyScript(root), browserCode(), folders()],
  };
}

/** @type {Promise<typeof import('esbuild')> | undefined} */
let esbuild;

/**
 * The bundler, whose process is told to collect its garbage rather than to grow: by itself it takes 400 MB and more where
 * it bundles many stages one after another.
 */
export function loadEsbuild() {
  return (esbuild ??= startEsbuild());
}

async function startEsbuild() {
  const module = await import('esbuild');
  const limit = process.env['GOMEMLIMIT'];
  process.env['GOMEMLIMIT'] ??= '128MiB';
  try {
    // Its process starts with the first call, and has the variables of that moment.
    await module.transform('');
  } finally {
    if (limit === undefined) delete process.env['GOMEMLIMIT'];
  }
  return module;
}

const source = fileURLToPath(new URL('..', import.meta.url));
/** The sources of the build system. */
export const sourceDirectory = source;
const thisFile = fileURLToPath(import.meta.url);
/** What runs before there is a bundle, and so is in none. */
export const launcherFiles = [
  'launch.mjs',
  'footprint.mjs',
  'system-error.mjs',
  ...[
    'announce',
    'bundler',
    'cache-directory',
    'command-line',
    'error-place',
    'inlined-packages',
    'lookups',
    'own-packages',
    'packages',
  ].map((name) => `code/${name}.mjs`),
].map((name) => join(source, name));

/**
 * `repro` and `repro/runtime` mean the sources of the build system that does the bundling, wherever it is installed:
 * its code counts by its content, like that of the project.
 * @returns {import('esbuild').Plugin}
 */
function repro() {
  return {
    name: 'repro',
    setup(build) {
      build.onResolve({ filter: /^repro(\/|$)/ }, ({ path }) => ({
        path: join(source, `${path.slice('repro/'.length) || 'index'}.ts`),
      }));
    },
  };
}

/**
 * A package that the build system imports and that npm could not hoist, since the project pins another version of it,
 * is in the build system's own node_modules. Bundles name it by its
 * path from their own folder, which is four levels below node_modules. One that is elsewhere they name by a link.
 * @param {string} root of the project
 * @returns {import('esbuild').Plugin}
 */
function nestedPackages(root) {
  return {
    name: 'nested-packages',
    setup(build) {
      build.onResolve({ filter: /^[@\w]/ }, ({ path, importer }) => {
        if (!importer.startsWith(source) || isBuiltin(path)) return undefined;
        const file = installedFile(path);
        const nested = nestedName(root, file) ?? otherName(root, path, file);
        return nested === undefined ? undefined : { path: nested, external: true };
      });
    },
  };
}

/** Where Node finds what this package imports by that name. @param {string} specifier */
export function installedFile(specifier) {
  try {
    return fileURLToPath(import.meta.resolve(specifier));
  } catch {
    return undefined;
  }
}

/**
 * In the bundle of a pipeline, `import.meta.url` of a project's file is the URL of that file, not of the bundle, so that
 * a stage can name its code by `new URL('./run.ts', import.meta.url)`. This module, which knows where the build system
 * is installed, is not bundled at all.
 * @returns {import('esbuild').Plugin}
 */
export function ownUrls() {
  return {
    name: 'own-urls',
    setup(build) {
      build.onResolve({ filter: /\/bundler\.mjs$/ }, ({ path, resolveDir }) =>
        resolve(resolveDir, path) === thisFile ? { path: pathToFileURL(thisFile).href, external: true } : undefined,
      );
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.startsWith(source) || path.includes(`${sep}node_modules${sep}`)) return undefined;
        const text = readFileSync(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        try {
          const { code } = await build.esbuild.transform(text, {
            loader: 'ts',
            sourcefile: path,
            sourcemap: 'inline',
            define: { 'import.meta.url': JSON.stringify(pathToFileURL(path).href) },
            tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
          });
          return { contents: code, loader: 'js' };
        } catch (error) {
          return { errors: /** @type {import('esbuild').TransformFailure} */ (error).errors };
        }
      });
    },
  };
}

/**
 * The AssemblyScript files behind each `X.wasm` bundled so far, since esbuild's metafile does not list them: those that
 * the compiler read, and those that it looked for and did not find.
 * @type {Map<string, { files: string[], absent: string[] }>}
 */
export const kernelFiles = new Map();

/**
 * Compiles `X.as.ts` for an import of `X.wasm`.
 * @param {string} root
 * @returns {import('esbuild').Plugin}
 */
function assemblyScript(root) {
  return {
    name: 'assemblyscript',
    setup(build) {
      build.onResolve({ filter: /\.wasm$/ }, (args) => ({
        path: resolve(args.resolveDir, args.path),
        namespace: 'assemblyscript',
      }));
      build.onLoad({ filter: /.*/, namespace: 'assemblyscript' }, async (args) => {
        const entry = args.path.replace(/\.wasm$/, '.as.ts');
        if (!existsSync(entry)) return { errors: [{ text: `${relative(root, entry)}: no such kernel source` }] };
        const { wasm, files, absent, error } = await compileKernel(entry, root);
        kernelFiles.set(args.path, { files, absent });
        if (error) return { errors: [{ text: error }] };
        return { contents: /** @type {Uint8Array} */ (wasm), loader: 'binary', watchFiles: files };
      });
    },
  };
}

/**
 * What a compilation asked for, by path relative to the kernel's folder -> digest of the file, or null where it was absent.
 * @typedef {Record<string, string | null>} KernelReads
 */

/**
 * `import code from './client.browser'` is the text of `client.browser.ts` as a script that a page can hold: for code
 * that runs in a browser. One file each, without imports, so that the file itself is all that the text depends on.
 * @returns {import('esbuild').Plugin}
 */
function browserCode() {
  return {
    name: 'browser-code',
    setup(build) {
      build.onResolve({ filter: /\.browser$/ }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, `${path}.ts`),
      }));
      build.onLoad({ filter: /\.browser\.ts$/ }, async ({ path }) => {
        try {
          const { code } = await build.esbuild.transform(readFileSync(path, 'utf8'), {
            loader: 'ts',
            format: 'iife',
            target: 'es2022',
            charset: 'utf8',
            minify: true,
            sourcefile: path,
          });
          return { contents: code, loader: 'text' };
        } catch (error) {
          return { errors: /** @type {import('esbuild').TransformFailure} */ (error).errors };
        }
      });
    },
  };
}

/**
 * `import modules from './parts.folder'` is the list of all modules `./parts/*.ts`, by name: what is in the folder
 * counts, and no list of it is kept. A bundle is made again when a file is added there.
 * @returns {import('esbuild').Plugin}
 */
function folders() {
  return {
    name: 'folders',
    setup(build) {
      build.onResolve({ filter: /\.folder$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path) }));
      build.onLoad({ filter: /\.folder$/ }, ({ path }) => {
        const folder = path.replace(/\.folder$/, '');
        if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
          return { errors: [{ text: `${folder}: no such folder` }] };
        const names = readdirSync(folder)
          .filter((name) => name.endsWith('.ts'))
          .sort();
        const imports = names.map((name, i) => `import * as m${i} from './${basename(folder)}/${name}';`);
        const contents = `${imports.join('\n')}\nexport default [${names.map((_, i) => `m${i}`).join(', ')}];`;
        return { contents, loader: 'js', resolveDir: dirname(path), watchDirs: [folder] };
      });
    },
  };
}

/**
 * The wasm of a kernel. Compiling takes seconds, so results are kept with all that the compiler asked for, absent files
 * too. `files`: what it read; `absent`: what it looked for and did not find.
 * @param {string} entry
 * @param {string} root
 * @returns {Promise<{ wasm?: Uint8Array, files: string[], absent: string[], error?: string }>}
 */
async function compileKernel(entry, root) {
  const base = dirname(entry);
  const manifest = join(packageDirectory('assemblyscript', base), 'package.json');
  const compilerVersion = JSON.parse(readFileSync(manifest, 'utf8')).version;
  const identity = [compilerVersion, relative(root, entry), ...kernelFlags].join('\n');
  // Of all projects that share these packages: an entry holds by what the compiler read, wherever that lies.
  const directory = join(dirname(cacheDirectory(root)), 'wasm');
  const index = join(directory, `${createHash('sha256').update(identity).digest('hex')}.json`);
  const known = keptKernels(index);
  for (const { reads, wasm } of known) {
    if (
      !existsSync(join(directory, wasm)) ||
      !Object.entries(reads).every(([name, digest]) => digestOf(resolve(base, name)) === digest)
    )
      continue;
    touch(index);
    return { wasm: readFileSync(join(directory, wasm)), ...lookedFor(base, reads) };
  }

  // Not a literal: the package's types would redeclare the globals of this file.
  const compiler = 'assemblyscript/asc';
  const { default: asc } = await import(compiler);
  /** @type {Uint8Array | undefined} */
  let wasm;
  /** @type {KernelReads} */
  const reads = {};
  const { error, stderr } = await asc.main(
    [relative(base, entry).replaceAll('\\', '/'), ...kernelFlags, '--outFile', 'out.wasm', '--baseDir', base],
    {
      readFile: (/** @type {string} */ name, /** @type {string} */ directory) => {
        const path = resolve(directory, name);
        const text = isFile(path) ? readFileSync(path) : null;
        reads[relative(base, path).replaceAll('\\', '/')] = text && createHash('sha256').update(text).digest('hex');
        return text && text.toString('utf8');
      },
      writeFile: (/** @type {string} */ name, /** @type {unknown} */ contents) => {
        if (name.endsWith('.wasm')) wasm = /** @type {Uint8Array} */ (contents);
      },
      listFiles: () => [],
    },
  );
  const looked = lookedFor(base, reads);
  if (error || !wasm) return { ...looked, error: `${relative(root, entry)} does not compile:\n${stderr.toString()}` };
  const name = `${createHash('sha256').update(wasm).digest('hex')}.wasm`;
  mkdirSync(directory, { recursive: true });
  replaceFile(join(directory, name), wasm);
  replaceFile(index, JSON.stringify([{ reads, wasm: name }, ...known].slice(0, keptVariants)));
  return { wasm, ...looked };
}

/** Of a kernel that is edited to and fro, so many compilations are kept. */
const keptVariants = 8;

/** @param {string} index @returns {{ reads: KernelReads, wasm: string }[]} */
function keptKernels(index) {
  try {
    return JSON.parse(readFileSync(index, 'utf8'));
  } catch {
    return [];
  }
}

/** @param {string} base @param {KernelReads} reads */
function lookedFor(base, reads) {
  const paths = Object.entries(reads).map(([name, digest]) => /** @type {const} */ ([resolve(base, name), digest]));
  return {
    files: paths.filter(([, digest]) => digest !== null).map(([path]) => path),
    absent: paths.filter(([, digest]) => digest === null).map(([path]) => path),
  };
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** @param {string} path */
function digestOf(path) {
  return isFile(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}

/** @param {string} path @param {string | Uint8Array} content */
function replaceFile(path, content) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** No relaxed SIMD: the same bytes on every machine. */
export const kernelFlags = [
  '--optimizeLevel',
  '3',
  '--shrinkLevel',
  '0',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--importMemory',
  '--exportStart',
  'initialize',
];

/** @param {string} name @param {string} from */
function packageDirectory(name, from) {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(directory) === directory) throw new Error(`package ${name} is not installed: run npm ci`);
  }
}
