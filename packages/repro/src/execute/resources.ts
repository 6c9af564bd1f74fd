import { totalmem } from 'node:os';
import type { Resources } from '../graph/stage.ts';

/** A container or a batch job may be allowed less than the machine has. */
function memoryAllowed(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

/** What is free of the machine's named resources. */
export class ResourceBudget {
  readonly #limits: Required<Resources>;
  readonly #used = { cpu: 0, accelerator: 0, memoryBytes: 0 };

  constructor(jobs: number) {
    this.#limits = { cpu: jobs, accelerator: 1, memoryBytes: 0.8 * memoryAllowed() };
  }

  /** Takes what a job asks for, cut to the limit so that no job is unrunnable; undefined if it does not fit now. */
  take(asked: Resources | undefined): Required<Resources> | undefined {
    const share = {
      cpu: Math.min(asked?.cpu ?? 1, this.#limits.cpu),
      accelerator: Math.min(asked?.accelerator ?? 0, this.#limits.accelerator),
      memoryBytes: Math.min(asked?.memoryBytes ?? 0, this.#limits.memoryBytes),
    };
    const names = ['cpu', 'accelerator', 'memoryBytes'] as const;
    if (names.some((name) => this.#used[name] + share[name] > this.#limits[name] + 1e-9)) return undefined;
    for (const name of names) this.#used[name] += share[name];
    return share;
  }

  give(share: Required<Resources>): void {
    this.#used.cpu -= share.cpu;
    this.#used.accelerator -= share.accelerator;
    this.#used.memoryBytes -= share.memoryBytes;
  }
}
