/** Source files of the project as a folder: all below one, or those that match a pattern. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../code/bundler.mjs';
import { InputError } from '../errors.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { asDigest, sha256 } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import type { SourceFolder } from '../graph/node.ts';
import { isObject } from '../is-object.ts';
import { parseJsonText } from '../store/records.ts';
import { foldersOfRuns } from '../store/made-by-runs.ts';
import { fileDigest, isNameKnown, makeDirectory, statOrUndefined, writeAtomically } from '../store/files.ts';

/** The path of a file of a source folder, from the root of the project. */
export function pathIn({ base }: SourceFolder, file: string): string {
  return base === '' ? file : `${base}/${file}`;
}

/** Digests of files by path, with what the file system said of them: hashing ten thousand files takes a second. */
type Known = Record<string, readonly [fingerprint: string, digest: string]>;

/** Throws an InputError where there is no file, or something that is neither a file nor a folder. */
export function sourceFolder(root: string, pattern: string): SourceFolder {
  const { base, matches } = parsePattern(pattern);
  const place = join(root, base);
  if (!statOrUndefined(place)?.isDirectory())
    throw new InputError(`${base || '.'}: no such folder: expected the source ${pattern}`);
  const paths = filesBelow(place, base).filter((path) => matches(path));
  if (paths.length === 0) throw new InputError(`${pattern}: no file matches: expected one at least`);
  const cache = join(cacheDirectory(root), 'source-folders.json');
  const known = readKnown(cache);
  let changed = false;
  const files: Record<string, Digest> = {};
  for (const path of paths) {
    const name = base === '' ? path : `${base}/${path}`;
    const stats = statOrUndefined(join(root, name))!;
    const seen = `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
    const before = known[name];
    const digest = before?.[0] === seen ? asDigest(before[1]) : undefined;
    files[path] = digest ?? fileDigest(join(root, name));
    // One that was just written may be written again within the same tick of the clock.
    if (digest === undefined && Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > 1000) {
      known[name] = [seen, files[path]];
      changed = true;
    }
  }
  if (changed) keepKnown(cache, known);
  return { base, files };
}

/** The digest of a folder's content: paths and digests of its files. */
export function folderDigest({ files }: SourceFolder): Digest {
  return sha256(canonicalJson(files));
}

/** Whether a source is a pattern rather than a folder. */
export function isPattern(path: string): boolean {
  return /[*?{]/.test(path);
}

/** `data/*.csv`: the folder before the first part with `*`, `?` or `{a,b}`, and what paths in it must be like. */
function parsePattern(pattern: string): { base: string; matches: (path: string) => boolean } {
  if (!isPattern(pattern)) return { base: pattern.replace(/\/+$/, ''), matches: () => true };
  const parts = pattern.split('/');
  const first = parts.findIndex(isPattern);
  const rest = parts.slice(first).join('/');
  const source = rest.replaceAll(/\*\*\/|\*\*|\*|\?|\{[^}]*\}|[.+^$()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`;
    return `\\${part}`;
  });
  const expression = new RegExp(`^${source}$`);
  return { base: parts.slice(0, first).join('/'), matches: (path) => expression.test(path) };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function filesBelow(folder: string, shown: string): string[] {
  const found: string[] = [];
  const open = [''];
  const ofRuns = shown === '' || shown === '.' ? foldersOfRuns(folder) : [];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.name === 'node_modules' || entry.name === '.git' || ofRuns.includes(path)) continue;
      if (!isNameKnown(join(folder, at), entry.name))
        throw new InputError(`${join(shown, path)}: its name is not UTF-8: expected names in UTF-8`);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(path);
      else
        throw new InputError(
          `${join(shown, path)}: ${entry.isSymbolicLink() ? 'a symbolic link' : 'no plain file'}: expected files and folders only`,
        );
    }
  }
  return found.sort();
}

/** Where that fails, in a project of someone else or on a full disk, the next verb hashes again. */
function keepKnown(cache: string, known: Known): void {
  try {
    makeDirectory(dirname(cache));
    writeAtomically(cache, JSON.stringify(known));
  } catch {
    // It is what the verb is for that has to be written.
  }
}

function readKnown(path: string): Known {
  const value = existsSync(path) ? parseJsonText(readFileSync(path, 'utf8')) : undefined;
  return isObject(value) ? (value as Known) : {};
}
