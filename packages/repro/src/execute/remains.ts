/**
 * What a job left behind in its process: timers, requests, open files, children, listeners, changed globals. The next
 * job may run in the same process only if there is nothing.
 */
import buffer from 'node:buffer';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs, { readdirSync, readlinkSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import timers from 'node:timers';
import url from 'node:url';
import util from 'node:util';
import zlib from 'node:zlib';

/** Requests that have a file in hand: a stage that returned before these ended has not written all of its outputs. */
const fileRequests = /^(FSReq|FileHandle)/;
/** What goes away by itself in a moment if the stage only forgot to wait for it. */
const passing = /^(FSReq|FileHandle|CloseReq|Timeout|Immediate|ProcessWrap)/;

type Descriptors = ReadonlyMap<PropertyKey, PropertyDescriptor>;

/** The state of this process before a job, to compare with the state after it. */
export class Remains {
  readonly #resources: ReadonlyMap<string, number>;
  readonly #files: ReadonlySet<string>;
  #environment = JSON.stringify(process.env);
  readonly #directory = process.cwd();
  readonly #umask = process.umask();
  readonly #listeners = countListeners();
  readonly #shared: readonly (readonly [object, Descriptors])[];
  #spawned = false;

  constructor() {
    this.#shared = sharedObjects().map((object) => [object, descriptors(object)] as const);
    this.#watchSpawns();
    this.#resources = countResources();
    this.#files = new Set(openFiles().keys());
  }

  /** A job begins, whose variables are as they are now. */
  begin(): void {
    this.#environment = JSON.stringify(process.env);
  }

  /** Whether a process was started since this was made. */
  get spawned(): boolean {
    return this.#spawned;
  }

  /** Kinds of the timers, requests and handles that are active now and were not before. */
  activity(): string[] {
    return [...countResources()].flatMap(([kind, count]) => (count > (this.#resources.get(kind) ?? 0) ? [kind] : []));
  }

  /** Whether nothing at all is left. */
  get clean(): boolean {
    return (
      !this.#spawned &&
      this.activity().length === 0 &&
      [...openFiles(this.#files).values()].every((target) => target.startsWith('anon_inode:')) &&
      JSON.stringify(process.env) === this.#environment &&
      process.cwd() === this.#directory &&
      process.umask() === this.#umask &&
      countListeners() === this.#listeners &&
      this.#shared.every(([object, before]) => isUnchanged(object, before))
    );
  }

  /** Notes whether a process is started, by any of the ways of node:child_process. */
  #watchSpawns(): void {
    const note = (): void => void (this.#spawned = true);
    const module = childProcess as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
      const original = module[name]!;
      const watched = function (this: unknown, ...args: unknown[]): unknown {
        note();
        return original.apply(this, args);
      };
      // What util.promisify looks for is among its own properties.
      Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
      module[name] = watched;
    }
    syncBuiltinESMExports();
  }
}

/** Whether the job still has a file in hand. */
export function stillWrites(activity: readonly string[]): boolean {
  return activity.some((kind) => fileRequests.test(kind));
}

/** Whether there is something that may end by itself in a moment. */
export function mayPass(activity: readonly string[]): boolean {
  return activity.some((kind) => passing.test(kind));
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** File descriptor -> what it is open on, of all but the known ones. Empty where the system does not tell. */
function openFiles(known: ReadonlySet<string> = new Set()): Map<string, string> {
  const found = new Map<string, string>();
  let names: string[] = [];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return found;
  }
  for (const fd of names) {
    if (known.has(fd)) continue;
    try {
      found.set(fd, readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // That of the directory itself, closed by now.
    }
  }
  return found;
}

function countListeners(): string {
  return process
    .eventNames()
    .map((name) => `${String(name)} ${process.listenerCount(name)}`)
    .sort()
    .join('\n');
}

/** Objects that every module of a process sees, and that a job could change for the next one. */
function sharedObjects(): object[] {
  // Node defines these when they are first asked for, which would look like a change; nearly every stage asks.
  for (const name of ['TextDecoder', 'TextEncoder'] as const) void globalThis[name];
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name));
  const found: object[] = [globalThis, console, process];
  for (const name of [...names, 'process', 'console']) {
    // A getter is of something that is loaded when it is first asked for.
    const value: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    found.push(value);
    const prototype = (value as { prototype?: unknown }).prototype;
    if (typeof prototype === 'object' && prototype !== null) found.push(prototype);
  }
  found.push(buffer, crypto, fs, promises, os, path, timers, url, util, zlib);
  return found;
}

/** Less the members of `process` that are its own counters. */
function ownKeys(object: object): PropertyKey[] {
  const keys = Reflect.ownKeys(object);
  return object === process ? keys.filter((key) => typeof key === 'string' && !key.startsWith('_')) : keys;
}

function descriptors(object: object): Descriptors {
  return new Map(ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)!]));
}

function isUnchanged(object: object, before: Descriptors): boolean {
  const keys = ownKeys(object);
  return (
    keys.length === before.size &&
    keys.every((key) => {
      const [was, now] = [before.get(key), Object.getOwnPropertyDescriptor(object, key)!];
      if (!was) return false;
      // A function or an object that is another one; plain values such as process.exitCode or a counter count too.
      return was.get === now.get && was.set === now.set && Object.is(was.value, now.value);
    })
  );
}
