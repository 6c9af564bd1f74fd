import { cos } from '../elementary.ts';

/**
 * Share of the peak rate at step k = 1..steps: linear warm-up, then cosine decay to a twentieth (App. B). A warm-up
 * as long as the training is dropped.
 */
export function learningRateShare(k: number, steps: number, warmup: number): number {
  const w = warmup >= steps ? 0 : warmup;
  if (k < w) return k / w;
  return 0.05 + (0.95 * (1 + cos((Math.PI * (k - w)) / (steps - w)))) / 2;
}
