/**
 * The gradient of W where W is too large for scatter.as.ts, in whose words: dW_j += M_row,j v and the gradient of v grows
 * by M_row,j W_j. Its lists of nonzero M_row,j visit rows of W and of dW that are kilobytes apart, each on a page of its
 * own. Here those of many rows, all in one block of columns, are kept, and then spread 16 entries of W's rows at a time, a
 * chunk, from copies in which a chunk of the whole block lies together and stays in the first-level cache.
 */

/** Bytes of 16 floats. */
const chunkBytes: usize = 64;
/** Of `records`: row, and the size of its list in bytes. */
const recordBytes: usize = 8;

let vectors: usize = 0;
let gradients: usize = 0;
let rowsBytes: usize = 0;
let W: usize = 0;
let dW: usize = 0;
let columnsBytes: usize = 0;
let chunks: u32 = 0;
let list: usize = 0;
let places: usize = 0;
let records: usize = 0;
let room: usize = 0;
let kept: usize = 0;
let recordsEnd: usize = 0;

/**
 * For one block of columns: the v of all rows and their gradients, [chunks][rows][16], and W and dW of the block,
 * [chunks][columns][16]. listAt and placesAt: for lists of `size` bytes and a block, and 32 bytes more; recordsAt: twice
 * that.
 */
export function configureSpread(
  vectorChunks: usize, gradientChunks: usize, rows: u32, weightChunks: usize, weightGradientChunks: usize, columns: u32, chunkCount: u32,
  listAt: usize, placesAt: usize, recordsAt: usize, size: usize,
): void {
  vectors = vectorChunks;
  gradients = gradientChunks;
  rowsBytes = rows * chunkBytes;
  W = weightChunks;
  dW = weightGradientChunks;
  columnsBytes = columns * chunkBytes;
  chunks = chunkCount;
  list = listAt;
  places = placesAt;
  records = recordsAt;
  room = size;
  kept = 0;
  recordsEnd = recordsAt;
}

/** Where in the two lists the next begins. */
@inline export function keptBytes(): usize {
  return kept;
}

/** Keeps the list of `size` bytes that was written there, times `value`. */
export function keepList(row: u32, value: f32, size: usize): void {
  if (size == 0) return;
  for (let i = list + kept, end = i + size; i < end; i += 4) store<f32>(i, value * load<f32>(i));
  store<u32>(recordsEnd, row);
  store<u32>(recordsEnd, <u32>size, 4);
  recordsEnd += recordBytes;
  kept += size;
  if (kept > room) spreadKept();
}

/** Spreads all that is kept. */
export function spreadKept(): void {
  for (let chunk: usize = 0; chunk < chunks; chunk++) {
    const v = vectors + chunk * rowsBytes;
    const gradient = gradients + chunk * rowsBytes;
    const w = W + chunk * columnsBytes;
    const d = dW + chunk * columnsBytes;
    let i: usize = 0;
    for (let record = records; record < recordsEnd; record += recordBytes) {
      const row = load<u32>(record) * chunkBytes;
      const end = i + load<u32>(record, 4);
      const v0 = v128.load(v + row);
      const v1 = v128.load(v + row, 16);
      const v2 = v128.load(v + row, 32);
      const v3 = v128.load(v + row, 48);
      let s0 = v128.load(gradient + row);
      let s1 = v128.load(gradient + row, 16);
      let s2 = v128.load(gradient + row, 32);
      let s3 = v128.load(gradient + row, 48);
      for (; i < end; i += 4) {
        // a place is in bytes of 4-byte elements
        const column = <usize>load<u32>(places + i) << 4;
        const r = v128.load_splat<f32>(list + i);
        const wj = w + column;
        const dj = d + column;
        s0 = f32x4.add(s0, f32x4.mul(r, v128.load(wj)));
        v128.store(dj, f32x4.add(v128.load(dj), f32x4.mul(r, v0)));
        s1 = f32x4.add(s1, f32x4.mul(r, v128.load(wj, 16)));
        v128.store(dj, f32x4.add(v128.load(dj, 16), f32x4.mul(r, v1)), 16);
        s2 = f32x4.add(s2, f32x4.mul(r, v128.load(wj, 32)));
        v128.store(dj, f32x4.add(v128.load(dj, 32), f32x4.mul(r, v2)), 32);
        s3 = f32x4.add(s3, f32x4.mul(r, v128.load(wj, 48)));
        v128.store(dj, f32x4.add(v128.load(dj, 48), f32x4.mul(r, v3)), 48);
      }
      v128.store(gradient + row, s0);
      v128.store(gradient + row, s1, 16);
      v128.store(gradient + row, s2, 32);
      v128.store(gradient + row, s3, 48);
    }
  }
  kept = 0;
  recordsEnd = records;
}

/** [chunks][count][16] from the rows at `addresses`. */
export function packChunks(addresses: usize, count: u32, chunkCount: u32, out: usize): void {
  const step = count * chunkBytes;
  for (let i: u32 = 0; i < count; i++) {
    let row = <usize>load<u32>(addresses + (<usize>i << 2));
    let target = out + i * chunkBytes;
    for (let c: u32 = 0; c < chunkCount; c++) {
      v128.store(target, v128.load(row));
      v128.store(target, v128.load(row, 16), 16);
      v128.store(target, v128.load(row, 32), 32);
      v128.store(target, v128.load(row, 48), 48);
      row += chunkBytes;
      target += step;
    }
  }
}

/** Adds such chunks to the rows at `addresses`, and clears them. */
export function addChunks(from: usize, count: u32, chunkCount: u32, addresses: usize): void {
  const step = count * chunkBytes;
  const zero = f32x4.splat(0);
  for (let i: u32 = 0; i < count; i++) {
    let row = <usize>load<u32>(addresses + (<usize>i << 2));
    let at = from + i * chunkBytes;
    for (let c: u32 = 0; c < chunkCount; c++) {
      for (let o: usize = 0; o < chunkBytes; o += 16) {
        v128.store(row + o, f32x4.add(v128.load(row + o), v128.load(at + o)));
        v128.store(at + o, zero);
      }
      row += chunkBytes;
      at += step;
    }
  }
}
