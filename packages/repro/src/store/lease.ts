import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const heartbeatMilliseconds = 2_000;
/** A holder on another machine that has not been heard of for this long is dead. */
const staleMilliseconds = 15_000;

/**
 * Leases: of the runs that share a store, only the holder of a key's lease builds that key. Files with a heartbeat,
 * so that the lease of a holder that died is taken over.
 */
export class Leases {
  readonly #directory: string;
  readonly #held = new Set<string>();
  /** Of this run. */
  readonly id = randomBytes(8).toString('hex');
  #timer: NodeJS.Timeout | undefined;

  constructor(storeDirectory: string) {
    this.#directory = join(storeDirectory, 'leases');
  }

  /** Takes the lease of `name` unless a living run has it. */
  acquire(name: string): boolean {
    const path = join(this.#directory, name);
    if (!this.#create(path) && !(this.#isDead(path) && this.#takeOver(path))) return false;
    this.#held.add(path);
    this.#timer ??= setInterval(() => this.#beat(), heartbeatMilliseconds).unref();
    return true;
  }

  release(name: string): void {
    const path = join(this.#directory, name);
    if (!this.#held.delete(path)) return;
    if (this.#owns(path)) rmSync(path, { force: true });
  }

  releaseAll(): void {
    for (const path of this.#held) if (this.#owns(path)) rmSync(path, { force: true });
    this.#held.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the lease that was taken is still this run's: one that did not beat for a while, asleep or stopped, may have lost it. */
  owns(name: string): boolean {
    return this.#owns(join(this.#directory, name));
  }

  /** Names of the leases that living runs hold, less this one's. */
  heldByOthers(): string[] {
    return readdirSync(this.#directory).filter((name) => {
      const path = join(this.#directory, name);
      return !this.#held.has(path) && !name.endsWith('.takeover') && !this.#isDead(path);
    });
  }

  /** Whether a living run, this one or another, holds a lease whose name passes. */
  isHeld(name: string): boolean {
    const path = join(this.#directory, name);
    return statSync(path, { throwIfNoEntry: false }) !== undefined && !this.#isDead(path);
  }

  #content(): string {
    return JSON.stringify({ id: this.id, pid: process.pid, host: hostname() });
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

  #isDead(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return true;
    if (Date.now() - stats.mtimeMs > staleMilliseconds) return true;
    const holder = readHolder(path);
    return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
  }

  /** Two runs may find the same dead lease: the guard lets one replace it, and that one looks again first. */
  #takeOver(path: string): boolean {
    const guard = `${path}.takeover`;
    if (!this.#create(guard)) {
      const stats = statSync(guard, { throwIfNoEntry: false });
      const holder = readHolder(guard);
      const abandoned =
        stats &&
        (Date.now() - stats.mtimeMs > staleMilliseconds || (holder?.host === hostname() && !isAlive(holder.pid)));
      if (abandoned) rmSync(guard, { force: true });
      return false;
    }
    try {
      if (!this.#isDead(path)) return false;
      const mine = `${path}.${this.id}`;
      writeFileSync(mine, this.#content());
      renameSync(mine, path);
      return true;
    } finally {
      rmSync(guard, { force: true });
    }
  }

  #owns(path: string): boolean {
    return readHolder(path)?.id === this.id;
  }

  #beat(): void {
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

function readHolder(path: string): { id: string; pid: number; host: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { id: string; pid: number; host: string };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
