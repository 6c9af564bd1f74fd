import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../graph/digest.ts';
import { sha256 } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { planAll, Scan } from '../plan/scan.ts';
import type { Decision } from '../plan/scan.ts';
import { readTrace } from '../plan/trace.ts';
import { outputsToPublish } from '../publish/publish.ts';
import { recoverFromReport } from '../publish/recover.ts';
import type { Session } from '../session.ts';
import { parseActionResult } from '../store/records.ts';
import type { BlobReference } from '../store/store.ts';
import { openRemote } from './remote.ts';
import type { Remote } from './remote.ts';
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
/** A remote that failed so often is not asked again in this run. */
const mostFailures = 3;

/** The remotes of one run. Any failure is a miss; the first of each remote is reported, and none ends the run. */
export class Remotes {
  readonly #remotes: readonly Remote[];
  readonly #failures = new Map<Remote, number>();
  readonly #warn: (message: string) => void;
  #withoutClaims = false;

  constructor(places: readonly string[], warn: (message: string) => void) {
    this.#remotes = places.map(openRemote);
    this.#warn = warn;
  }

  /**
   * Brings results of the selected nodes that a remote has, and then the bytes that are needed: of the inputs of what is
   * to run, and of what is published. What does not come is computed.
   */
  async pull(session: Session, selected: ReadonlySet<GraphNode>): Promise<RemoteTraffic> {
    const traffic = { results: 0, blobs: 0, bytes: 0 };
    const asked = new Set<Key>();
    for (;;) {
      const decisions = planAll(session.graph, new Scan(session));
      const open: { node: GraphNode; key: Key }[] = [];
      for (const node of selected) {
        const decision = decisions[node.index]!;
        if (decision.state === 'fresh' || decision.state === 'pending' || asked.has(decision.key)) continue;
        asked.add(decision.key);
        open.push({ node, key: decision.key });
      }
      const before = traffic.results;
      await inParallel(open, async ({ node, key }) => {
        if (await this.#pullResult(session, node, key, traffic)) traffic.results++;
      });
      // What depends on a result that came has a key only now.
      if (traffic.results === before) {
        await this.#pullBytes(session, selected, decisions, traffic);
        return traffic;
      }
    }
  }

  /** Sends results with their bytes, a result after its blobs, to all remotes. */
  async push({ store }: Session, keys: readonly Key[]): Promise<RemoteTraffic> {
    const traffic = { results: 0, blobs: 0, bytes: 0 };
    for (const remote of this.#remotes) {
      await inParallel([...keys], async (key) => {
        const result = store.readResult(key);
        if (!result || (await this.#try(remote, (each) => each.has(`ac/${key}`))) !== false) return;
        for (const blob of [...Object.values(result.outputs), result.trace]) {
          const bytes = store.read(blob);
          if (!bytes) continue;
          const path = `cas/${blob.digest}`;
          const there = await this.#try(remote, (each) => each.has(path));
          if (there) continue;
          if (there === undefined || !(await this.#put(remote, path, bytes))) return;
          traffic.blobs++;
          traffic.bytes += bytes.length;
        }
        if (await this.#put(remote, `ac/${key}`, readFileSync(join(store.directory, 'ac', key)))) traffic.results++;
      });
    }
    return traffic;
  }

  /** Brings the result of one key, without its bytes. */
  async pullOne(session: Session, node: GraphNode, key: Key): Promise<boolean> {
    return this.#pullResult(session, node, key, { blobs: 0, bytes: 0 });
  }

  /** Brings bytes that are not here. What does not come is computed when it is needed. */
  async pullBlobs(session: Session, blobs: readonly BlobReference[]): Promise<void> {
    await inParallel(
      blobs,
      async (blob) => void (await this.#pullBlob(session, blob, this.#remotes, { blobs: 0, bytes: 0 })),
    );
  }

  /** Who says it is building a key: see `ShardLeases`; empty once it was given back. Claims are kept by the first remote. */
  readClaim(key: Key): Promise<string | undefined> {
    return this.#tryClaim(async (remote) => {
      const bytes = await remote.get(`claims/${key}`, largestClaim);
      return bytes && Buffer.from(bytes).toString('utf8');
    });
  }

  /** Whether the claim was written; `isNew`: not over one that came meanwhile, where the remote can tell. */
  async claim(key: Key, claim: string, isNew: boolean): Promise<boolean> {
    const [path, content] = [`claims/${key}`, Buffer.from(claim)];
    const done = await this.#tryClaim((remote) =>
      isNew ? remote.create(path, content) : remote.put(path, content).then(() => true),
    );
    return done ?? true;
  }

  async unclaim(key: Key): Promise<void> {
    await this.#tryClaim((remote) => remote.put(`claims/${key}`, Buffer.of()));
  }

  /** Where a remote takes no claims, nodes may be built twice, and all are built. */
  async #tryClaim<T>(action: (remote: Remote) => Promise<T>): Promise<T | undefined> {
    const [remote] = this.#remotes;
    if (!remote || this.#withoutClaims) return undefined;
    try {
      return await action(remote);
    } catch (error) {
      this.#withoutClaims = true;
      this.#warn(`remote ${remote.name}: ${failureOf(error)}: it keeps no claims, so shards may build a node twice`);
      return undefined;
    }
  }

  async #pullResult(
    session: Session,
    node: GraphNode,
    key: Key,
    traffic: { blobs: number; bytes: number },
  ): Promise<boolean> {
    const { store } = session;
    for (const remote of this.#remotes) {
      const text = await this.#try(remote, (each) => each.get(`ac/${key}`, largestRecord));
      const result = text && parseActionResult(Buffer.from(text).toString('utf8'));
      if (text && !result) this.#fail(remote, `ac/${key} cannot be read as a result`);
      if (!result) continue;
      if (!Object.keys(node.stage.outputs).every((name) => Object.hasOwn(result.outputs, name))) {
        this.#fail(remote, `ac/${key} lacks an output`);
        continue;
      }
      if (!(await this.#pullBlob(session, result.trace, [remote], traffic))) continue;
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

  async #pullBytes(
    session: Session,
    selected: ReadonlySet<GraphNode>,
    decisions: readonly Decision[],
    traffic: { blobs: number; bytes: number },
  ): Promise<void> {
    const { store } = session;
    const wanted = new Map<string, BlobReference>();
    const want = (node: GraphNode, output: string): void => {
      const decision = decisions[node.index]!;
      const blob = decision.state === 'fresh' ? decision.result.outputs[output] : undefined;
      if (blob && store.verify(blob) === 'absent') wanted.set(blob.digest, blob);
    };
    const published = outputsToPublish(session, selected);
    const recover = recoverFromReport(session);
    for (const node of selected) {
      if (decisions[node.index]!.state === 'fresh') for (const output of published(node)) want(node, output);
      else
        for (const { handles } of node.inputs)
          for (const { node: producer, output } of handles) if (producer.kind === 'node') want(producer, output);
    }
    await inParallel([...wanted.values()], async (blob) => {
      if (!recover(blob)) await this.#pullBlob(session, blob, this.#remotes, traffic);
    });
  }

  async #pullBlob(
    { store }: Session,
    blob: BlobReference,
    remotes: readonly Remote[],
    traffic: { blobs: number; bytes: number },
  ): Promise<boolean> {
    if (store.verify(blob) === 'intact') return true;
    for (const remote of remotes) {
      const bytes = await this.#try(remote, (each) => each.get(`cas/${blob.digest}`, blob.size));
      if (!bytes) continue;
      if (sha256(bytes) !== blob.digest) {
        this.#fail(remote, `cas/${blob.digest} holds other bytes`);
        continue;
      }
      store.write(bytes);
      traffic.blobs++;
      traffic.bytes += bytes.length;
      return true;
    }
    return false;
  }

  async #put(remote: Remote, path: string, content: Uint8Array): Promise<boolean> {
    return (await this.#try(remote, (each) => each.put(path, content).then(() => true))) ?? false;
  }

  /** Undefined if it fails, or failed too often before. */
  async #try<T>(remote: Remote, action: (remote: Remote) => Promise<T>): Promise<T | undefined> {
    if ((this.#failures.get(remote) ?? 0) >= mostFailures) return undefined;
    try {
      return await action(remote);
    } catch (error) {
      this.#fail(remote, failureOf(error));
      return undefined;
    }
  }

  #fail(remote: Remote, message: string): void {
    const failures = (this.#failures.get(remote) ?? 0) + 1;
    this.#failures.set(remote, failures);
    if (failures === 1) this.#warn(`remote ${remote.name}: ${message}: computed here what it does not give`);
  }
}

function failureOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
