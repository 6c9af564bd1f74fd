import { InputError } from '../errors.ts';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Session } from '../session-parts.ts';
import { digestName } from '../store/layout.ts';
import { Leases } from '../store/lease.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { BlobReference } from '../store/store.ts';
import type { Remotes } from '../travel/remote-sync.ts';

/** One of several runs of the same set that share their results through a remote: number `index` of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** `2/3` as a shard. Throws an InputError. */
export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count)
    throw new InputError(`--shard ${text}: expected i/n with i from 1 to n, for example 2/3`);
  return { index, count };
}

export interface ShardTimes {
  /** Between two looks at the remote, while there is something to wait for. */
  readonly pollMilliseconds: number;
  readonly beatMilliseconds: number;
  /** A claim that was not renewed for this long, by the clock of who waits for it, is given up. */
  readonly deadMilliseconds: number;
  /** After an interrupt, what is still to be sent is waited for so long. */
  readonly patienceMilliseconds: number;
  /** From writing a claim on another shard's node to reading it back: longer than a request takes. */
  readonly settleMilliseconds: number;
}

const defaultTimes: ShardTimes = {
  pollMilliseconds: 500,
  beatMilliseconds: 15_000,
  deadMilliseconds: 60_000,
  patienceMilliseconds: 2_000,
  settleMilliseconds: 200,
};

/** At most this many keys of others are looked up in one round. */
const lookedUpAtOnce = 64;

/**
 * The leases of a shard: it may build a node once the remote has no result of it and holds its claim. Each key belongs to
 * one shard by its digest, which claims it first; a shard that has none of its own left claims those of others, so that a
 * shard that is slow, was never started or died holds nobody up. A remote that has no atomic writes can give two shards
 * the same node if both claim it within the time of a request: both results are the same bytes.
 */
export class ShardLeases extends Leases {
  readonly #session: Session;
  #remotes!: Remotes;
  readonly #shard: Shard;
  readonly #jobs: number;
  readonly #times: ShardTimes;
  readonly #outcomeOf: (node: GraphNode) => Outcome;
  /** Asked for by the scheduler and not granted: first come, first served. */
  readonly #wanted = new Map<Key, GraphNode>();
  /** Claimed, and not yet taken by the scheduler. */
  readonly #granted = new Set<Key>();
  readonly #building = new Set<Key>();
  /** Claims that are renewed: until they are given back, or what came of them is sent. */
  readonly #claimed = new Set<Key>();
  /** By key: the claim of another, and since when it has not changed. */
  readonly #seen = new Map<Key, { readonly claim: string; readonly since: number }>();
  readonly #sending = new Set<Promise<void>>();
  #beat = 0;
  #loop: Promise<void> | undefined;
  #over = false;
  /** Whether the scheduler asked for something, or gave it back, since the last round began. */
  #asked = false;
  #wake: () => void = () => undefined;
  #heart: NodeJS.Timeout | undefined;
  #renewal: Promise<unknown> | undefined;
  #patience: NodeJS.Timeout | undefined;
  #interrupted = false;
  #finishing = false;
  /** Why nothing can be brought or sent any more, such as a full disk. */
  #failure: { readonly error: unknown } | undefined;

  /** `outcomeOf`: what became of a node of this run so far. */
  constructor(
    session: Session,
    options: Shard & { readonly jobs: number; readonly times?: Partial<ShardTimes> },
    outcomeOf: (node: GraphNode) => Outcome,
  ) {
    super(session.store.directory);
    this.#session = session;
    this.#shard = options;
    this.#jobs = options.jobs;
    this.#times = { ...defaultTimes, ...options.times };
    this.#outcomeOf = outcomeOf;
  }

  /** Before the first node is asked for. */
  connect(remotes: Remotes): void {
    this.#remotes = remotes;
    this.#heart = setInterval(() => this.#renew(), this.#times.beatMilliseconds).unref();
  }

  /** Brings and claims nothing more. */
  interrupt(): void {
    this.#interrupted = true;
    this.#over = true;
    this.#wake();
    this.#hurry();
  }

  override acquire(name: string, node?: GraphNode): boolean {
    if (!node || !digestName.test(name)) return super.acquire(name);
    this.#throwFailure();
    const key = name as Key;
    if (!this.#granted.has(key)) {
      if (!this.#wanted.has(key)) this.#asked = true;
      this.#wanted.set(key, node);
      this.#loop ??= this.#run().catch((error: unknown) => void (this.#failure ??= { error }));
      this.#wake();
      return false;
    }
    if (!super.acquire(name)) return false;
    this.#granted.delete(key);
    this.#building.add(key);
    return true;
  }

  override isHeld(name: string): boolean {
    this.#throwFailure();
    return this.#wanted.has(name as Key) || super.isHeld(name);
  }

  /** The node has ended: what it came to is sent, or the claim is given back. */
  override release(name: string): void {
    super.release(name);
    const key = name as Key;
    this.#granted.delete(key);
    if (!this.#building.delete(key)) return;
    const sent = this.#send(key)
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
    this.#asked = true;
    this.#wake();
  }

  override releaseAll(): void {
    this.#over = true;
    this.#wake();
    clearInterval(this.#heart);
    clearTimeout(this.#patience);
    super.releaseAll();
  }

  /**
   * Resolves when everything was sent, or could not be sent soon after an interrupt; claims of what was not built are given
   * back. Throws if the store cannot be read or written.
   */
  async finish(): Promise<void> {
    this.#over = true;
    this.#finishing = true;
    this.#wake();
    this.#hurry();
    await this.#loop;
    await Promise.all([...this.#sending, ...[...this.#granted].map((key) => this.#unclaim(key))]);
    clearTimeout(this.#patience);
    clearInterval(this.#heart);
    this.#throwFailure();
  }

  #hurry(): void {
    if (this.#interrupted && this.#finishing)
      this.#patience ??= setTimeout(() => this.#remotes.stop('all'), this.#times.patienceMilliseconds);
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async #send(key: Key): Promise<void> {
    const { store } = this.#session;
    if (!store.readResult(key)) return this.#unclaim(key);
    await this.#remotes.push(this.#session, [key], new Set([key]));
    this.#claimed.delete(key);
  }

  async #unclaim(key: Key): Promise<void> {
    this.#claimed.delete(key);
    // A renewal that is on its way would come after it.
    await this.#renewal;
    await this.#remotes.unclaim(key);
  }

  async #run(): Promise<void> {
    for (;;) {
      if (this.#over) return;
      this.#asked = false;
      const before = this.#wanted.size;
      await this.#round();
      if (!this.#over && !this.#asked && this.#wanted.size === before) await this.#pause();
    }
  }

  /** Takes in what others have built, and claims what this shard can build next. */
  async #round(): Promise<void> {
    const wanted = [...this.#wanted];
    const isOwn = ([key]: [Key, GraphNode]): boolean =>
      parseInt(key.slice(0, 8), 16) % this.#shard.count === this.#shard.index - 1;
    const own = wanted.filter(isOwn);
    // From the other end: the owner begins with the first.
    const foreign = wanted.filter((each) => !isOwn(each)).reverse();
    // Some more than run at once, so that a worker need not wait for a claim.
    const free = (): number => 2 * this.#jobs - this.#granted.size - this.#building.size;
    const claimed = async (list: typeof wanted, settle: number): Promise<void> => {
      for (let i = 0; i < list.length && free() > 0 && !this.#over; i += Math.max(1, this.#jobs))
        await Promise.all(
          list.slice(i, i + Math.min(this.#jobs, free())).map(([key, node]) => this.#try(key, node, settle)),
        );
    };
    await claimed(own, 0);
    if (own.every(([key]) => !this.#wanted.has(key) || this.#seen.has(key)))
      await claimed(foreign.slice(0, lookedUpAtOnce), this.#times.settleMilliseconds);
    const others = wanted.filter(([key]) => this.#wanted.has(key)).slice(0, lookedUpAtOnce);
    await Promise.all(others.map(([key, node]) => this.#pull(key, node)));
    // Those looked up go to the end, so that each has its turn.
    for (const [key, node] of others) if (this.#wanted.delete(key)) this.#wanted.set(key, node);
  }

  /** Brings a result that another built. */
  async #pull(key: Key, node: GraphNode): Promise<boolean> {
    if (!(await this.#remotes.pullOne(this.#session, node, key))) return false;
    this.#wanted.delete(key);
    this.#seen.delete(key);
    return true;
  }

  async #try(key: Key, node: GraphNode, settle: number): Promise<void> {
    if (await this.#pull(key, node)) return;
    const others = await this.#remotes.readClaim(key);
    if (others && !others.startsWith(this.#claimant()) && !this.#isDead(key, others)) return;
    const mine = await this.#remotes.claim(key, this.#claim(), others === undefined);
    if (!mine) return;
    this.#claimed.add(key);
    if (!(await this.#prepare(key, node, settle))) this.#claimed.delete(key);
  }

  /** Makes a node that was claimed ready to be built. False if it is not to be built here. */
  async #prepare(key: Key, node: GraphNode, settle: number): Promise<boolean> {
    if (settle > 0) await new Promise((resolve) => setTimeout(resolve, settle));
    const now = await this.#remotes.readClaim(key);
    if (now && !now.startsWith(this.#claimant())) {
      this.#isDead(key, now);
      return false;
    }
    // The result may have come between the look and the claim.
    if (await this.#pull(key, node)) return false;
    await this.#remotes.pullBlobs(this.#session, this.#inputs(node));
    if (!this.#wanted.delete(key)) return false;
    this.#seen.delete(key);
    this.#granted.add(key);
    return true;
  }

  /** What a node reads, of results that came without bytes. */
  #inputs(node: GraphNode): BlobReference[] {
    return node.inputs.flatMap(({ handles }) =>
      handles.flatMap(({ node: producer, output }) => {
        const blob = producer.kind === 'node' ? outputsOf(this.#outcomeOf(producer))?.[output] : undefined;
        return blob ? [blob] : [];
      }),
    );
  }

  #claimant(): string {
    return `shard ${this.#shard.index}/${this.#shard.count} ${this.id} `;
  }

  #claim(): string {
    return `${this.#claimant()}${this.#beat}`;
  }

  #isDead(key: Key, claim: string): boolean {
    const seen = this.#seen.get(key);
    if (seen?.claim === claim) return performance.now() - seen.since > this.#times.deadMilliseconds;
    this.#seen.set(key, { claim, since: performance.now() });
    return false;
  }

  /** By a clock of its own: to bring or send what is large takes longer than a claim is good for. */
  #renew(): void {
    if (this.#renewal || this.#claimed.size === 0) return;
    this.#beat++;
    const renewals = [...this.#claimed].map((key) => this.#remotes.claim(key, this.#claim(), false));
    this.#renewal = Promise.all(renewals).finally(() => (this.#renewal = undefined));
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#times.pollMilliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
