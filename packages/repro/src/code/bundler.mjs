// @ts-check
/**
 * Turns TypeScript into modules that Node runs: the one piece that must exist before any TypeScript can run, hence
 * plain JavaScript. Packages stay imports; AssemblyScript kernels (`import bytes from './kernel.wasm'`, compiled from
 * `kernel.as.ts` beside it) and WGSL are inlined.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where derived code lies: beneath node_modules, so that packages resolve from there. @param {string} root */
export function cacheDirectory(root) {
  const name = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 12);
  return join(root, 'node_modules', '.cache', 'repro', name);
}

/**
 * @param {string} root
 * @returns {import('esbuild').BuildOptions}
 */
export function commonOptions(root) {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
    legalComments: 'none',
    loader: { '.wgsl': 'text', '.svg': 'text' },
    metafile: true,
    plugins: [repro(), nestedPackages(), assemblyScript(root)],
  };
}

const source = fileURLToPath(new URL('..', import.meta.url));
const thisFile = fileURLToPath(import.meta.url);

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
 * path from their own folder, which is four levels below node_modules.
 * @returns {import('esbuild').Plugin}
 */
function nestedPackages() {
  const nested = join(source, '..', 'node_modules');
  return {
    name: 'nested-packages',
    setup(build) {
      build.onResolve({ filter: /^[@\w]/ }, ({ path, importer }) => {
        if (!importer.startsWith(source) || isBuiltin(path)) return undefined;
        const file = installedFile(path);
        if (!file?.startsWith(nested + sep)) return undefined;
        return {
          path: `../../../../repro/node_modules/${relative(nested, file).replaceAll('\\', '/')}`,
          external: true,
        };
      });
    },
  };
}

/** Where Node finds what this package imports by that name. @param {string} specifier */
function installedFile(specifier) {
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
 * The AssemblyScript files behind each `X.wasm` bundled so far, since esbuild's metafile does not list them.
 * @type {Map<string, string[]>}
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
        const { wasm, files, error } = await compileKernel(entry, root);
        kernelFiles.set(args.path, files);
        if (error) return { errors: [{ text: error }] };
        return { contents: /** @type {Uint8Array} */ (wasm), loader: 'binary', watchFiles: files };
      });
    },
  };
}

/**
 * The wasm of a kernel. Compiling takes seconds, so the result is kept by the digest of the sources.
 * @param {string} entry
 * @param {string} root
 * @returns {Promise<{ wasm?: Uint8Array, files: string[], error?: string }>}
 */
async function compileKernel(entry, root) {
  const files = kernelSources(entry);
  const compilerVersion = JSON.parse(
    readFileSync(join(packageDirectory('assemblyscript', dirname(entry)), 'package.json'), 'utf8'),
  ).version;
  const hash = createHash('sha256').update(`${compilerVersion}\n${kernelFlags.join(' ')}\n`);
  for (const file of files) hash.update(`${relative(dirname(entry), file)}\n`).update(readFileSync(file));
  const directory = join(cacheDirectory(root), 'wasm');
  const cached = join(directory, `${hash.digest('hex')}.wasm`);
  if (existsSync(cached)) return { wasm: readFileSync(cached), files };

  // Not a literal: the package's types would redeclare the globals of this file.
  const compiler = 'assemblyscript/asc';
  const { default: asc } = await import(compiler);
  /** @type {Uint8Array | undefined} */
  let wasm;
  const base = dirname(entry);
  const { error, stderr } = await asc.main(
    [relative(base, entry).replaceAll('\\', '/'), ...kernelFlags, '--outFile', 'out.wasm', '--baseDir', base],
    {
      readFile: (/** @type {string} */ name, /** @type {string} */ directory) => {
        const path = resolve(directory, name);
        return existsSync(path) ? readFileSync(path, 'utf8') : null;
      },
      writeFile: (/** @type {string} */ name, /** @type {unknown} */ contents) => {
        if (name.endsWith('.wasm')) wasm = /** @type {Uint8Array} */ (contents);
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) return { files, error: `${relative(root, entry)} does not compile:\n${stderr.toString()}` };
  mkdirSync(directory, { recursive: true });
  const temporary = `${cached}.${process.pid}`;
  writeFileSync(temporary, wasm);
  renameSync(temporary, cached);
  return { wasm, files };
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

/** A kernel's source and what it imports by relative path. @param {string} entry @returns {string[]} */
function kernelSources(entry) {
  const seen = new Set([entry]);
  for (const file of seen) {
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/from\s+["'](\.[^"']*)["']/g)) {
      const target = resolve(dirname(file), `${path}.ts`);
      if (existsSync(target)) seen.add(target);
    }
  }
  return [...seen];
}

/** @param {string} name @param {string} from */
function packageDirectory(name, from) {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(directory) === directory) throw new Error(`package ${name} is not installed: run npm ci`);
  }
}
