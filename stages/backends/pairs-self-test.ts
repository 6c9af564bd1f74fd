import { withGpu } from '../../numerics/webgpu/device.ts';
import { pairSums } from '../../numerics/geometry/webgpu/pair-sums.ts';
import { readerOfRows, rowNorms } from '../../numerics/geometry/head/rows.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { absoluteOverlaps, unitRows } from '../../numerics/geometry/overlaps.ts';

const [rows, width] = [300, 20];
/** Single precision against double. */
const largestDeviation = 1e-5;

/** For `doctor`: |cos| over all pairs of some random rows, on the device and in double precision. Throws if they are too far apart. */
export async function testPairs(): Promise<string> {
  const { W } = initialWeights(rows, width, { k0: 1, k1: 2 });
  const reader = readerOfRows(W, width);
  const norms = await rowNorms(reader);
  const { absolute } = await withGpu((gpu) => pairSums(gpu, reader, norms));
  const expected = absoluteOverlaps(
    unitRows(
      W,
      width,
      Array.from({ length: rows }, (_, i) => i),
    ),
    width,
  ).sum;
  const deviation = Math.abs(absolute / expected - 1);
  const words = `overlaps of ${rows} rows within ${deviation.toExponential(1)} of double precision`;
  if (!(deviation <= largestDeviation)) throw new Error(`${words}: expected ${largestDeviation} at most`);
  return words;
}
