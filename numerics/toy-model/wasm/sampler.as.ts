/** Draws a batch by the scheme of ../random/streams.ts: exactly what ../random/sampler.ts draws. */

@inline function high(product: u64): u32 {
  return <u32>(product >> 32);
}

let word0: u32 = 0;
let word1: u32 = 0;
let word2: u32 = 0;
let word3: u32 = 0;

/** Philox4x32-10 of counter (c0, c1, c2, c3) under key (k0, k1), into word0..word3. */
@inline function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>c0 * 0xd2511f53;
    const product1 = <u64>c2 * 0xcd9e8d57;
    c0 = high(product1) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = high(product0) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** For the test against published vectors: 6 words in, 4 out. */
export function philoxBlock(input: usize, output: usize): void {
  philox(load<u32>(input), load<u32>(input, 4), load<u32>(input, 8), load<u32>(input, 12), load<u32>(input, 16), load<u32>(input, 20));
  store<u32>(output, word0);
  store<u32>(output, word1, 4);
  store<u32>(output, word2, 8);
  store<u32>(output, word3, 12);
}

/** The first i >= from with word <= last[i]. */
@inline function search(last: usize, word: u32, from: u32): u32 {
  let i = from;
  while (word > load<u32>(last + (i << 2))) i++;
  return i;
}

/**
 * The samples that are not all zero, as rows: offsets [rows + 1], features, values, and slots, where a slot numbers
 * the distinct active features in order of first appearance; distinct[slot] is its feature, uses[slot] the number of
 * samples that have it.
 * `stepOf` [n] must hold no value `step` before; `rowOf` and `slotOf` [n] and `blocks` [4 count] are scratch.
 * Writes to `result`: rows (u32), distinct features (u32), sum of squares of all values (f64).
 */
export function drawBatch(
  alwaysActive: u32, hazardLast: usize, hazardGuide: usize, guideShift: u32, countLast: usize, firstCount: u32,
  k0: u32, k1: u32, step: u32, tag: u32, count: u32,
  offsets: usize, features: usize, values: usize, slots: usize, distinct: usize, uses: usize,
  stepOf: usize, rowOf: usize, slotOf: usize, blocks: usize, result: usize,
): void {
  // all first blocks before any decision, so that mispredicted branches do not stall them
  for (let s: u32 = 0; s < count; s++) {
    philox(0, s, step, tag, k0, k1);
    const at = blocks + (<usize>s << 4);
    store<u32>(at, word0);
    store<u32>(at, word1, 4);
    store<u32>(at, word2, 8);
    store<u32>(at, word3, 12);
  }
  let rows: u32 = 0;
  let entries: usize = 0;
  let distinctCount: u32 = 0;
  let squares: f64 = 0;
  store<u32>(offsets, 0);
  for (let s: u32 = 0; s < count; s++) {
    const block = blocks + (<usize>s << 4);
    const points = alwaysActive + firstCount + search(countLast, load<u32>(block), 0);
    if (points == 0) continue;
    word1 = load<u32>(block, 4);
    word2 = load<u32>(block, 8);
    word3 = load<u32>(block, 12);
    for (let j: u32 = 0; j < points; j++) {
      let position: u32;
      let bits: u32;
      if ((j & 1) == 0) {
        // words 1 and 2 of block j/2
        position = word1;
        bits = word2;
      } else {
        position = word3;
        philox((j + 1) >> 1, s, step, tag, k0, k1);
        bits = word0;
      }
      const feature = j < alwaysActive ? j : alwaysActive + search(hazardLast, position, load<u32>(hazardGuide + (<usize>(position >> guideShift) << 2)));
      const at = <usize>feature << 2;
      let slot: u32;
      if (load<u32>(stepOf + at) == step) {
        if (load<u32>(rowOf + at) == rows) continue;
        slot = load<u32>(slotOf + at);
        store<u32>(uses + (<usize>slot << 2), load<u32>(uses + (<usize>slot << 2)) + 1);
      } else {
        slot = distinctCount++;
        store<u32>(stepOf + at, step);
        store<u32>(slotOf + at, slot);
        store<u32>(distinct + (<usize>slot << 2), feature);
        store<u32>(uses + (<usize>slot << 2), 1);
      }
      store<u32>(rowOf + at, rows);
      const value = <f32>(bits >> 8) * <f32>1.1920928955078125e-7;
      store<u32>(features + entries, feature);
      store<f32>(values + entries, value);
      store<u32>(slots + entries, slot);
      squares += <f64>value * <f64>value;
      entries += 4;
    }
    rows++;
    store<u32>(offsets + (<usize>rows << 2), <u32>(entries >> 2));
  }
  store<u32>(result, rows);
  store<u32>(result, distinctCount, 4);
  store<f64>(result, squares, 8);
}
