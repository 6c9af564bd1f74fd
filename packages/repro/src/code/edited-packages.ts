import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { sha256 } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import { fileDigest, makeDirectory, writeAtomically, readText } from '../store/files.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isDigest, isRecordOf, isString, parseJsonText } from '../store/records.ts';
import { cacheDirectory, pipelineManifest } from './cache-directory.mjs';

/** The code of an installed package when it was first used here: by file, what the file system said of it, and its digest. */
interface FirstSeen {
  readonly identity: string;
  readonly files: Readonly<Record<string, readonly [seen: string, digest: Digest]>>;
}

/** What Node can load. */
const isCode = /\.([cm]?js|json|node|wasm)$/;

/**
 * Refuses packages whose code is no longer what it was when this installation of packages first used it: an edit in
 * node_modules changes no version. Packages that are linked, or not pinned by the lock, are left out: these count by content,
 * or by version alone. `packages`: path below node_modules -> `8.0.1 sha512-...`. Throws an InputError.
 */
export function refuseEditedPackages(root: string, packages: Readonly<Record<string, string>>): void {
  const records = join(dirname(cacheDirectory(root)), 'all', 'packages');
  for (const [name, identity] of Object.entries(packages)) {
    const folder = / sha\d+-/.test(identity) ? installed(root, name) : undefined;
    if (folder === undefined) continue;
    // A file for each package: a start reads only what it uses.
    const path = join(records, `${sha256(folder).slice(0, 16)}.json`);
    const record = readRecord(path);
    const before = record?.identity === identity ? record : undefined;
    const files: Record<string, readonly [string, Digest]> = {};
    let same = before !== undefined;
    for (const file of codeBelow(folder, '')) {
      const stats = statSync(join(folder, file));
      const seen = `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
      const known = before?.files[file];
      if (known?.[0] === seen) {
        files[file] = known;
        continue;
      }
      same = false;
      const digest = fileDigest(join(folder, file));
      if (before && known?.[1] !== digest) throw edited(name, file, known ? 'was edited' : 'appeared');
      files[file] = [seen, digest];
    }
    if (same && Object.keys(files).length === Object.keys(before!.files).length) continue;
    for (const file of Object.keys(before?.files ?? {})) if (!files[file]) throw edited(name, file, 'was removed');
    try {
      makeDirectory(records);
      writeAtomically(path, JSON.stringify({ identity, files } satisfies FirstSeen));
    } catch {
      // Packages that may not be written to: nothing is remembered, and nothing can be edited either.
    }
  }
}

/** What the bundle of pipeline.ts loads of packages, as the running command line was bundled. None where no bundle was made. */
interface PipelineImports {
  /** With all that they depend on: path below node_modules -> `8.0.1 sha512-...`. */
  readonly packages: Readonly<Record<string, string>>;
  /** Those that the code itself imports, except by `import()`. */
  readonly names: readonly string[];
}

export function pipelineImports(root: string): PipelineImports {
  const path = join(cacheDirectory(root), pipelineManifest);
  const manifest = existsSync(path) ? parseJsonText(readText(path)) : undefined;
  const { packages, loaded } = isObject(manifest) ? manifest : {};
  if (!isRecordOf(isString, packages) || !isArrayOf(isString, loaded)) return { packages: {}, names: [] };
  const names = loaded.map((specifier) => /^(?:@[^/:]+\/)?[^@/.:][^/:]*(?=\/|$)/.exec(specifier)?.[0]);
  return { packages, names: [...new Set(names.filter((name) => name !== undefined))] };
}

function edited(name: string, file: string, what: string): InputError {
  return new InputError(
    `package ${name}: ${file} ${what} after the package was first used, and its version does not say so: run npm ci`,
  );
}

/** The real folder of an installed package, by its path below node_modules; undefined where there is none. */
export function installed(root: string, name: string): string | undefined {
  for (let directory = resolve(root); ; directory = dirname(directory)) {
    for (const folder of [join(directory, 'node_modules', name), join(directory, name)])
      if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (dirname(directory) === directory) return undefined;
  }
}

function codeBelow(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : codeBelow(folder, path);
    return entry.isFile() && isCode.test(entry.name) ? [path] : [];
  });
}

function readRecord(path: string): FirstSeen | undefined {
  const value = existsSync(path) ? parseJsonText(readText(path)) : undefined;
  return isFirstSeen(value) ? value : undefined;
}

function isFirstSeen(value: unknown): value is FirstSeen {
  return isObject(value) && isString(value['identity']) && isRecordOf(isSeen, value['files']);
}

function isSeen(value: unknown): value is readonly [string, Digest] {
  return isArrayOf(isString, value) && value.length === 2 && isDigest(value[1]);
}
