// @ts-check
/**
 * The footprint of a run: every file that it looked at, and what it looked like. A run that found all results fresh leaves
 * its footprint; the same call then compares the footprint and, where nothing differs, repeats what was printed, without
 * loading the pipeline. Whatever is in doubt leads to an ordinary run. Plain JavaScript, since the launcher asks it first.
 *
 * Files are found by watching Node's file functions from the moment the code of the project is loaded, so that what a
 * pipeline reads by itself counts too. Not seen, and so not to be used while a graph is built: the clock, the network,
 * random numbers. Starting a process or a thread, loading a native module, reading standard input, or writing outside the
 * parts of the store that every run writes, means doubt.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checksum } from './checksum.mjs';

const { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readdirSync, realpathSync } = fs;
const { renameSync, rmSync, statSync, utimesSync, writeSync } = fs;

/** Changes whenever the file or what has to be in it changes. */
const format = 'repro footprint 3';
/** Footprints of other calls than the last few are removed. */
const keptFootprints = 16;

/** Where so many files of one folder are asked, it is entered. */
const manyFiles = 256;

/** In place of a size: there is nothing. */
const absent = -1;
/** In place of a size: something is there, and only that was asked. */
const present = -2;

/**
 * What a path looked like: size (or `absent` or `present`), times of change in milliseconds, inode.
 * @typedef {readonly [size: number, mtime: number, ctime: number, inode: number]} Look
 */

/** @type {Look} */
const nothing = [absent, 0, 0, 0];

/** @param {fs.Stats | undefined} stats @returns {Look} */
function lookOf(stats) {
  return stats ? [stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino] : nothing;
}

/**
 * A file that changed just before it was looked at may change once more without a trace: clocks of file systems tick, some
 * every two seconds. @param {Look} look @param {number} at when it was looked at, in milliseconds since 1970
 */
function isTooNew([size, mtime, ctime], at) {
  if (size < 0) return false;
  const tick = ctime % 1000 === 0 ? 2_100 : 20;
  return Math.max(mtime, ctime) > at - tick;
}

/**
 * A path that was looked at. `folder`: it is a folder of which only the stats were asked; `problem`: why it makes a
 * footprint worthless, unless every run writes there.
 * @typedef {{ look: Look, folder: boolean, problem?: string | undefined }} Seen
 */

/** Collects the footprint of a run. */
export class Footprint {
  /** @type {Map<string, Seen>} */
  #seen = new Map();
  /** @type {Map<string, string>} */
  #links = new Map();
  /** @type {Set<string>} */
  #written = new Set();
  /** @type {string | undefined} */
  #doubt;
  /** @type {(() => void) | undefined} */
  #restore;
  #began = 0;
  #hadDatabases = false;

  /** Begins to watch the file functions of this process. */
  watch() {
    this.#began = Date.now();
    this.#hadDatabases = hasDatabases();
    this.#restore = watchFiles({
      look: (path, what) => this.#look(path, what),
      link: (path) => this.#link(path),
      wrote: (path) => void this.#written.add(path),
      unseen: (what) => this.end(what),
    });
  }

  /** Ends watching: the run does more than look. @param {string} [doubt] */
  end(doubt) {
    this.#doubt ??= doubt;
    this.#restore?.();
    this.#restore = undefined;
  }

  /**
   * Why this run leaves no footprint; undefined if it may. @param {string} store the directory of the store
   */
  doubt(store) {
    if (this.#doubt !== undefined) return this.#doubt;
    if (hasDatabases() && !this.#hadDatabases) return 'node:sqlite was loaded';
    // Were a version of Node not to show us what is looked at, a footprint of nothing would always fit.
    const marker = join(store, 'repro-store.json');
    if (!this.#seen.has(marker)) return `${marker} was not looked at`;
    for (const path of this.#written) if (!isOwn(path, store)) return `${path} was written`;
    for (const [path, { problem, folder }] of this.#seen)
      if (problem !== undefined && !isOwn(path, store) && !(folder && isBelow(path, store)))
        return `${path} ${problem}`;
    return undefined;
  }

  /**
   * Keeps the footprint under the name of a call, unless there is doubt. `text`: what is to be printed, with `\0` where
   * the duration goes; `store`: the directory of the store; `touched`: the folders of the code, which are in use.
   * @param {string} path @param {{ text: string, store: string, touched: string[] }} facts
   */
  keep(path, { text, store, touched }) {
    this.end();
    if (this.doubt(store) !== undefined) return;
    // Entries of results are written once; what comes and goes among them changes their folder.
    const results = join(store, 'ac');
    const resultsLook = lookOf(statOrUndefined(results));
    if (isTooNew(resultsLook, this.#began)) return;
    /** @type {Map<string, { names: string[], looks: Look[] }>} */
    const folders = new Map();
    /** @type {string[]} */
    const absences = [];
    /** @type {string[]} */
    const presences = [];
    const add = (/** @type {string} */ file, /** @type {Look} */ look) => {
      if (look[0] === absent) return void absences.push(file);
      if (look[0] === present) return void presences.push(file);
      const slash = file.lastIndexOf('/') + 1;
      let known = folders.get(file.slice(0, slash));
      if (!known) folders.set(file.slice(0, slash), (known = { names: [], looks: [] }));
      known.names.push(file.slice(slash));
      known.looks.push(look);
    };
    add(results, resultsLook);
    for (const [file, { look, folder }] of this.#seen) {
      if (isOwn(file, store) || isBelow(file, results)) continue;
      // Other runs add to the folders of a store; what this one listed of them is another matter.
      add(file, folder && isBelow(file, store) ? [present, 0, 0, 0] : look);
    }
    const all = [...folders.values()];
    const looks = Buffer.from(Float64Array.from(all.flatMap((each) => each.looks).flat()).buffer);
    const names = Buffer.from(all.flatMap((each) => each.names).join('\n'));
    const header = JSON.stringify({
      text,
      touched,
      links: [...this.#links],
      absent: [join(store, 'leases', 'gc'), ...absences],
      present: presences,
      folders: [...folders].map(([folder, { names: own }]) => [folder, own.length]),
      bytes: looks.length,
    });
    replaceFile(path, [Buffer.from(`${format} ${checksum(header)}\n${header}\n`), looks, names]);
  }

  /** @param {string} path @param {'content' | 'stats' | 'presence'} what */
  #look(path, what) {
    if (notFiles.test(path)) return;
    const now = Date.now();
    const known = this.#seen.get(path);
    let stats;
    try {
      stats = statOrUndefined(path);
    } catch (error) {
      this.#seen.set(path, { look: nothing, folder: false, problem: /** @type {Error} */ (error).message });
      return;
    }
    const folder = what !== 'content' && stats?.isDirectory() === true && known?.folder !== false;
    const isOnlyPresence = what === 'presence' && stats !== undefined;
    if (isOnlyPresence && known && known.look[0] !== absent) return;
    const look = isOnlyPresence ? /** @type {Look} */ ([present, 0, 0, 0]) : lookOf(stats);
    const before = known?.look;
    const changed =
      before &&
      (before[0] === present || look[0] === present
        ? (before[0] === absent) !== (look[0] === absent)
        : !isSame(before, look));
    const problem = known?.problem ?? (changed ? 'changed' : isTooNew(look, now) ? 'changed a moment ago' : undefined);
    if (before === undefined || before[0] === present || problem !== undefined || folder !== known?.folder)
      this.#seen.set(path, { look: changed ? before : look, folder, problem });
  }

  /** @param {string} path */
  #link(path) {
    try {
      this.#links.set(path, realpathSync.native(path));
    } catch {
      this.#look(path, 'presence');
    }
  }
}

/** Whether Node's own database is loaded, which reads its files by itself. */
function hasDatabases() {
  const { moduleLoadList = [] } = /** @type {{ moduleLoadList?: string[] }} */ (/** @type {unknown} */ (process));
  return moduleLoadList.includes('NativeModule sqlite');
}

/** What lies there says something of the machine at this moment, such as which processes live. */
const notFiles = /^\/(proc|sys|dev(?!\/shm\/))\//;

/** @param {string} path @param {string} folder */
function isBelow(path, folder) {
  return path === folder || path.startsWith(folder + sep);
}

/** What each run writes in its store, and what the outcome of a run does not depend on. @param {string} path @param {string} store */
function isOwn(path, store) {
  return (
    isBelow(path, store) &&
    /^[/\\](leases|tmp|blob-index|result-index|paces\.json)([/\\]|$)/.test(path.slice(store.length))
  );
}

/** @param {string} path @param {Buffer[]} parts */
function replaceFile(path, parts) {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(temporary, 'w');
    try {
      for (const part of parts) for (let at = 0; at < part.length;) at += writeSync(fd, part, at);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    removeOld(path);
  } catch {
    // A place that cannot be written to, or a full disk: the next run does all the work once more.
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Nor can it be removed.
    }
  }
}

/** @param {string} path */
function statOrUndefined(path) {
  try {
    return statSync(path, silent);
  } catch (error) {
    // A part of the path is a file.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

const silent = { throwIfNoEntry: false };

/** @param {Look} a @param {Look} b */
function isSame(a, b) {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

/**
 * Where the footprint of this call is kept: the same arguments, in the same folder, with the same variables and the same Node.
 * @param {string} root of the project @param {readonly string[]} args
 */
export function footprintPath(root, args) {
  const { _, SHLVL: __, OLDPWD: ___, ...environment } = process.env;
  const call = [
    format,
    resolve(root),
    process.cwd(),
    args,
    Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1)),
    process.versions,
    process.platform,
    process.arch,
    process.execArgv,
    process.getuid?.(),
    terminal(),
  ];
  const name = `${checksum(resolve(root))}-${checksum(JSON.stringify(call), 4)}`;
  return join(root, 'node_modules', '.cache', 'repro', 'footprints', name);
}

/** What the form of the output depends on. */
function terminal() {
  try {
    if (!fstatSync(1).isCharacterDevice()) return 'no terminal';
  } catch {
    return 'closed';
  }
  const { isTTY, columns } = process.stdout;
  return [isTTY, columns];
}

/**
 * What a call would print that finds all as its footprint says; undefined where there is none, or anything differs.
 * @param {string} path of the footprint
 * @returns {string | undefined}
 */
export function unchanged(path) {
  try {
    const { header, body } = read(path) ?? {};
    if (!header || !body) return undefined;
    const { text, touched, links, folders, bytes } = header;
    if (!header.absent.every((each) => statOrUndefined(each) === undefined)) return undefined;
    if (!header.present.every((each) => existsSync(each))) return undefined;
    if (!links.every(([link, target]) => realpathSync.native(link) === target)) return undefined;
    // A copy, since numbers lie at multiples of their size.
    const numbers = new Float64Array(new Uint8Array(body.subarray(0, bytes)).buffer);
    const list = body.toString('utf8', bytes).split('\n');
    if (list.length * 4 !== numbers.length) return undefined;
    if (!isAsListed(folders, list, numbers)) return undefined;
    const now = new Date();
    for (const used of [...touched, path]) utimesSync(used, now, now);
    return text;
  } catch {
    return undefined;
  }
}

/**
 * Whether all files look as they did. Those of a folder with many are asked by their names in it, which costs the system two
 * thirds of what whole paths cost.
 * @param {Header['folders']} folders @param {readonly string[]} list names of files, folder after folder
 * @param {Float64Array} numbers their looks
 */
function isAsListed(folders, list, numbers) {
  const directory = process.cwd();
  try {
    let i = 0;
    for (const [folder, count] of folders) {
      const isEntered = count >= manyFiles && enters(folder);
      for (const end = i + count; i < end; i++) {
        const name = /** @type {string} */ (list[i]);
        const stats = statOrUndefined(isEntered ? name : folder + name);
        if (stats === undefined || !isAsSeen(stats, numbers, 4 * i)) return false;
      }
      if (isEntered) process.chdir(directory);
    }
    return true;
  } finally {
    if (process.cwd() !== directory) process.chdir(directory);
  }
}

/** Makes a folder the working directory, where that is possible: a thread has none of its own. @param {string} folder */
function enters(folder) {
  try {
    process.chdir(folder);
    return true;
  } catch {
    return false;
  }
}

/** @param {fs.Stats} stats @param {Float64Array} numbers @param {number} at */
function isAsSeen({ size, mtimeMs, ctimeMs, ino }, numbers, at) {
  return size === numbers[at] && mtimeMs === numbers[at + 1] && ctimeMs === numbers[at + 2] && ino === numbers[at + 3];
}

/**
 * The looks and names of files stand after it. They have no checksum: a damaged one fits no file, and the run is done in full.
 * `absent`, `present`: paths of which only that was seen. `bytes`: length of the looks.
 * @typedef {{ text: string, touched: string[], links: [string, string][], absent: string[], present: string[],
 *   folders: [folder: string, count: number][], bytes: number }} Header
 */

/** @param {string} path @returns {{ header: Header, body: Buffer } | undefined} */
function read(path) {
  if (!existsSync(path)) return undefined;
  const file = readFileSync(path);
  const first = file.indexOf('\n');
  const second = file.indexOf('\n', first + 1);
  const header = file.toString('utf8', first + 1, second);
  if (file.toString('utf8', 0, first) !== `${format} ${checksum(header)}`) return undefined;
  return { header: JSON.parse(header), body: file.subarray(second + 1) };
}

/** Keeps the last few of a project. @param {string} added the newest */
function removeOld(added) {
  const project = basename(added).replace(/-.*/, '-');
  const names = readdirSync(dirname(added)).filter((name) => name.startsWith(project));
  const paths = names.map((name) => join(dirname(added), name));
  const newestFirst = paths
    .map((path) => ({ path, used: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of newestFirst.slice(keptFootprints)) rmSync(path, { force: true });
}

/**
 * @typedef {{ look: (path: string, what: 'content' | 'stats' | 'presence') => void, link: (path: string) => void,
 *   wrote: (path: string) => void, unseen: (what: string) => void }} Watcher
 */

/** Functions of node:fs by what they tell their caller; those with a callback and those of promises are named alike. */
const kinds = /** @type {const} */ ({
  content: ['readFile', 'readdir', 'opendir', 'createReadStream', 'copyFile', 'cp', 'openAsBlob'],
  stats: ['stat', 'lstat'],
  presence: ['exists', 'access'],
  link: ['realpath', 'readlink'],
  wrote: [
    'writeFile',
    'appendFile',
    'createWriteStream',
    'mkdir',
    'rename',
    'rm',
    'rmdir',
    'unlink',
    'symlink',
    'link',
    'truncate',
  ],
});

/** @param {Watcher} watcher @returns {() => void} what ends it */
function watchFiles(watcher) {
  /** @type {(() => void)[]} */
  const restore = [];
  /** @param {Record<string, any>} object @param {string} name @param {(first: unknown, second: unknown) => void} before */
  const wrap = (object, name, before) => {
    const original = object[name];
    if (typeof original !== 'function') return;
    const wrapped = /** @this {unknown} */ function (/** @type {unknown[]} */ ...args) {
      before(args[0], args[1]);
      return Reflect.apply(original, this, args);
    };
    Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
    object[name] = wrapped;
    restore.push(() => {
      if (object[name] === wrapped) object[name] = original;
    });
  };
  for (const [kind, names] of Object.entries(kinds)) {
    /** @param {unknown} given */
    const tell = (given) => {
      if (kind === 'content' && isInput(given)) watcher.unseen('standard input was read');
      const path = pathOf(given);
      if (path === undefined) return;
      if (kind === 'link') watcher.link(path);
      else if (kind === 'wrote') watcher.wrote(path);
      else watcher.look(path, /** @type {'content' | 'stats' | 'presence'} */ (kind));
    };
    for (const name of names) {
      wrap(fs, name, tell);
      wrap(fs, `${name}Sync`, tell);
      wrap(fs.promises, name, tell);
    }
  }
  /** @param {unknown} given @param {unknown} flags */
  const opened = (given, flags = 'r') => {
    const path = pathOf(given);
    if (path === undefined) return;
    const writes = typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(String(flags));
    if (writes) watcher.wrote(path);
    else watcher.look(path, 'content');
  };
  wrap(fs, 'open', opened);
  wrap(fs, 'openSync', opened);
  wrap(fs.promises, 'open', opened);
  // Takes a while to load, which a call that has nothing to do is spared.
  const child = createRequire(import.meta.url)('node:child_process');
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
    wrap(child, name, (program) => watcher.unseen(`${String(program)} was started`));
  // What these read is not seen from here.
  const threads = createRequire(import.meta.url)('node:worker_threads');
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    /** @param {unknown[]} args */
    constructor(...args) {
      watcher.unseen('a thread was started');
      super(...args);
    }
  };
  restore.push(() => void (threads.Worker = Worker));
  wrap(process, 'dlopen', (_, file) => watcher.unseen(`${String(file)} was loaded`));
  // Node reads it by itself.
  wrap(process, 'loadEnvFile', (file) => watcher.look(pathOf(file ?? '.env') ?? '.env', 'content'));
  syncBuiltinESMExports();
  return () => {
    for (const each of restore) each();
    syncBuiltinESMExports();
  };
}

/** @param {unknown} given */
function isInput(given) {
  return given === 0 || (typeof given === 'string' && /^\/(dev\/(stdin|fd\/0)|proc\/self\/fd\/0)$/.test(given));
}

/** An absolute path; undefined for the descriptor of an open file. @param {unknown} given */
function pathOf(given) {
  if (typeof given === 'string') return given.startsWith('/') ? given : resolve(given);
  if (given instanceof URL) return fileURLToPath(given);
  return given instanceof Uint8Array ? resolve(Buffer.from(given).toString('utf8')) : undefined;
}
