import { setTimeout } from 'node:timers/promises';
import type { Key } from '../graph/digest.ts';
import type { Remotes, RemoteTraffic } from './remote-sync.ts';

/** What is still on its way when a run was interrupted is waited for so long. */
const patienceMilliseconds = 2_000;

/** Sends results while a run goes on, so that what it finished is there however it ends. */
export class PushQueue {
  readonly #remotes: Pick<Remotes, 'push' | 'stop'>;
  readonly #session: Parameters<Remotes['push']>[0];
  readonly #traffic = { results: 0, blobs: 0, bytes: 0 };
  readonly #added = new Set<Key>();
  readonly #made = new Set<Key>();
  #waiting: Key[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(remotes: Pick<Remotes, 'push' | 'stop'>, session: Parameters<Remotes['push']>[0]) {
    this.#remotes = remotes;
    this.#session = session;
  }

  /** Sends the results of keys soon, unless the remotes have them. `isMade`: they were just computed, with all bytes. */
  add(keys: Iterable<Key>, isMade = false): void {
    for (const key of keys) {
      if (isMade) this.#made.add(key);
      if (!this.#added.has(key)) this.#waiting.push(key);
      this.#added.add(key);
    }
    if (this.#waiting.length > 0) this.#sending ??= this.#send();
  }

  /** Waits until everything is sent; after an interrupt only for what can be sent in a moment. Throws if the store cannot be read. */
  async finish(interrupted: boolean): Promise<RemoteTraffic> {
    if (interrupted) {
      const over = new AbortController();
      const patience = setTimeout(patienceMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([this.#sending, patience]);
      over.abort();
      this.#waiting = [];
      this.#remotes.stop('all');
    }
    while (!interrupted && this.#sending) await this.#sending;
    if (this.#failure) throw this.#failure.error;
    return this.#traffic;
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const sent = await this.#remotes.push(this.#session, this.#waiting.splice(0), this.#made);
        for (const what of ['results', 'blobs', 'bytes'] as const) this.#traffic[what] += sent[what];
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#sending = undefined;
    }
  }
}
