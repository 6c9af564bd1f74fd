import { setTimeout } from 'node:timers/promises';
import { HubError } from './errors.ts';
import type { Interruption } from './errors.ts';
import type { HubSettings } from './settings.ts';

/** So many bytes count as getting further: a byte now and then does not keep a dead download alive. */
export const leastProgress = 4096;
const longestWaitMilliseconds = 30_000;

/**
 * Waits between attempts, ever longer, and an end to them when nothing comes of it. An attempt counts for no longer than
 * it may last: the rest is time in which the process was stopped, or worked on what it had.
 */
export class Patience {
  readonly #settings: HubSettings;
  readonly #signal: AbortSignal;
  /** When the attempt that is under way began. */
  #began = performance.now();
  /** In milliseconds, on attempts and waits in vain. */
  #spent = 0;
  #failures = 0;
  #bytes = 0;

  constructor(settings: HubSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Bytes came: begins anew once they are enough to count. */
  gained(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < leastProgress) return;
    this.#bytes = 0;
    this.#failures = 0;
    this.#spent = 0;
    this.#began = performance.now();
  }

  /** Waits for the next attempt at `what`, or throws a HubError when the time is up. */
  async wait(what: string, reason: Interruption): Promise<void> {
    const own = Math.min(
      longestWaitMilliseconds,
      this.#settings.firstWaitMilliseconds * (1 << Math.min(this.#failures, 20)),
    );
    // A server that asks for no wait at all is not asked more often for it.
    const wait = Math.max(own, reason.waitMilliseconds ?? 0);
    this.#failures++;
    // One that began just after a look at the connection is broken off by the second look.
    const longest = 2 * this.#settings.stallMilliseconds;
    this.#spent += Math.min(performance.now() - this.#began, longest);
    if (this.#spent + wait > this.#settings.patienceMilliseconds) {
      const asked =
        reason.waitMilliseconds === undefined
          ? ''
          : `, which asks to wait ${Math.round(reason.waitMilliseconds / 1000)} s`;
      throw new HubError(
        `${what}: ${reason.message}${asked}: given up after ${this.#failures} attempt${this.#failures === 1 ? '' : 's'} in ${(this.#spent / 1000).toFixed(1)} s`,
      );
    }
    await setTimeout(wait, undefined, { signal: this.#signal });
    this.#spent += wait;
    this.#began = performance.now();
  }
}
