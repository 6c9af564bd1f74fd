/**
 * Derived code that nobody needs any more, below `node_modules/.cache/repro`, where all projects with the same packages
 * keep theirs: a folder for each project and for the build system itself, `all/stages` (bundles of stages, and which
 * content each was made from), `footprints` (of runs that found nothing to do), and `wasm` (compiled kernels). All of it is
 * made again where it is missing.
 */
import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../is-object.ts';
import { isString, parseJsonText } from '../store/records.ts';
import { cacheDirectory } from './bundler.mjs';

export interface RemovedCode {
  readonly files: number;
  readonly bytes: number;
}

const day = 86_400_000;
/** What nothing was started from for so long goes: a run that lasts loads parts of its code when it first needs them. */
const keptMilliseconds = 30 * day;
/** Of a project that is no longer there, and of a file that was cut off while it was written. */
const goneMilliseconds = day;

const projectName = /^[0-9a-f]{12}$/;
const ownFile =
  /^(cli|engine|programs|source-folders)\.json(\.\d+)?$|^[0-9a-f]{16}\.json$|^[0-9a-f]{64}(\.\d+)?$|^tmp-\d+-[0-9a-f]{12}$/;
const bundleFolder = /^cli-\d+-\d+-\d+$/;
const footprint = /^[0-9a-f]{16}-[0-9a-f]{32}(\.\d+)?$/;
/** The map of a bundle goes with it. */
const stageBundle = /^(.+-[0-9a-f]{16}\.mjs)(?:\.map)?$/;
const stageIndex = /^[0-9a-f]{16}\.json$/;
const kernel = /^[0-9a-f]{64}\.wasm$/;
const kernelIndex = /^[0-9a-f]{64}\.json$/;
const unfinished = /^tmp-\d+-[0-9a-f]{12}$|\.(json|wasm)\.\d+$/;

/** Removes it, or with `dryRun` only counts it. Names that are not of our making are left alone. `now`: for tests. */
export function removeOldCode(root: string, dryRun: boolean, now = Date.now()): RemovedCode {
  const caches = dirname(cacheDirectory(root));
  let [files, bytes] = [0, 0];
  const isOld = (path: string, milliseconds = keptMilliseconds): boolean => now - lastUsed(path) > milliseconds;
  const remove = (path: string): void => {
    const found = withAllBelow(path, lstatSync(path, { throwIfNoEntry: false })).filter(
      (stats) => !stats.isDirectory(),
    );
    try {
      if (!dryRun) rmSync(path, { recursive: true, force: true });
    } catch {
      // Packages that may not be written to: it stays.
      return;
    }
    files += found.length;
    for (const stats of found) bytes += stats.size;
  };

  const needed = new Set<string>();
  for (const name of namesIn(caches)) {
    if (!projectName.test(name)) continue;
    const directory = join(caches, name);
    if (isOld(directory, isGone(directory) ? goneMilliseconds : keptMilliseconds))
      removeProject(directory, remove, dryRun);
    else for (const bundle of bundlesOf(join(directory, 'stages'))) needed.add(bundle);
  }

  const stages = join(caches, 'all', 'stages');
  for (const name of namesIn(stages)) {
    const path = join(stages, name);
    if (unfinished.test(name) ? isOld(path, goneMilliseconds) : stageIndex.test(name) && isOld(path)) remove(path);
    else if (stageIndex.test(name)) for (const bundle of namedIn(path, 'bundle')) needed.add(bundle);
  }
  for (const name of namesIn(stages)) {
    const path = join(stages, name);
    const [, bundle] = stageBundle.exec(name) ?? [];
    if (bundle !== undefined && !needed.has(bundle) && isOld(path)) remove(path);
  }

  const footprints = join(caches, 'footprints');
  for (const name of namesIn(footprints)) {
    const path = join(footprints, name);
    if (footprint.test(name) && isOld(path, name.includes('.') ? goneMilliseconds : keptMilliseconds)) remove(path);
  }

  const kernels = join(caches, 'wasm');
  const named = new Set<string>();
  for (const name of namesIn(kernels)) {
    const path = join(kernels, name);
    if (unfinished.test(name) ? isOld(path, goneMilliseconds) : kernelIndex.test(name) && isOld(path)) remove(path);
    else if (kernelIndex.test(name)) for (const wasm of namedIn(path, 'wasm')) named.add(wasm);
  }
  for (const name of namesIn(kernels)) {
    const path = join(kernels, name);
    if (kernel.test(name) && !named.has(name) && isOld(path, goneMilliseconds)) remove(path);
  }
  return { files, bytes };
}

/** Of the folder of a project only what we put there; the folder goes if that was all. */
function removeProject(directory: string, remove: (path: string) => void, dryRun: boolean): void {
  for (const folder of [join(directory, 'stages'), join(directory, 'footprints'), directory]) {
    for (const name of namesIn(folder))
      if (ownFile.test(name) || (folder === directory && bundleFolder.test(name))) remove(join(folder, name));
    if (!dryRun && existsSync(folder) && namesIn(folder).length === 0) rmdirSync(folder);
  }
}

/** Whether the project whose cache this is, is no longer where it was. The build system's own has none. */
function isGone(directory: string): boolean {
  const bundle = parsed(join(directory, 'cli.json'));
  const root = isObject(bundle) ? bundle['root'] : undefined;
  return isString(root) && !existsSync(join(root, 'pipeline.ts'));
}

/** Names of the bundles of stages that a project uses now. */
function bundlesOf(stages: string): string[] {
  return namesIn(stages).flatMap((name) => {
    const known = parsed(join(stages, name));
    return isObject(known) && isString(known['bundle']) ? [known['bundle']] : [];
  });
}

/** What the entries of an index name. */
function namedIn(index: string, member: 'bundle' | 'wasm'): string[] {
  const entries = parsed(index);
  return Array.isArray(entries)
    ? entries.flatMap((entry: unknown) => (isObject(entry) && isString(entry[member]) ? [entry[member]] : []))
    : [];
}

function parsed(path: string): unknown {
  try {
    return parseJsonText(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The last time, in milliseconds since 1970, that a file or folder, or any below it, was written or touched by a use. */
function lastUsed(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? withAllBelow(path, stats).reduce((last, { mtimeMs }) => Math.max(last, mtimeMs), 0) : Infinity;
}

function withAllBelow(path: string, stats: Stats | undefined): Stats[] {
  if (!stats) return [];
  const names = stats.isDirectory() ? namesIn(path) : [];
  return [
    stats,
    ...names.flatMap((name) => withAllBelow(join(path, name), lstatSync(join(path, name), { throwIfNoEntry: false }))),
  ];
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
