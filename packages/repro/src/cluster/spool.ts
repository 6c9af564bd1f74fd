import { existsSync, linkSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../graph/digest.ts';
import { Snapshots } from '../execute/snapshots.ts';
import { parseJsonText } from '../store/records.ts';
import { makeDirectory, readOrdinary, readOrdinaryText, temporaryPath, writeAtomically } from '../store/files.ts';
import type { NodeFile } from './node-file.ts';
import { sourcesOf } from './node-file.ts';

/** How often what has been tried with a unit. */
export interface Attempts {
  /** Jobs that were lost: a node of the cluster failed, the job was preempted, or is not known any more. */
  readonly lost: number;
  /** Times its job ran out of memory. */
  readonly memory: number;
  /** Times it reached the time limit and goes on from a checkpoint. */
  readonly time: number;
}

/** A unit in a task: the keys of its nodes. */
export interface UnitRecord {
  readonly keys: readonly Key[];
  readonly attempts: Attempts;
}

/** What is written down before a job is submitted: `cluster/<name>/job.json`. */
export interface JobRecord {
  /** Deterministic: of the keys and attempts. The name of the job in the queue. */
  readonly name: string;
  /** The lease that the run that submits it holds while it lives. */
  readonly head: string;
  readonly arguments: readonly string[];
  /** Megabytes asked for by each task, if any are. */
  readonly memory?: number | undefined;
  readonly tasks: readonly (readonly UnitRecord[])[];
}

/** What `exec-node` is given: `cluster/<name>/tasks/<task>.json`. */
export interface TaskFile {
  /** Of the project. */
  readonly root: string;
  readonly units: readonly { readonly batch: boolean; readonly nodes: readonly NodeFile[] }[];
  /** A folder on the machine's own disk for the files of jobs; may name variables of the environment. */
  readonly scratch?: string | undefined;
  readonly visibilitySeconds: number;
}

/** What `exec-node` leaves: `cluster/<name>/ends/<key>`. The store says whether a result is there; this, why not. */
export type KeyEnd =
  | { readonly type: 'recorded'; readonly seconds: number; readonly cpuSeconds?: number }
  | { readonly type: 'failed'; readonly message: string; readonly log: string }
  | { readonly type: 'not-run'; readonly message: string };

/** Where a run keeps what it has submitted. Simulations have one in memory. */
export interface Spool {
  readonly jobs: () => JobRecord[];
  readonly read: (name: string) => JobRecord | undefined;
  /** Writes the record of a job; with its tasks, so that it can be submitted. False if there is one of this name. */
  readonly create: (record: JobRecord, tasks: () => readonly TaskFile[]) => boolean;
  /** Path of what is submitted, and where its tasks print: `%a` stands for the task, `%%` for a `%`. */
  readonly script: (name: string) => { readonly path: string; readonly log: string };
  /** Keeps the number of a job; of one that another run has removed since, nothing. */
  readonly submitted: (name: string, id: string) => void;
  readonly id: (name: string) => string | undefined;
  /** Names the job that builds a key, unless another is named: that one is returned. */
  readonly claim: (key: Key, name: string) => string | undefined;
  readonly claimOf: (key: Key) => string | undefined;
  /** Names the job in place of another. */
  readonly reclaim: (key: Key, name: string) => void;
  readonly unclaim: (key: Key) => void;
  readonly ends: (name: string) => Ends;
  readonly end: (name: string, key: Key) => KeyEnd | undefined;
  readonly logTail: (name: string, task: number) => string;
  /** When the job was written down, in milliseconds since 1970. */
  readonly createdAt: (name: string) => number;
  /** Removes the folder of a job. What others write there at this moment may stay for a while, which is no error. */
  readonly remove: (name: string) => void;
}

/** Keys of a job whose end is known, tasks that have begun, and of these those that were asked to stop before their end. */
export interface Ends {
  readonly keys: readonly Key[];
  readonly begun: ReadonlySet<number>;
  readonly stopped: ReadonlySet<number>;
}

const tailBytes = 4_000;
/** How often a folder is removed into which another process writes, and what is then said. */
const removals = 20;
const passing = new Set(['ENOTEMPTY', 'ENOENT', 'EEXIST', 'EBUSY']);
const digestName = /^[0-9a-f]{64}$/;

/** `cluster/` in a store. */
export class StoreSpool implements Spool {
  readonly directory: string;
  readonly #root: string;
  readonly #sources: Snapshots;
  readonly #scriptOf: (directory: string) => string;

  /** `root`: of the project, whose files are copied. `scriptOf`: text of what a job runs, by its directory. */
  constructor(store: string, root: string, scriptOf: (directory: string) => string) {
    this.directory = join(store, 'cluster');
    this.#root = root;
    this.#sources = new Snapshots(join(this.directory, 'sources'));
    this.#scriptOf = scriptOf;
    makeDirectory(join(this.directory, 'claims'));
  }

  jobs(): JobRecord[] {
    return readdirSync(this.directory).flatMap((name) => this.read(name) ?? []);
  }

  read(name: string): JobRecord | undefined {
    if (!name.startsWith(namePrefix)) return undefined;
    const text = readOrdinaryText(join(this.directory, name, 'job.json'));
    return text === undefined ? undefined : (parseJsonText(text) as JobRecord | undefined);
  }

  create(record: JobRecord, tasks: () => readonly TaskFile[]): boolean {
    const directory = join(this.directory, record.name);
    if (existsSync(join(directory, 'job.json'))) return false;
    for (const part of ['tasks', 'ends', 'log']) makeDirectory(join(directory, part));
    for (const [i, task] of tasks().entries()) {
      for (const { nodes } of task.units)
        for (const node of nodes)
          for (const [path, digest] of sourcesOf(node)) this.#sources.take(join(this.#root, path), digest, path);
      writeFileSync(join(directory, 'tasks', `${i}.json`), JSON.stringify(task));
    }
    writeFileSync(join(directory, 'script.sh'), this.#scriptOf(directory), { mode: 0o755 });
    writeAtomically(join(directory, 'job.json'), JSON.stringify(record));
    return true;
  }

  script(name: string): { readonly path: string; readonly log: string } {
    const place = join(this.directory, name);
    return { path: join(place, 'script.sh'), log: join(place.replaceAll('%', '%%'), 'log', '%a') };
  }

  submitted(name: string, id: string): void {
    try {
      writeAtomically(join(this.directory, name, 'id'), id);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  id(name: string): string | undefined {
    return readOrdinary(join(this.directory, name, 'id'))
      ?.toString('utf8')
      .trim();
  }

  claim(key: Key, name: string): string | undefined {
    const path = this.#claimPath(key);
    const temporary = temporaryPath(join(this.directory, 'claims'));
    writeFileSync(temporary, name);
    try {
      linkSync(temporary, path);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return this.claimOf(key) ?? this.claim(key, name);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  claimOf(key: Key): string | undefined {
    return readOrdinaryText(this.#claimPath(key));
  }

  reclaim(key: Key, name: string): void {
    const temporary = temporaryPath(join(this.directory, 'claims'));
    writeFileSync(temporary, name);
    renameSync(temporary, this.#claimPath(key));
  }

  unclaim(key: Key): void {
    rmSync(this.#claimPath(key), { force: true });
  }

  #claimPath(key: Key): string {
    return join(this.directory, 'claims', key);
  }

  ends(name: string): Ends {
    let names: string[];
    try {
      names = readdirSync(join(this.directory, name, 'ends'));
    } catch {
      names = [];
    }
    const tasks = (prefix: string): Set<number> =>
      new Set(names.filter((each) => each.startsWith(prefix)).map((each) => Number(each.slice(prefix.length))));
    return {
      keys: names.filter((each): each is Key => digestName.test(each)),
      begun: tasks('begun-'),
      stopped: tasks('stopped-'),
    };
  }

  end(name: string, key: Key): KeyEnd | undefined {
    const text = readOrdinaryText(join(this.directory, name, 'ends', key));
    return text === undefined ? undefined : (parseJsonText(text) as KeyEnd | undefined);
  }

  logTail(name: string, task: number): string {
    const text = readOrdinaryText(join(this.directory, name, 'log', String(task))) ?? '';
    return text.slice(-tailBytes).trimEnd();
  }

  createdAt(name: string): number {
    return statSync(join(this.directory, name, 'job.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  remove(name: string): void {
    const directory = join(this.directory, name);
    for (let attempt = 0; attempt < removals && existsSync(directory); attempt++) {
      try {
        rmSync(directory, { recursive: true, force: true });
      } catch (error) {
        if (!passing.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    }
  }
}

/** Of the names of jobs, in the queue and on the disk. */
export const namePrefix = 'repro-';

/** The part of a job directory that `exec-node` writes. */
export class TaskPlace {
  readonly #directory: string;
  readonly #task: number;

  constructor(jobDirectory: string, task: number) {
    this.#directory = jobDirectory;
    this.#task = task;
  }

  /** Throws if it is not there. */
  read(): TaskFile {
    return JSON.parse(readFileSync(join(this.#directory, 'tasks', `${this.#task}.json`), 'utf8')) as TaskFile;
  }

  begin(): void {
    rmSync(join(this.#directory, 'ends', `stopped-${this.#task}`), { force: true });
    writeFileSync(join(this.#directory, 'ends', `begun-${this.#task}`), '');
  }

  /** It was asked to stop before its units had ended: another job goes on. */
  stop(): void {
    writeFileSync(join(this.#directory, 'ends', `stopped-${this.#task}`), '');
  }

  end(key: Key, end: KeyEnd): void {
    writeAtomically(join(this.#directory, 'ends', key), JSON.stringify(end));
  }

  /** Where copies of the project's files are, by digest. */
  get sources(): string {
    return join(this.#directory, '..', 'sources');
  }

  get store(): string {
    return join(this.#directory, '..', '..');
  }
}
