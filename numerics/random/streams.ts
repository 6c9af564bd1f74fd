/**
 * Which random number is which. Every backend must draw by this scheme, and then draws the same bits.
 *
 * Key: the first 8 bytes of the SHA-256 of a canonical JSON text that names what the numbers are for, as two
 * little-endian words: a model by its own numeric parameters except `initialBias` (model-stream.ts), the held-out
 * samples by those of the distribution. So a cell added to a sweep changes no other cell.
 * Counter: (block, index, step, tag), one Philox4x32-10 block of four words each. The words of consecutive blocks
 * are read as one sequence w_0, w_1, ...: block = floor(position / 4).
 *
 * Tag `training` and `evaluation`: one sample of the toy model's data.
 *   index = the sample within its batch; step = the training step from 1, or the evaluation batch from 0.
 *   w_0            N, the number of points: the first k with w_0 <= countLast[k], plus `firstCount`.
 *   w_{1+2j}       position of point j = 0, 1, ..., A + N - 1. The first A points are the always active features
 *                  0..A-1 and make no use of their position; the others are of feature A + the first i with
 *                  position <= hazardLast[i].
 *   w_{2+2j}       value of point j: (w >>> 8) 2^-23, in [0, 2).
 *   A feature is active if a point is on it; of several, the first gives its value.
 * Tag `initial-weights`: index = row, step = 0; w_{2j}, w_{2j+1} make the normal deviates 2j and 2j+1 of row i, of
 *   which 0..m-1 are W_i and m gives b_i (numerics/initial-weights.ts).
 */
export const streamTag = { training: 1, evaluation: 2, initialWeights: 3 } as const;

export interface StreamKey {
  readonly k0: number;
  readonly k1: number;
}

/** `digest`: a SHA-256 in hexadecimal. */
export function streamKey(digest: string): StreamKey {
  const word = (at: number) =>
    Number.parseInt(
      digest
        .slice(at, at + 8)
        .match(/../g)!
        .reverse()
        .join(''),
      16,
    );
  return { k0: word(0), k1: word(8) };
}
