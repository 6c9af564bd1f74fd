import { totalmem } from 'node:os';

/**
 * How many bytes of weights may be in memory: REPRO_MAX_RESIDENT_BYTES, or half of the memory that the process may use. No parameter,
 * since it changes no bit of a result.
 */
export function maxResidentBytes(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const text = environment.REPRO_MAX_RESIDENT_BYTES;
  // A container or a batch job may be allowed less than the machine has.
  if (!text) return Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2;
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`REPRO_MAX_RESIDENT_BYTES=${text}: expected a number of bytes`);
  return value;
}
