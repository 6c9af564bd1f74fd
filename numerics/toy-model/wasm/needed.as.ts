/** The elements of G that screen.as.ts could not rule out. */
import { listMarked } from './marks.as';

/**
 * Computes the elements of one block of G that are needed, in place of their bounds: those whose bits are set in `needed`,
 * `neededBytes` from row to row, a multiple of 8. vectors, W: chunks of the rows of G and of the columns of the block
 * (spread.as.ts), 16 entries at a time for many elements, so that the block's share of a chunk stays in the first-level cache.
 * `places`, `sums` and `ends`: scratch for lists of `room` bytes and a block, for four times that, and for 4 bytes a row.
 */
export function computeNeeded(
  needed: usize, neededBytes: usize, rows: u32, vectors: usize, W: usize, columns: u32, chunks: u32,
  G: usize, outStride: usize, places: usize, sums: usize, ends: usize, room: usize,
): void {
  const columnBytes = <usize>columns << 2;
  for (let row: u32 = 0; row < rows; ) {
    const first = row;
    let size: usize = 0;
    for (; row < rows && size <= room; row++) {
      size += listMarked(needed + row * neededBytes, columnBytes, places + size);
      store<u32>(ends + (<usize>row << 2), <u32>size);
    }
    memory.fill(sums, 0, size << 2);
    for (let chunk: u32 = 0; chunk < chunks; chunk++) {
      addChunk(first, row, vectors + ((<usize>chunk * rows) << 6), W + ((<usize>chunk * columns) << 6), places, sums, ends);
    }
    let i: usize = 0;
    for (let r = first; r < row; r++) {
      const out = G + r * outStride;
      for (const end = <usize>load<u32>(ends + (<usize>r << 2)); i < end; i += 4) {
        const sum = v128.load(sums + (i << 2));
        const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
        store<f32>(out + load<u32>(places + i), total);
      }
    }
  }
}

function addChunk(first: u32, last: u32, v: usize, w: usize, places: usize, sums: usize, ends: usize): void {
  let i: usize = 0;
  for (let row = first; row < last; row++) {
    const end = <usize>load<u32>(ends + (<usize>row << 2));
    const at = v + (<usize>row << 6);
    const v0 = v128.load(at);
    const v1 = v128.load(at, 16);
    const v2 = v128.load(at, 32);
    const v3 = v128.load(at, 48);
    for (; i < end; i += 4) {
      const wj = w + (<usize>load<u32>(places + i) << 4);
      const sum = sums + (i << 2);
      const low = f32x4.add(f32x4.mul(v0, v128.load(wj)), f32x4.mul(v1, v128.load(wj, 16)));
      const high = f32x4.add(f32x4.mul(v2, v128.load(wj, 32)), f32x4.mul(v3, v128.load(wj, 48)));
      v128.store(sum, f32x4.add(v128.load(sum), f32x4.add(low, high)));
    }
  }
}
