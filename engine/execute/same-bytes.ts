import { readFileSync } from 'node:fs';
import type { Determinism } from '../graph/artifact.ts';

/** Whether two builds of one output are the same, as far as its type promises. */
export function isSameOutput(determinism: Determinism, aPath: string, bPath: string): boolean {
  const a = readFileSync(aPath);
  const b = readFileSync(bPath);
  if (a.equals(b)) return true;
  if (determinism.level === 'bytes') return false;
  try {
    return isNear(JSON.parse(a.toString('utf8')), JSON.parse(b.toString('utf8')), determinism);
  } catch {
    return false;
  }
}

function isNear(a: unknown, b: unknown, { rtol, atol }: { rtol: number; atol: number }): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= atol + rtol * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => isNear((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], { rtol, atol }))
  );
}
