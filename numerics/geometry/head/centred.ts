/**
 * The rows of a head with their mean taken away: what is left of their overlaps once the direction that all share is
 * gone. A head whose rows lie in a cone has overlaps far above 1/m, and may have none to speak of around its mean.
 */
import { rowNorms, rowStride, runRows } from './rows.ts';
import type { RowReader, Watch } from './rows.ts';

export interface CentredRows {
  /** Each row less the mean of those that are not zero, in single precision. */
  readonly reader: RowReader;
  /** Lengths of these, [rows]; 0 for a row that was zero, which has no direction and is left out of the mean. */
  readonly norms: Float64Array;
}

/** `norms`: of the rows as they are. The mean is summed in double precision, in the order of the rows. */
export async function centredRows(
  reader: RowReader,
  norms: Float64Array,
  watch: Watch = () => undefined,
): Promise<CentredRows> {
  const mean = await meanRow(reader, norms, (done) => watch(0.5 * done));
  const { rows, width } = reader;
  const centred: RowReader = {
    rows,
    width,
    async read(begin, count, out, stride) {
      await reader.read(begin, count, out, stride);
      for (let r = 0; r < count; r++)
        for (let k = 0; k < width; k++) out[r * stride + k] = out[r * stride + k]! - mean[k]!;
    },
  };
  const lengths = await rowNorms(centred, (done) => watch(0.5 + 0.5 * done));
  return { reader: centred, norms: lengths.map((length, row) => (norms[row]! > 0 ? length : 0)) };
}

async function meanRow(reader: RowReader, norms: Float64Array, watch: Watch): Promise<Float64Array> {
  const { rows, width } = reader;
  const stride = rowStride(width);
  const run = new Float32Array(runRows * stride);
  const sum = new Float64Array(width);
  let directed = 0;
  for (let begin = 0; begin < rows; begin += runRows) {
    const count = Math.min(runRows, rows - begin);
    await reader.read(begin, count, run, stride);
    for (let r = 0; r < count; r++) {
      if (!(norms[begin + r]! > 0)) continue;
      directed++;
      for (let k = 0; k < width; k++) sum[k] = sum[k]! + run[r * stride + k]!;
    }
    await watch((begin + count) / rows);
  }
  return sum.map((value) => value / directed);
}
