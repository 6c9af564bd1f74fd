import { existsSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, StorageError, messageOf } from '../errors.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { codeDigestOfText, sha256 } from '../graph/digest.ts';
import type { CodeDigest, Digest } from '../graph/digest.ts';
import type { StageDeclaration } from '../graph/stage.ts';
import { isObject } from '../is-object.ts';
import { makeDirectory, writeAtomically, readText } from '../store/files.ts';
import { touch } from './cache-directory.mjs';
import { cacheDirectory, commonOptions, kernelFiles, kernelFlags, loadEsbuild, sourceDirectory } from './bundler.mjs';
import { commandCode } from './command-code.ts';
import { asSeen, fingerprint, keepByContent, looksUnchanged, sameContent } from './kept-bundles.ts';
import type { MadeFrom } from './kept-bundles.ts';
import { lookups } from './lookups.mjs';
import { usedPackages } from './packages.mjs';
import { shortenNames, shortenNamesWithMap } from './stable-names.ts';
import { mapOf } from './stack-of-sources.ts';

/** The code of a stage: what workers load, and its digest, which is in the key of every node of the stage. */
export interface StageCode {
  /** Digest of the minified bundle and of what identifies the packages it uses: version and integrity by the lock. */
  readonly digest: CodeDigest;
  readonly bundlePath: string;
  /** Source files that contribute to the bundle and the digests of their text, for `why`. */
  readonly files: Readonly<Record<string, string>>;
  /** Packages that the bundle imports, and what these depend on, by version and integrity: `8.0.1 sha512-...`. */
  readonly packages: Readonly<Record<string, string>>;
  /**
   * Whether all code that the bundle can load is in it or in Node: then nothing but what can be seen from outside, such as
   * open files and globals, outlives a run of it in a process, and the process may be used again.
   */
  readonly selfContained?: boolean;
  /** For a command, digests of its files as they are: in `files` those of what counts of them. */
  readonly contents?: Readonly<Record<string, Digest>>;
  /** For a command without a declared environment: folders of the interpreters whose versions count. */
  readonly programFolders?: readonly string[];
}

interface CachedCode extends Omit<StageCode, 'bundlePath'>, MadeFrom {
  readonly bundle: string;
  /** Digest of its map: sources that differ in comments alone have one bundle, with other lines. */
  readonly map: Digest;
}

/** Changes whenever what is kept of a stage's code, or how its digest is made, changes. */
const codeFormat = 7;

/** The bundle of a stage under a backend, or of one without backends; made anew only where a source file changed. */
export async function loadStageCode(
  root: string,
  stage: StageDeclaration,
  backend: string | undefined,
): Promise<StageCode> {
  const code = await (stage.command
    ? commandCode(root, stage)
    : codeOf(root, stage.name, entryOf(root, stage, backend)));
  if (!stage.here) return code;
  const here = await factsHere(root, stage.name, stage.here);
  return {
    ...code,
    packages: { ...code.packages, ...here },
    digest: codeDigestOfText(canonicalJson({ code: code.digest, here })),
  };
}

/** What of this machine counts. Throws an InputError where that fails, or is no texts by name. */
async function factsHere(
  root: string,
  stage: string,
  here: NonNullable<StageDeclaration['here']>,
): Promise<Readonly<Record<string, string>>> {
  let facts: unknown;
  try {
    facts = await here(root);
  } catch (error) {
    if (error instanceof InputError || error instanceof StorageError) throw error;
    throw new InputError(`stage ${stage}: here: ${messageOf(error)}`);
  }
  if (!isObject(facts) || !Object.values(facts).every((fact) => typeof fact === 'string'))
    throw new InputError(`stage ${stage}: here gave ${JSON.stringify(facts)}: expected an object of texts`);
  return facts as Record<string, string>;
}

/** The file of a stage's code, relative to the root of the project: `stages/train/run.wasm.ts`. */
function entryOf(root: string, { name, code }: StageDeclaration, backend: string | undefined): string {
  // A stage of repro's own is among its sources: `repro:fetch-file/run.ts`.
  const path = code?.protocol === 'repro:' ? join(sourceDirectory, code.pathname) : code && fileURLToPath(code);
  const run = path === undefined ? `stages/${name}/run.ts` : relative(root, path).replaceAll('\\', '/');
  return backend === undefined ? run : run.replace(/\.ts$/, `.${backend}.ts`);
}

/**
 * Known of this project, if no source looks changed; else known of any project with the same packages, if the content of
 * all sources is the same, as after a checkout of another branch and back; else made.
 */
async function codeOf(root: string, stage: string, entry: string): Promise<StageCode> {
  const { plugins: _, ...options } = commonOptions('');
  const known = join(cacheDirectory(root), 'stages');
  // At the depth of the other caches, from which bundles name packages that npm did not hoist.
  const directory = join(dirname(cacheDirectory(root)), 'all', 'stages');
  for (const each of [known, directory]) makeDirectory(each);
  const name = (...parts: unknown[]): string =>
    `${sha256(canonicalJson([codeFormat, entry, options, kernelFlags, ...parts] as never)).slice(0, 16)}.json`;
  const cachePath = join(known, name());
  const cached = readCached(cachePath);
  if (cached && isKept(directory, cached) && looksUnchanged(root, cached))
    return { ...cached, bundlePath: join(directory, cached.bundle) };
  if (!existsSync(join(root, entry)))
    throw new InputError(`${entry}: no such file: expected the code of the stage there`);
  const started = Date.now();
  const index = join(directory, name(sha256(readText(join(root, entry)))));
  const same = sameContent<CachedCode>(root, index);
  const found = same && isKept(directory, same) && isMapOf(directory, same);
  if (found) touch(index);
  const made = found ? asSeen(root, same, started) : await bundle(root, stage, entry, directory);
  if (!found) keepByContent(root, index, made);
  writeAtomically(cachePath, canonicalJson(made));
  return { ...made, bundlePath: join(directory, made.bundle) };
}

/** A bundle may be old, and a run needs it though its sources were edited since: each day that it is used counts. */
function isKept(directory: string, { bundle }: CachedCode): boolean {
  const path = join(directory, bundle);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > dayMilliseconds) touch(path);
  return stats !== undefined;
}

/** Whether the map next to the bundle is that of these sources. */
function isMapOf(directory: string, { bundle, map }: CachedCode): boolean {
  const path = mapOf(join(directory, bundle));
  return existsSync(path) && sha256(readText(path)) === map;
}

const dayMilliseconds = 86_400_000;

let last: Promise<unknown> = Promise.resolve();

/** One after another: at once they would hardly be faster, and take twice the memory. */
function bundle(...what: Parameters<typeof bundleAlone>): Promise<CachedCode> {
  const made = last.then(() => bundleAlone(...what));
  last = made.catch(() => undefined);
  return made;
}

async function bundleAlone(root: string, stage: string, entry: string, directory: string): Promise<CachedCode> {
  const { build } = await loadEsbuild();
  const started = Date.now();
  let built;
  let text: string;
  let map: string;
  try {
    built = await build({
      ...commonOptions(root),
      entryPoints: [join(root, entry)],
      write: false,
      minifySyntax: true,
      minifyWhitespace: true,
      treeShaking: true,
      sourcemap: 'inline',
      sourcesContent: false,
    });
    // In a second pass, over the code that is left: even a helper that nothing uses would have a say in the names.
    ({ code: text, map } = await shortenNamesWithMap(built.outputFiles[0]!.text));
  } catch (error) {
    const errors = (error as { errors?: { text: string; location?: { file: string; line: number } | null }[] }).errors;
    const first = errors?.[0];
    if (!first) throw error;
    throw new InputError(`${first.location ? `${first.location.file}:${first.location.line}: ` : ''}${first.text}`);
  }
  const metafile = built.metafile!;
  const output = Object.values(metafile.outputs)[0]!;

  const used = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => sourcesOf(root, path));
  const kernels = Object.keys(metafile.inputs).flatMap((path) => kernelOf(root, path) ?? []);
  const looked = lookups(root, metafile.inputs);
  const watched = [
    ...Object.keys(metafile.inputs).flatMap((path) => sourcesOf(root, path)),
    ...[...kernels.flatMap(({ absent }) => absent), ...looked.paths].map((path) => fromRoot(root, path)),
  ];
  const imported = output.imports.filter(({ external }) => external).map(({ path }) => path);
  const { packages, watched: installed, problem } = usedPackages(root, imported, true);
  // What compiles a kernel counts by what it makes, but has to be the locked one too.
  const compiler = kernels.length > 0 ? usedPackages(root, ['assemblyscript']) : undefined;
  if (compiler?.problem !== undefined) throw new InputError(compiler.problem);
  if (problem !== undefined) throw new InputError(problem);

  const name = `${stage}-${sha256(text).slice(0, 16)}.mjs`;
  const path = join(directory, name);
  writeAtomically(mapOf(path), map);
  if (!existsSync(path)) writeAtomically(path, text);
  const files = Object.fromEntries(
    await Promise.all(
      [...new Set(used)]
        .sort()
        .map(async (file): Promise<[string, string]> => [file, await sourceDigest(join(root, file))]),
    ),
  );
  return {
    digest: codeDigestOfText(canonicalJson({ bundle: sha256(text), packages })),
    bundle: name,
    map: sha256(map),
    files,
    packages,
    selfContained: isSelfContained(text, imported),
    watched: [...new Set([...watched, ...installed, ...(compiler?.watched ?? []), 'package-lock.json'])].map((file) => [
      file,
      fingerprint(root, file, started),
    ]),
    links: looked.links.map(([path, target]) => [fromRoot(root, path), fromRoot(root, target)]),
  };
}

/** Modules of Node by which code can load other code, or change how the process works. */
const powerful = new Set(['module', 'worker_threads', 'cluster', 'inspector', 'v8', 'vm', 'repl', 'wasi']);

function isSelfContained(text: string, imported: readonly string[]): boolean {
  return (
    imported.every((path) => isBuiltin(path) && !powerful.has(path.replace(/^node:/, ''))) &&
    !/\bimport\(\s*[^"'\s]|getBuiltinModule|process\.binding|dlopen/.test(text)
  );
}

/**
 * A path of esbuild's metafile as files of the project: a kernel is the AssemblyScript it is compiled from, a list of the
 * modules of a folder is no file.
 */
function sourcesOf(root: string, metafilePath: string): string[] {
  if (metafilePath.endsWith('.folder')) return [];
  const paths = kernelOf(root, metafilePath)?.files ?? [resolve(root, metafilePath)];
  return paths.map((path) => fromRoot(root, path));
}

function kernelOf(root: string, metafilePath: string): { files: string[]; absent: string[] } | undefined {
  const kernel = /^assemblyscript:(.*)$/.exec(metafilePath);
  return kernel ? (kernelFiles.get(resolve(root, kernel[1]!)) ?? { files: [], absent: [] }) : undefined;
}

function fromRoot(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}

function readCached(path: string): CachedCode | undefined {
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as CachedCode;
  } catch {
    return undefined;
  }
}

/** Digest of a text -> digest of its code: stages share most of their sources. */
const codeDigests = new Map<string, Promise<string>>();

/** Digest of a source file less its comments, layout and names of locals, so that `why` names only files whose code changed. */
function sourceDigest(path: string): string | Promise<string> {
  const text = readText(path);
  const digest = sha256(text);
  if (!/(?<!\.as)\.m?ts$/.test(path)) return digest;
  const made = codeDigests.get(digest) ?? codeDigest(text);
  codeDigests.set(digest, made);
  return made;
}

async function codeDigest(text: string): Promise<string> {
  const { transform } = await loadEsbuild();
  const { code } = await transform(text, { loader: 'ts', minifySyntax: true, minifyWhitespace: true });
  return sha256(await shortenNames(code));
}
