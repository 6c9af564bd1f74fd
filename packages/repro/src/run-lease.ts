import type { EventListener } from './events.ts';
import type { Leases } from './store/lease.ts';

/** Held by `gc` while it removes things. */
export const collectorLease = 'gc';

const collectorPollMilliseconds = 100;

export function runLeaseName(): string {
  return `run-${process.pid}-${Date.now()}`;
}

/** Each run holds a lease of its own, and `gc` refuses to start beside one. Here a run waits for a `gc` that was first. */
export async function announceRun(
  leases: Leases,
  emit: EventListener = () => undefined,
  interrupted: () => boolean = () => false,
  name = runLeaseName(),
): Promise<void> {
  leases.acquire(name);
  for (let waits = 0; leases.isHeld(collectorLease) && !interrupted(); waits++) {
    if (waits === 1) emit({ type: 'note', message: 'waiting for a gc that is removing things from the store' });
    await new Promise((resolve) => setTimeout(resolve, collectorPollMilliseconds));
  }
}
