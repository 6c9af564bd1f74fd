/** Matrices too large to hold, such as the head W: [n, m] of a language model: read in runs of rows. */
import { overlapMemory } from '../overlap-kernels/overlaps.ts';

export interface RowReader {
  readonly rows: number;
  readonly width: number;
  /** Rows [begin, begin + count) into `out`, the first element of each `stride` apart from that of the one before. */
  read(begin: number, count: number, out: Float32Array, stride: number): void | Promise<void>;
}

/** Called between pieces of work with the share that is done; throws to stop. */
export type Watch = (done: number) => void | Promise<void>;

/** Rows that are read and packed at a time. */
export const runRows = 2048;

/** Elements from one row to the next in the kernels' memory. */
export function rowStride(width: number): number {
  return Math.ceil(width / 8) * 8;
}

/** Length of every row, summed in float64. Throws an Error that names the first row that is not finite. */
export async function rowNorms(reader: RowReader, watch: Watch = () => undefined): Promise<Float64Array> {
  const { rows, width } = reader;
  const stride = rowStride(width);
  const { kernels, at, buffer } = overlapMemory({ rows: runRows * stride * 4, squares: runRows * 8 });
  const norms = new Float64Array(rows);
  for (let begin = 0; begin < rows; begin += runRows) {
    const count = Math.min(runRows, rows - begin);
    await reader.read(begin, count, new Float32Array(buffer, at.rows, runRows * stride), stride);
    kernels.squares(at.rows, count, stride, at.squares);
    new Float64Array(buffer, at.squares, count).forEach((square, i) => {
      if (!Number.isFinite(square)) throw new Error(`row ${begin + i} has the squared norm ${square}: expected finite weights`);
      norms[begin + i] = Math.sqrt(square);
    });
    await watch((begin + count) / rows);
  }
  return norms;
}
