import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isStorageFailure } from '../errors.ts';
import type { Key } from '../graph/digest.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { planAll, Scan } from '../plan/scan.ts';
import type { Decision, ScanContext } from '../plan/scan.ts';
import { readTrace } from '../plan/trace.ts';
import { outputsToPublish } from '../publish/publish.ts';
import { recoverFromReport } from '../publish/recover.ts';
import type { Session } from '../session-parts.ts';
import { temporaryPath } from '../store/files.ts';
import { parseActionResult } from '../store/records.ts';
import type { BlobReference } from '../store/store.ts';
import { defaultLimits } from './remote-limits.ts';
import type { RemoteLimits } from './remote-limits.ts';
import { openRemote, Transient } from './remote.ts';
import type { Remote, RemotePlace, StoredBlob } from './remote.ts';
import { misfit } from './result-check.ts';

export interface RemoteTraffic {
  readonly results: number;
  readonly blobs: number;
  readonly bytes: number;
}

/** An `ac` entry, or a trace: what is read of unknown size. */
const largestRecord = 16 << 20;
const largestClaim = 1 << 10;
const atOnce = 8;
/** Answers after which a remote is known to be slow. */
const answersTimed = 2 * atOnce;

/** What results are brought into. */
export type RemoteContext = ScanContext & Pick<Session, 'publication' | 'reportDirectory'> & { readonly graph: Graph };

type Purpose = 'ask' | 'send';

/** A blob up to this size comes as fast as any answer. */
const smallBlob = 1 << 20;

interface Health {
  failures: number;
  answers: number;
  milliseconds: number;
}

/** The remotes of one run. Any failure is a miss; the first of each remote is reported, and none ends the run. */
export class Remotes {
  readonly #remotes: readonly Remote[];
  readonly #health = new Map<Remote, Health>();
  readonly #warn: (message: string) => void;
  readonly #limits: RemoteLimits;
  #withoutClaims = false;
  #stopped: 'asking' | 'all' | undefined;
  readonly #underway = new Set<{ readonly purpose: Purpose; readonly abort: AbortController }>();

  constructor(places: readonly RemotePlace[], warn: (message: string) => void, limits: Partial<RemoteLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#remotes = places.map((place) => openRemote(place, this.#limits.idleMilliseconds));
    for (const remote of this.#remotes) this.#health.set(remote, { failures: 0, answers: 0, milliseconds: 0 });
    this.#warn = warn;
  }

  /**
   * Brings results of the selected nodes that a remote has, and then the bytes that are needed: of the inputs of what is
   * to run, and of what is published. What does not come is computed.
   */
  async pull(context: RemoteContext, selected: ReadonlySet<GraphNode>): Promise<RemoteTraffic> {
    const traffic = { results: 0, blobs: 0, bytes: 0 };
    const asked = new Set<Key>();
    for (;;) {
      const decisions = planAll(context.graph, new Scan(context));
      const open: { node: GraphNode; key: Key }[] = [];
      for (const node of selected) {
        const decision = decisions[node.index]!;
        if (decision.state === 'fresh' || decision.state === 'pending' || asked.has(decision.key)) continue;
        asked.add(decision.key);
        open.push({ node, key: decision.key });
      }
      const before = traffic.results;
      await inParallel(open, async ({ node, key }) => {
        if (await this.#pullResult(context, node, key, traffic)) traffic.results++;
      });
      // What depends on a result that came has a key only now.
      if (traffic.results === before) {
        await this.#pullBytes(context, selected, decisions, traffic);
        return traffic;
      }
    }
  }

  /**
   * Asks no remote for anything any more, since the run is to end; with `all`, sends nothing more either. Ends what is on
   * its way.
   */
  stop(what: 'asking' | 'all'): void {
    if (this.#stopped !== 'all') this.#stopped = what;
    for (const { purpose, abort } of this.#underway) if (this.#isStopped(purpose)) abort.abort();
  }

  #isStopped(purpose: Purpose): boolean {
    return this.#stopped === 'all' || (this.#stopped === 'asking' && purpose !== 'send');
  }

  /**
   * Sends results with their bytes, a result after its blobs, to all remotes. `made`: those that were just computed, whose
   * bytes are sent also where a remote has the result: it may have come without them.
   */
  async push(
    { store }: Pick<Session, 'store'>,
    keys: readonly Key[],
    made: ReadonlySet<Key> = new Set(),
  ): Promise<RemoteTraffic> {
    const traffic = { results: 0, blobs: 0, bytes: 0 };
    for (const remote of this.#remotes) {
      await inParallel([...keys], async (key) => {
        const result = store.readResult(key);
        // Without its trace nobody takes a result, and nobody would send it again.
        if (!result || store.verify(result.trace) !== 'intact') return;
        const isKnown = await this.#try(remote, (each, signal) => each.has(`ac/${key}`, signal), 'send');
        if (isKnown === undefined || (isKnown && !made.has(key))) return;
        const outputs = Object.values(result.outputs);
        for (const blob of isKnown ? outputs : [...outputs, result.trace]) {
          if (store.verify(blob) !== 'intact') continue;
          const path = `cas/${blob.digest}`;
          const there = await this.#try(remote, (each, signal) => each.has(path, signal), 'send');
          if (there) continue;
          const file = store.blobPath(blob.digest);
          if (there === undefined || !(await this.#put(remote, path, { ...blob, file }))) return;
          traffic.blobs++;
          traffic.bytes += blob.size;
        }
        if (isKnown) return;
        if (await this.#put(remote, `ac/${key}`, readFileSync(join(store.directory, 'ac', key)))) traffic.results++;
      });
    }
    return traffic;
  }

  /** Brings the result of one key, without its bytes. */
  async pullOne(context: RemoteContext, node: GraphNode, key: Key): Promise<boolean> {
    return this.#pullResult(context, node, key, { blobs: 0, bytes: 0 });
  }

  /** Brings bytes that are not here. What does not come is computed when it is needed. */
  async pullBlobs(context: RemoteContext, blobs: readonly BlobReference[]): Promise<void> {
    await inParallel(
      blobs,
      async (blob) => void (await this.#pullBlob(context, blob, this.#remotes, { blobs: 0, bytes: 0 })),
    );
  }

  /** Who says it is building a key: see `ShardLeases`; empty once it was given back. Claims are kept by the first remote. */
  readClaim(key: Key): Promise<string | undefined> {
    return this.#tryClaim(async (remote, signal) => {
      const pieces: Uint8Array[] = [];
      const receive = (piece: Uint8Array): void => void pieces.push(Uint8Array.from(piece));
      const found = await remote.get(`claims/${key}`, largestClaim, receive, signal);
      return found ? Buffer.concat(pieces).toString('utf8') : undefined;
    });
  }

  /** Whether the claim was written; `isNew`: not over one that came meanwhile, where the remote can tell. */
  async claim(key: Key, claim: string, isNew: boolean): Promise<boolean> {
    const [path, content] = [`claims/${key}`, Buffer.from(claim)];
    const done = await this.#tryClaim((remote, signal) =>
      isNew ? remote.create(path, content, signal) : remote.put(path, content, signal).then(() => true),
    );
    return done ?? true;
  }

  async unclaim(key: Key): Promise<void> {
    await this.#tryClaim((remote, signal) => remote.put(`claims/${key}`, Buffer.of(), signal));
  }

  /** Where a remote takes no claims, nodes may be built twice, and all are built. */
  async #tryClaim<T>(action: (remote: Remote, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const [remote] = this.#remotes;
    if (!remote || this.#withoutClaims || this.#stopped === 'all') return undefined;
    const request = { purpose: 'send', abort: new AbortController() } as const;
    this.#underway.add(request);
    try {
      return await action(remote, request.abort.signal);
    } catch (error) {
      if (this.#isStopped('send')) return undefined;
      this.#withoutClaims = true;
      this.#warn(
        `remote ${remote.name}: ${(error as Error).message}: it keeps no claims, so shards may build a node twice`,
      );
      return undefined;
    } finally {
      this.#underway.delete(request);
    }
  }

  async #pullResult(
    context: RemoteContext,
    node: GraphNode,
    key: Key,
    traffic: { blobs: number; bytes: number },
  ): Promise<boolean> {
    const { store } = context;
    for (const remote of this.#remotes) {
      const text = await this.#text(remote, `ac/${key}`);
      const result = text === undefined ? undefined : parseActionResult(text);
      if (text !== undefined && !result) this.#fail(remote, `ac/${key} cannot be read as a result`);
      if (!result) continue;
      if (!Object.keys(node.stage.outputs).every((name) => Object.hasOwn(result.outputs, name))) {
        this.#fail(remote, `ac/${key} lacks an output`);
        continue;
      }
      if (result.trace.size > largestRecord) {
        this.#fail(remote, `ac/${key} has a trace of ${result.trace.size} bytes`);
        continue;
      }
      if (!(await this.#pullBlob(context, result.trace, [remote], traffic))) continue;
      const trace = readTrace(store, result.trace);
      const problem = trace ? misfit(key, result, trace) : 'has no trace that can be read';
      if (problem !== undefined) {
        this.#fail(remote, `ac/${key} ${problem}`);
        continue;
      }
      const outputs = Object.values(result.outputs);
      store.elsewhere.add(outputs.filter((blob) => store.verify(blob) === 'absent').map(({ digest }) => digest));
      const extensions = Object.entries(node.stage.outputs).map(([output, { extension }]) => [output, extension]);
      store.record(key, Object.fromEntries(extensions) as Record<string, string>, result);
      return true;
    }
    return false;
  }

  /** What does not come makes the node run that it is of, and that needs the bytes of its own inputs. */
  async #pullBytes(
    context: RemoteContext,
    selected: ReadonlySet<GraphNode>,
    decisions: readonly Decision[],
    traffic: { blobs: number; bytes: number },
  ): Promise<void> {
    const recover = recoverFromReport(context);
    const published = outputsToPublish(context, selected);
    const asked = new Set<string>();
    let wanted: [GraphNode, string][] = [];
    const runs = (node: GraphNode): void => {
      for (const { handles } of node.inputs)
        for (const { node: producer, output } of handles) if (producer.kind === 'node') wanted.push([producer, output]);
    };
    for (const node of selected) {
      const { pinned } = node.stage;
      if (decisions[node.index]!.state !== 'fresh') runs(node);
      else
        // The lock says what a name of the world outside stood for.
        for (const output of pinned ? [...published(node), pinned.output] : published(node))
          wanted.push([node, output]);
    }
    while (wanted.length > 0) {
      const round = wanted;
      wanted = [];
      await inParallel(round, async ([node, output]) => {
        const decision = decisions[node.index]!;
        const blob = decision.state === 'fresh' ? decision.result.outputs[output] : undefined;
        if (!blob || asked.has(blob.digest)) return;
        asked.add(blob.digest);
        if (context.store.verify(blob) === 'intact' || recover(blob)) return;
        if (!(await this.#pullBlob(context, blob, this.#remotes, traffic))) runs(node);
      });
    }
  }

  async #pullBlob(
    { store }: Pick<Session, 'store'>,
    blob: BlobReference,
    remotes: readonly Remote[],
    traffic: { blobs: number; bytes: number },
  ): Promise<boolean> {
    if (store.verify(blob) === 'intact') return true;
    if (blob.size > this.#limits.largestBlob) return false;
    const path = `cas/${blob.digest}`;
    for (const remote of remotes) {
      const temporary = temporaryPath(join(store.directory, 'tmp'));
      try {
        const digest = await this.#try(
          remote,
          (each, signal) => receiveFile(each, path, blob.size, temporary, signal),
          'ask',
          blob.size <= smallBlob,
        );
        if (digest === undefined) continue;
        if (digest !== blob.digest) {
          this.#fail(remote, `${path} holds other bytes`);
          continue;
        }
        store.ingest(temporary);
        traffic.blobs++;
        traffic.bytes += blob.size;
        return true;
      } finally {
        rmSync(temporary, { force: true });
      }
    }
    return false;
  }

  async #text(remote: Remote, path: string): Promise<string | undefined> {
    const pieces = await this.#try(remote, async (each, signal) => {
      const received: Uint8Array[] = [];
      const found = await each.get(path, largestRecord, (piece) => void received.push(Uint8Array.from(piece)), signal);
      return found ? received : undefined;
    });
    return pieces && Buffer.concat(pieces).toString('utf8');
  }

  async #put(remote: Remote, path: string, content: Uint8Array | StoredBlob): Promise<boolean> {
    const put = (each: Remote, signal: AbortSignal): Promise<true> =>
      each.put(path, content, signal).then(() => true as const);
    return (await this.#try(remote, put, 'send', false)) ?? false;
  }

  /** Undefined if it fails, or failed too often before. Throws only if it is this machine that cannot go on. */
  async #try<T>(
    remote: Remote,
    action: (remote: Remote, signal: AbortSignal) => Promise<T>,
    purpose: Purpose = 'ask',
    isShort = true,
  ): Promise<T | undefined> {
    const health = this.#health.get(remote)!;
    for (let attempt = 1; health.failures < this.#limits.failures; attempt++) {
      if (this.#isStopped(purpose)) return undefined;
      const started = performance.now();
      const request = { purpose, abort: new AbortController() };
      this.#underway.add(request);
      try {
        const answer = await action(remote, request.abort.signal);
        // What is large may take its time.
        if (isShort) this.#time(remote, performance.now() - started);
        return answer;
      } catch (error) {
        if (isStorageFailure(error)) throw error;
        if (this.#isStopped(purpose)) return undefined;
        if (error instanceof Transient && attempt < this.#limits.attempts) {
          await setTimeout(this.#limits.backOffMilliseconds * 2 ** (attempt - 1));
          continue;
        }
        this.#fail(remote, (error as Error).message);
        return undefined;
      } finally {
        this.#underway.delete(request);
      }
    }
    return undefined;
  }

  #time(remote: Remote, milliseconds: number): void {
    const health = this.#health.get(remote)!;
    health.answers++;
    health.milliseconds += milliseconds;
    if (health.answers !== answersTimed || health.milliseconds / answersTimed < this.#limits.slowMilliseconds) return;
    const seconds = (health.milliseconds / answersTimed / 1000).toFixed(1);
    this.#fail(remote, `an answer takes ${seconds} s`);
    health.failures = this.#limits.failures;
  }

  #fail(remote: Remote, message: string): void {
    const health = this.#health.get(remote)!;
    if (++health.failures === 1)
      this.#warn(`remote ${remote.name}: ${message}: what it does not give is computed here`);
  }
}

/** Writes what a remote has to a file. Returns its digest; undefined if the remote has nothing there. */
async function receiveFile(
  remote: Remote,
  path: string,
  size: number,
  file: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const fd = openSync(file, 'w');
  let received = 0;
  try {
    const receive = (piece: Uint8Array): void => {
      hash.update(piece);
      received += piece.length;
      for (let written = 0; written < piece.length;) written += writeSync(fd, piece, written);
    };
    const found = await remote.get(path, size, receive, signal);
    if (!found) return undefined;
  } finally {
    closeSync(fd);
  }
  if (received < size) throw new Transient(`${path} ends after ${received} of ${size} bytes`);
  return hash.digest('hex');
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
