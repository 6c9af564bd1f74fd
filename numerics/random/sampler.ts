import { philox4x32 } from './philox.ts';
import type { SamplerTables } from './sampler-tables.ts';
import { guideShift, largestPointCount } from './sampler-tables.ts';
import type { StreamKey } from './streams.ts';

/** Samples as compressed sparse rows: sample s has the entries from offsets[s] to offsets[s + 1]. */
export interface SparseSamples {
  /** [samples + 1] */
  readonly offsets: Uint32Array;
  /** Active features, in the order drawn. */
  readonly indices: Uint32Array;
  /** Their values, in [0, 2). */
  readonly values: Float32Array;
}

/** Draws samples by the scheme of `streams.ts`: the reference, which the kernels must equal. */
export function drawSamples(
  tables: SamplerTables,
  key: StreamKey,
  tag: number,
  step: number,
  count: number,
): SparseSamples {
  const capacity = count * largestPointCount(tables);
  const offsets = new Uint32Array(count + 1);
  const indices = new Uint32Array(capacity);
  const values = new Float32Array(capacity);
  const lastSample = new Int32Array(tables.alwaysActive + tables.hazardLast.length).fill(-1);
  const block = new Uint32Array(4);
  let entries = 0;
  for (let s = 0; s < count; s++) {
    philox4x32(block, 0, s, step, tag, key.k0, key.k1);
    let drawn = 1;
    const word = (position: number) => {
      if (position >>> 2 >= drawn) {
        philox4x32(block, position >>> 2, s, step, tag, key.k0, key.k1);
        drawn++;
      }
      return block[position & 3]!;
    };
    const points = tables.alwaysActive + tables.firstCount + search(tables.countLast, word(0), 0);
    for (let j = 0; j < points; j++) {
      const position = word(1 + 2 * j);
      const value = (word(2 + 2 * j) >>> 8) * 1.1920928955078125e-7;
      const feature = j < tables.alwaysActive ? j : tables.alwaysActive + findFeature(tables, position);
      if (lastSample[feature] === s) continue;
      lastSample[feature] = s;
      indices[entries] = feature;
      values[entries++] = value;
    }
    offsets[s + 1] = entries;
  }
  return { offsets, indices: indices.slice(0, entries), values: values.slice(0, entries) };
}

function findFeature({ hazardLast, hazardGuide }: SamplerTables, position: number): number {
  return search(hazardLast, position, hazardGuide[position >>> guideShift(hazardGuide)]!);
}

/** The first i >= from with word <= last[i]. */
function search(last: Uint32Array, word: number, from: number): number {
  let i = from;
  while (word > last[i]!) i++;
  return i;
}
