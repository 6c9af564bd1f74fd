import { withGpu } from '../../../numerics/webgpu/device.ts';
import { pairSums } from '../../../numerics/geometry/webgpu/pair-sums.ts';
import { readerOfRows } from '../../../numerics/geometry/head/rows.ts';
import { overlapsOf, overlapStatistics } from '../../../numerics/geometry/overlaps.ts';
import type { Overlaps } from '../../../numerics/geometry/overlaps.ts';
import { measureWith } from './measure-with.ts';

/** Multiply-adds that take the processor seconds, and are worth opening a device for. */
const leastWork = 4e9;

export const run = measureWith(async (units, m) => {
  const count = units.length / m;
  return (count * count * m) / 2 < leastWork ? overlapStatistics(units, m) : overlapsOnDevice(units, m);
});

/** As `overlapStatistics`, to 1e-6. */
export async function overlapsOnDevice(units: Float64Array, m: number): Promise<Overlaps> {
  const count = units.length / m;
  const sums = await withGpu((gpu) => pairSums(gpu, readerOfRows(units, m), new Float64Array(count).fill(1)));
  return overlapsOf(sums, count, m, 1e-6);
}
