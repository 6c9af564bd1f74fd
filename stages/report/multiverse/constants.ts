/** A rule with other constants: stricter or laxer by a factor. */
import type { Expectation } from 'repro/claims';
import { pow } from '../../../numerics/elementary.ts';

/**
 * The tolerance of a rule times a factor: the uncertainty and half-width asked for, the share of cells allowed to fail,
 * the distance of two bounds from their middle (in ratio, for bounds like 1/2 and 2), the distance of a bound near 1 on
 * a fraction from 1, any other single bound itself. A bound at 0 or 1 has no constant in it: it says which of two is
 * larger.
 */
export function scaledExpectation(expectation: Expectation, factor: number): Expectation {
  const scaled: Record<string, number> = { ...expectation };
  const times = (name: keyof Expectation, by: (value: number) => number): void => {
    const value = expectation[name];
    if (value !== undefined) scaled[name] = by(value);
  };
  times('uncertainty', (value) => value * factor);
  times('halfWidth', (value) => value * factor);
  times('share', (value) => Math.max(0, 1 - (1 - value) * factor));
  const { low, high } = expectation;
  if (low !== undefined && high !== undefined) {
    const inRatio = low > 0 && Math.abs(low * high - 1) < 1e-6;
    const middle = (low + high) / 2;
    const around = (value: number): number => (inRatio ? pow(value, factor) : middle + (value - middle) * factor);
    return { ...scaled, low: around(low), high: around(high) };
  }
  for (const name of ['low', 'high', 'above', 'below'] as const) times(name, (value) => singleBound(value, factor));
  return scaled;
}

function singleBound(value: number, factor: number): number {
  if (value === 0 || value === 1) return value;
  if (value >= 0.9 && value < 1) return 1 - (1 - value) * factor;
  return value * factor;
}
