import { cos, pow, sin } from '../elementary.ts';
import type { Rotary } from './part-graph.ts';

/**
 * Cosines and sines of position times frequency, both [length, dimensions / 2]. Frequencies and angles are rounded to
 * single precision, as the models were trained with.
 */
export function rotaryTables({ dimensions, base }: Rotary, length: number): { cos: Float32Array; sin: Float32Array } {
  const half = dimensions / 2;
  const tables = { cos: new Float32Array(length * half), sin: new Float32Array(length * half) };
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / Math.fround(pow(base, Math.fround((2 * i) / dimensions))));
    for (let position = 0; position < length; position++) {
      const angle = Math.fround(position * frequency);
      tables.cos[position * half + i] = cos(angle);
      tables.sin[position * half + i] = sin(angle);
    }
  }
  return tables;
}
