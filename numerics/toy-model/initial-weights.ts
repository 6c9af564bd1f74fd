import { cos, ln, sin } from '../elementary.ts';
import { philox4x32 } from '../random/philox.ts';
import { streamTag } from '../random/streams.ts';
import type { StreamKey } from '../random/streams.ts';

/**
 * The distribution of the biases before training: b_i = mean + standardDeviation z_i with z_i ~ N(0, 1). A standard
 * deviation of 0 makes all biases equal to the mean.
 */
export interface InitialBias {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** The paper's: b_i ~ N(0, 1). */
export const normalBias: InitialBias = { mean: 0, standardDeviation: 1 };

/**
 * The weights before training (Sec. 2, App. B): W [n, m], W_ij ~ N(0, 1/m), and b [n], distributed as `bias` says.
 * The same key gives the same W, and the same deviates z_i behind b, under every `bias`.
 */
export function initialWeights(
  n: number,
  m: number,
  key: StreamKey,
  { mean, standardDeviation }: InitialBias = normalBias,
): { W: Float32Array; b: Float32Array } {
  const W = new Float32Array(n * m);
  const b = new Float32Array(n);
  const scale = 1 / Math.sqrt(m);
  const block = new Uint32Array(4);
  const row = new Float64Array(m + 4);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= m; j += 4) {
      philox4x32(block, j >>> 2, i, 0, streamTag.initialWeights, key.k0, key.k1);
      normalPair(row, j, block[0]!, block[1]!);
      normalPair(row, j + 2, block[2]!, block[3]!);
    }
    for (let k = 0; k < m; k++) W[i * m + k] = row[k]! * scale;
    b[i] = mean + standardDeviation * row[m]!;
  }
  return { W, b };
}

/** Box and Muller: two independent standard normal deviates from two words. */
function normalPair(out: Float64Array, at: number, first: number, second: number): void {
  const radius = Math.sqrt(-2 * ln((first + 0.5) / 4294967296));
  const angle = (second / 4294967296) * 6.283185307179586;
  out[at] = radius * cos(angle);
  out[at + 1] = radius * sin(angle);
}
