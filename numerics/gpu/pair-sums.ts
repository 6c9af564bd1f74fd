/** Sums over all pairs of rows of W: [n, m] on a device: n^2 m work, of which a graphics card makes seconds. */
import { exp } from '../elementary.ts';
import type { RowReader, Watch } from '../head/rows.ts';
import type { Gpu } from './device.ts';
import { makePairPass } from './pair-pass.ts';

export interface PairSums {
  /** Of |cos| and of cos^2 over pairs i < j of rows that are not zero, and the largest |cos|. */
  readonly absolute: number;
  readonly square: number;
  readonly largest: number;
  /** Sum of cos^2 (|W_j|^2 e^(s - |W_i|) + |W_i|^2 e^(s - |W_j|)) over them, with s the least norm that is not 0: for Eq. 14. */
  readonly weighted: number;
}

/** Rows that are read and handed over at a time. */
const runRows = 2048;
/** Rows held on the device while all later ones pass by, in bytes, where it binds so much. */
const heldBytes = 2 ** 30;

/**
 * `norms`: of all rows; those of norm 0 take no part. Rows are scaled to unit length, products are taken and summed within
 * a tile of pairs in single precision, and tiles summed in double precision, in a fixed order: within 1e-6 of double
 * precision throughout. Throws an OutOfDeviceMemory if the device has no room, an Error if it is lost.
 */
export async function pairSums(gpu: Gpu, reader: RowReader, norms: Float64Array, watch: Watch = () => undefined, held = heldBytes): Promise<PairSums> {
  const { rows, width } = reader;
  const m4 = Math.ceil(width / 4);
  const stride = 4 * m4;
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const room = Math.floor(Math.min(held, maxBufferSize, maxStorageBufferBindingSize) / (4 * stride * runRows));
  const heldRows = runRows * Math.max(1, Math.min(room, Math.ceil(rows / runRows)));
  const pass = await makePairPass(gpu.device, m4, heldRows, runRows);
  const least = norms.reduce((a, b) => (b > 0 && b < a ? b : a), Infinity);
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
  const pairsAll = (rows * (rows - 1)) / 2;
  let seen = 0;
  let underWay: Promise<Float32Array> | undefined;
  try {
    for (let first = 0; first < rows; first += heldRows) {
      const end = Math.min(rows, first + heldRows);
      // the rows held against each other, as they come in, and then against all later ones
      for (let begin = first; begin < rows; begin += runRows) {
        const count = Math.min(runRows, rows - begin);
        const inside = begin < end;
        // read while the device is at work on the rows before
        await load(begin, count, inside ? begin - first : undefined);
        const left = Math.min(end, begin + count) - first;
        if (underWay) add(await underWay);
        underWay = pass.submit({ left, right: count, leftFirst: first, rightFirst: begin });
        underWay.catch(() => undefined); // it is awaited later, and must not be taken for unheard if it fails before
        seen += inside ? (begin - first) * count + (count * (count - 1)) / 2 : (end - first) * count;
        await watch(seen / pairsAll);
      }
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
