import { existsSync, readdirSync, realpathSync, watch } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { reason } from '../system-error.mjs';

/** An editor writes a file in several steps. */
const settleMilliseconds = 150;

/** Files that were saved in the folders of a project, less what runs write. */
export class Changes {
  readonly #root: string;
  readonly #ignored: ReadonlySet<string>;
  /** By the path without links: a folder is watched once, however many links lead to it. */
  readonly #watched = new Map<string, { close: () => void }>();
  readonly #complain: (problem: string) => void;
  #complained = false;
  readonly #saved = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tell: (() => void) | undefined;
  #stopped = false;

  /** `complain` hears once that some folder cannot be watched. */
  constructor(root: string, ignored: readonly string[], complain: (problem: string) => void) {
    this.#root = root;
    this.#complain = complain;
    this.#ignored = new Set(ignored.map((path) => resolve(path)));
    this.#watch(root);
  }

  /** Resolves with what was saved since the last call, as soon as there is something, or it is stopped. */
  async next(): Promise<readonly string[]> {
    if (this.#saved.size === 0 && !this.#stopped) await new Promise<void>((resolve) => (this.#tell = resolve));
    this.#tell = undefined;
    const saved = [...this.#saved].sort();
    this.#saved.clear();
    // Programs write to a file of another name, which they then rename: it is gone.
    const present = saved.filter((path) => existsSync(join(this.#root, path)));
    return present.length > 0 ? present : saved;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { close } of this.#watched.values()) close();
    this.#tell?.();
  }

  #watch(folder: string): void {
    const real = realPath(folder);
    if (real === undefined || this.#watched.has(real) || this.#isIgnored(folder, real)) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      // A file, or gone already.
      return;
    }
    try {
      const watcher = watch(folder, (event, name) => this.#note(folder, event, name));
      watcher.on('error', () => undefined);
      this.#watched.set(real, { close: () => watcher.close() });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (!this.#complained)
        this.#complain(
          `${relative(this.#root, folder) || '.'} cannot be watched, nor perhaps others (${reason(error)}): what is saved there starts no run${(error as NodeJS.ErrnoException).code === 'ENOSPC' ? ': raise fs.inotify.max_user_watches' : ''}`,
        );
      this.#complained = true;
      return;
    }
    for (const entry of entries)
      if ((entry.isDirectory() || entry.isSymbolicLink()) && !isHidden(entry.name))
        this.#watch(join(folder, entry.name));
  }

  /** What runs write, also where a link leads to it; and where a link leads to a folder that the project is in. */
  #isIgnored(folder: string, real: string): boolean {
    const root = realPath(this.#root) ?? this.#root;
    if (folder !== this.#root && isWithin(root, real)) return true;
    return [...this.#ignored].some((path) => {
      const written = realPath(path) ?? path;
      return folder === path || (isWithin(real, written) && !isWithin(root, written));
    });
  }

  #note(folder: string, event: string, name: string | null): void {
    const path = join(folder, name ?? '');
    // What editors keep beside a file, and what runs write.
    if (name === null || isHidden(name) || /~$|\.sw\w$/.test(name) || this.#ignored.has(path)) return;
    // A folder of that name may be another one now, of which the old watch hears nothing.
    if (event === 'rename') this.#forget(path);
    this.#watch(path);
    this.#saved.add(relative(this.#root, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell?.(), settleMilliseconds);
  }

  #forget(path: string): void {
    const real = join(realPath(dirname(path)) ?? dirname(path), basename(path));
    for (const [watched, { close }] of this.#watched) {
      if (!isWithin(watched, real)) continue;
      close();
      this.#watched.delete(watched);
    }
  }
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === '__pycache__';
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a path is the folder or below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
