// @ts-check
/**
 * Packages whose code is in the build system's bundle: loading them file by file took a third of each start. Which of
 * them are used, and as what, is known as for any other package; an edit of one of their files has the bundle made again.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { manifestOf } from './packages.mjs';
import { installedFile, sourceDirectory } from './bundler.mjs';

/** Those that every start loads. */
const names = new Set(['@sinclair/typebox', 'ajv', 'commander', 'jsonc-parser']);

/** Of them, what pipelines import too: their bundles take it from that of the build system. */
export const sharedPackage = '@sinclair/typebox';

/**
 * The plugin, and the specifiers that it answered for the code of the build system.
 * @returns {{ plugin: import('esbuild').Plugin, imports: Set<string> }}
 */
export function inlinedPackages() {
  /** @type {Set<string>} */
  const imports = new Set();
  return {
    imports,
    plugin: {
      name: 'inlined-packages',
      setup(build) {
        build.onResolve({ filter: /^[@\w]/ }, ({ path, importer, kind }) => {
          if (kind === 'entry-point') return undefined;
          if (isBuiltin(path)) return kind === 'require-call' ? { path, namespace: 'builtin' } : undefined;
          if (!importer.startsWith(sourceDirectory)) return { path: createRequire(importer).resolve(path) };
          const file = names.has(path) ? installedFile(path) : undefined;
          if (file === undefined) return undefined;
          imports.add(path);
          return { path: moduleOf(path, file) };
        });
        // A module cannot call require; what a package asks it for is imported.
        build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
          contents: `import builtin from ${JSON.stringify(path)};\nmodule.exports = builtin;`,
        }));
      },
    },
  };
}

/**
 * The file of a package that is made for bundlers, if it has one: what Node loads of it may be a script that asks for its
 * parts in a way that only Node understands.
 * @param {string} name @param {string} file that Node loads
 */
function moduleOf(name, file) {
  const folder = file.slice(0, file.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length);
  const { module } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return typeof module === 'string' ? join(folder, module) : file;
}

/** Whether Node finds the shared package from a project where the build system finds its own. @param {string} root */
export function isShared(root) {
  const manifest = manifestOf(root, sharedPackage);
  return (
    manifest !== undefined && installedFile(sharedPackage)?.startsWith(realpathSync(dirname(manifest)) + sep) === true
  );
}
