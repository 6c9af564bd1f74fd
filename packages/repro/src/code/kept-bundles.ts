import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import { sha256 } from '../graph/digest.ts';
import { statOrUndefined, writeAtomically } from '../store/files.ts';
import { realPath } from './lookups.mjs';

/** What a bundle was made from. Paths are relative to the root of the project. */
export interface MadeFrom {
  /** Every path whose change could change the bundle, whether there or not, and what was seen of it. */
  readonly watched: readonly (readonly [path: string, seen: string])[];
  /** Paths of imports that lead through a link, and where to. */
  readonly links: readonly (readonly [path: string, target: string])[];
}

/** Of sources that are edited to and fro, so many bundles are kept. */
const keptVariants = 8;

/** Whether nothing changed, by sizes and times: the quick answer. */
export function looksUnchanged(root: string, { watched, links }: MadeFrom): boolean {
  return watched.every(([path, seen]) => fingerprint(root, path) === seen) && linksHold(root, links);
}

/** The variant whose sources have the content that is there now; undefined if there is none. `index`: path of its file. */
export function sameContent<T extends MadeFrom>(root: string, index: string): T | undefined {
  const digests = new Map<string, string>();
  const digest = (path: string): string => {
    const made = digests.get(path) ?? contentDigest(join(root, path));
    digests.set(path, made);
    return made;
  };
  return variants<T>(index).find(
    ({ watched, links }) => watched.every(([path, seen]) => digest(path) === seen) && linksHold(root, links),
  );
}

/** Keeps a bundle for `sameContent`, unless a source changed while it was made. */
export function keepByContent<T extends MadeFrom>(root: string, index: string, made: T): void {
  if (made.watched.some(([path, seen]) => fingerprint(root, path) !== seen)) return;
  const watched = made.watched.map(([path]) => [path, contentDigest(join(root, path))] as const);
  writeAtomically(index, JSON.stringify([{ ...made, watched }, ...variants(index)].slice(0, keptVariants)));
}

/** With what is seen of each path by size and times, as `looksUnchanged` compares it. */
export function asSeen<T extends MadeFrom>(root: string, made: T, readAt: number): T {
  return { ...made, watched: made.watched.map(([path]) => [path, fingerprint(root, path, readAt)]) };
}

/** `readAt`: when the file was read at the earliest; one that changed since may have been read before it changed. */
export function fingerprint(root: string, path: string, readAt = Infinity): string {
  const stats = statOrUndefined(join(root, path));
  if (stats && Math.max(stats.mtimeMs, stats.ctimeMs) > readAt - clockGranularityMilliseconds)
    return 'changed while it was read';
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'absent';
}

/** File systems stamp changes with a clock that may lag behind by a tick. */
const clockGranularityMilliseconds = 20;

function linksHold(root: string, links: MadeFrom['links']): boolean {
  return links.every(([path, target]) => realPath(join(root, path)) === resolve(root, target));
}

function variants<T>(index: string): T[] {
  try {
    return JSON.parse(readFileSync(index, 'utf8')) as T[];
  } catch {
    return [];
  }
}

/** Path and fingerprint -> digest of the content: stages share most of their sources. */
const known = new Map<string, string>();

/** Of a file its text, of a folder the names in it. */
function contentDigest(path: string): string {
  const stats = statOrUndefined(path);
  if (!stats) return 'absent';
  const name = `${path} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  const digest =
    known.get(name) ??
    (stats.isDirectory() ? `folder ${sha256(canonicalJson(readdirSync(path).sort()))}` : sha256(readFileSync(path)));
  if (Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > clockGranularityMilliseconds) known.set(name, digest);
  return digest;
}
