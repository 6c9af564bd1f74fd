import { randomBytes } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readOrdinaryText, statOrUndefined, whileBusy } from './files.ts';

const heartbeatMilliseconds = 2_000;
/** A holder whose heart did not beat for this long, by the watch of who waits for it, is dead. */
const staleMilliseconds = 15_000;
const observeMilliseconds = 500;

/** Who holds a lease. Processes can be told apart by number only within one boot of a machine and one namespace. */
interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** Of Linux: identifies a boot of the machine, whatever host name a container gives it. */
  readonly boot?: string;
  readonly pidNamespace?: string;
  /** When the process started, since a number is given again once its process has ended. */
  readonly started?: string;
}

/**
 * Leases: of the runs that share a store, only the holder of a key's lease builds that key. Files with a heartbeat. The
 * lease of a holder on this machine is taken over when its process is gone, and only then; that of one elsewhere when
 * its heart was not seen to beat for 15 s by the clock of who looks: clocks of machines differ, and a date may be wrong.
 */
export class Leases {
  readonly #directory: string;
  readonly #now: () => number;
  readonly #held = new Set<string>();
  /** By lease of another: what its last heartbeat looked like, and when it was first seen so. */
  readonly #beats = new Map<string, { readonly beat: string; readonly since: number }>();
  /** Of this run. */
  readonly id = randomBytes(8).toString('hex');
  #timer: NodeJS.Timeout | undefined;
  #lastBeat = -Infinity;
  /** While this process digests or copies a file no timer fires, and runs on other machines would take it for dead. */
  readonly #beatIfDue = (): void => {
    if (this.#now() - this.#lastBeat >= heartbeatMilliseconds) this.#beat();
  };

  /** `now`: a clock in milliseconds that only ever goes on; tests put their own here. */
  constructor(storeDirectory: string, now: () => number = () => performance.now()) {
    this.#directory = join(storeDirectory, 'leases');
    this.#now = now;
  }

  /** Takes the lease of `name` unless a run has it that lives, or of which this is not known yet. */
  acquire(name: string, _node?: unknown): boolean {
    const path = join(this.#directory, name);
    if (!this.#create(path) && !(this.#isDead(path) && this.#takeOver(path))) return false;
    this.#held.add(path);
    this.#timer ??= setInterval(() => this.#beat(), heartbeatMilliseconds).unref();
    whileBusy.add(this.#beatIfDue);
    return true;
  }

  release(name: string): void {
    const path = join(this.#directory, name);
    if (!this.#held.delete(path)) return;
    if (this.#owns(path)) removeFile(path);
  }

  releaseAll(): void {
    for (const path of this.#held) if (this.#owns(path)) rmSync(path, { force: true });
    this.#held.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    whileBusy.delete(this.#beatIfDue);
  }

  /** Whether the lease that was taken is still this run's: one that did not beat for a while, asleep or stopped, may have lost it. */
  owns(name: string): boolean {
    return this.#owns(join(this.#directory, name));
  }

  /** Names of the leases that runs hold that live, or of which this is not known yet, less this one's. */
  heldByOthers(): string[] {
    return readdirSync(this.#directory).filter((name) => {
      const path = join(this.#directory, name);
      return !this.#held.has(path) && !name.endsWith('.takeover') && !this.#isDead(path);
    });
  }

  /** Resolves when it is known of every other lease whether its holder lives: mostly at once, after 15 s at most. */
  async settle(): Promise<void> {
    const began = this.#now();
    while (this.#now() - began <= staleMilliseconds && this.heldByOthers().some((name) => !this.#isHere(name)))
      await new Promise((resolve) => setTimeout(resolve, observeMilliseconds));
  }

  /** Whether a run, this one or another, holds a lease, and lives or is not known to be dead. */
  isHeld(name: string): boolean {
    const path = join(this.#directory, name);
    return statOrUndefined(path) !== undefined && !this.#isDead(path);
  }

  #content(): string {
    return JSON.stringify({
      id: this.id,
      pid: process.pid,
      host: hostname(),
      ...ourPlace,
      started: (ownStart ??= startOf(process.pid)),
    });
  }

  #create(path: string): boolean {
    try {
      const fd = openSync(path, 'wx');
      try {
        writeFileSync(fd, this.#content());
      } catch (error) {
        // On a full disk: an empty lease would keep others waiting until it is stale.
        rmSync(path, { force: true });
        throw error;
      } finally {
        closeSync(fd);
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Whether the holder is known to be dead. One on this machine lives as long as its process does, asleep or not. */
  #isDead(path: string): boolean {
    const stats = statOrUndefined(path);
    // What is no file, such as a pipe, is nobody's.
    if (!stats?.isFile()) return true;
    const holder = readHolder(path);
    if (holder && isOurPlace(holder)) return !isAlive(holder);
    const beat = `${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
    const seen = this.#beats.get(path);
    if (seen?.beat === beat) return this.#now() - seen.since > staleMilliseconds;
    this.#beats.set(path, { beat, since: this.#now() });
    return false;
  }

  /** Whether the holder's process can be asked. */
  #isHere(name: string): boolean {
    const holder = readHolder(join(this.#directory, name));
    return holder !== undefined && isOurPlace(holder);
  }

  /** Two runs may find the same dead lease: the guard lets one replace it, and that one looks again first. */
  #takeOver(path: string): boolean {
    const guard = `${path}.takeover`;
    if (!this.#create(guard)) {
      if (this.#isDead(guard)) rmSync(guard, { force: true });
      return false;
    }
    try {
      if (!this.#isDead(path)) return false;
      // Its holder gave it back meanwhile: what a third run may have made since is not to be replaced.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return this.#create(path);
      const mine = `${path}.${this.id}`;
      writeFileSync(mine, this.#content());
      renameSync(mine, path);
      this.#beats.delete(path);
      return true;
    } finally {
      rmSync(guard, { force: true });
    }
  }

  #owns(path: string): boolean {
    return readHolder(path)?.id === this.id;
  }

  #beat(): void {
    this.#lastBeat = this.#now();
    const now = new Date();
    for (const path of this.#held) {
      try {
        utimesSync(path, now, now);
      } catch {
        // Taken over or removed: the store's records stay right either way.
      }
    }
  }
}

/** When this process started; looked up once. */
let ownStart: string | undefined;

/** As `rmSync` with `force`, which looks at the file three times before. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readOrdinaryText(path) ?? '') as Holder;
  } catch {
    return undefined;
  }
}

/** Where numbers of processes mean what they mean here; empty where the system does not tell. */
const ourPlace: Pick<Holder, 'boot' | 'pidNamespace'> = {
  ...told('boot', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  ...told('pidNamespace', () => readlinkSync('/proc/self/ns/pid')),
};

function told<K extends string>(name: K, read: () => string): { readonly [N in K]?: string } {
  try {
    return { [name]: read() } as { readonly [N in K]: string };
  } catch {
    return {};
  }
}

function isOurPlace({ host, boot, pidNamespace }: Holder): boolean {
  return host === hostname() && boot === ourPlace.boot && pidNamespace === ourPlace.pidNamespace;
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf(pid) === started;
}

/** When a process started, in ticks since the boot; undefined where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    // Behind the name, which is in brackets and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').split(' ')[20];
  } catch {
    return undefined;
  }
}
