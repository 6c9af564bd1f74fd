/** Matrices too large to hold, such as the head W: [n, m] of a language model: read in runs of rows. */
import { overlapMemory } from '../kernels/overlaps.ts';

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

/** A matrix that is held: values: [values.length / width, width]. */
export function readerOfRows(values: Float32Array | Float64Array, width: number): RowReader {
  return {
    rows: values.length / width,
    width,
    read(begin, count, out, stride) {
      for (let r = 0; r < count; r++)
        out.set(values.subarray((begin + r) * width, (begin + r + 1) * width), r * stride);
    },
  };
}

/** How many rows have a direction, by the lengths of all. */
export function directedCount(norms: Float64Array): number {
  return norms.filter((norm) => norm > 0).length;
}

/** The least length that is not 0. */
export function leastNorm(norms: Float64Array): number {
  return norms.reduce((a, b) => (b > 0 && b < a ? b : a), Infinity);
}

/** Rows that come in, to meet the rows held. */
export interface Meeting {
  /** The first row held. */
  readonly first: number;
  readonly begin: number;
  readonly count: number;
  /** Whether they are to be held too, and meet each other. */
  readonly joins: boolean;
  /** Share of all pairs that have met when they have. */
  readonly done: number;
}

/** Runs of rows in an order in which every two rows meet once: rows held against each other, as they come in, and then against all later ones. */
export function* meetings(rows: number, heldRows: number): Generator<Meeting> {
  const pairs = (rows * (rows - 1)) / 2;
  let met = 0;
  for (let first = 0; first < rows; first += heldRows) {
    const end = Math.min(rows, first + heldRows);
    for (let begin = first; begin < rows; begin += runRows) {
      const count = Math.min(runRows, rows - begin);
      const joins = begin < end;
      met += joins ? (begin - first) * count + (count * (count - 1)) / 2 : (end - first) * count;
      yield { first, begin, count, joins, done: met / pairs };
    }
  }
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
      if (!Number.isFinite(square))
        throw new Error(`row ${begin + i} has the squared norm ${square}: expected finite weights`);
      norms[begin + i] = Math.sqrt(square);
    });
    await watch((begin + count) / rows);
  }
  return norms;
}
