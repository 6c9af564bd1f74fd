/** Sums over all pairs of rows of W: [n, m] on a device: n^2 m work, of which a graphics card makes seconds. */
import { exp } from '../../elementary.ts';
import { leastNorm, meetings, runRows } from '../head/rows.ts';
import type { RowReader, Watch } from '../head/rows.ts';
import type { Gpu } from '../../webgpu/device.ts';
import { makePairPass } from './pair-pass.ts';

export interface PairSums {
  /** Of |cos| and of cos^2 over pairs i < j of rows that are not zero, and the largest |cos|. */
  readonly absolute: number;
  readonly square: number;
  readonly largest: number;
  /** Sum of cos^2 (|W_j|^2 e^(s - |W_i|) + |W_i|^2 e^(s - |W_j|)) over them, with s the least norm that is not 0: for Eq. 14. */
  readonly weighted: number;
}

/** Rows held on the device while all later ones pass by, in bytes, where it binds so much. */
const heldBytes = 2 ** 30;

/**
 * `norms`: of all rows; those of norm 0 take no part. Rows are scaled to unit length, products are taken and summed within
 * a tile of pairs in single precision, and tiles summed in double precision, in a fixed order: within 1e-6 of double
 * precision throughout. Throws an OutOfDeviceMemory if the device has no room, an Error if it is lost.
 */
export async function pairSums(
  gpu: Gpu,
  reader: RowReader,
  norms: Float64Array,
  watch: Watch = () => undefined,
  held = heldBytes,
): Promise<PairSums> {
  const { rows, width } = reader;
  const m4 = Math.ceil(width / 4);
  const stride = 4 * m4;
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const room = Math.floor(Math.min(held, maxBufferSize, maxStorageBufferBindingSize) / (4 * stride * runRows));
  const heldRows = runRows * Math.max(1, Math.min(room, Math.ceil(rows / runRows)));
  const pass = await makePairPass(gpu.device, m4, heldRows, runRows);
  const least = leastNorm(norms);
  const values = new Float32Array(runRows * stride);
  const weights = new Float32Array(runRows * 2);
  const load = async (begin: number, count: number, leftAt: number | undefined): Promise<void> => {
    await reader.read(begin, count, values, stride);
    for (let r = 0; r < count; r++) {
      const norm = norms[begin + r]!;
      const scale = norm > 0 ? 1 / norm : 0;
      for (let k = r * stride; k < (r + 1) * stride; k++) values[k] = values[k]! * scale;
      weights[2 * r] = norm * norm;
      weights[2 * r + 1] = norm > 0 ? exp(least - norm) : 0;
    }
    pass.load(values.subarray(0, count * stride), weights.subarray(0, 2 * count), leftAt);
  };
  const sums = { absolute: 0, square: 0, weighted: 0, largest: 0 };
  const add = (parts: Float32Array): void => {
    for (let i = 0; i < parts.length; i += 4) {
      sums.absolute += parts[i]!;
      sums.square += parts[i + 1]!;
      sums.weighted += parts[i + 2]!;
      sums.largest = Math.max(sums.largest, parts[i + 3]!);
    }
  };
  let underWay: Promise<Float32Array> | undefined;
  try {
    for (const { first, begin, count, joins, done } of meetings(rows, heldRows)) {
      // read while the device is at work on the rows before
      await load(begin, count, joins ? begin - first : undefined);
      const left = joins ? begin - first + count : Math.min(heldRows, rows - first);
      if (underWay) add(await underWay);
      underWay = pass.submit({ left, right: count, leftFirst: first, rightFirst: begin });
      underWay.catch(() => undefined); // it is awaited later, and must not be taken for unheard if it fails before
      await watch(done);
    }
    if (underWay) add(await underWay);
  } finally {
    pass.destroy();
  }
  if (gpu.isLost()) throw new Error(`${gpu.name}: the device was lost`);
  const [error] = gpu.errors;
  if (error) throw new Error(`${gpu.name}: ${error.message}`);
  return sums;
}
