/** Draws a batch by the scheme of ../../random/streams.ts: exactly what ../../random/sampler.ts draws. */
import { transposeTo } from './product.as';

/** Four streams at a time: word j of the block of stream i is lane i of `wordj`. */
let word0: v128 = i32x4.splat(0);
let word1: v128 = i32x4.splat(0);
let word2: v128 = i32x4.splat(0);
let word3: v128 = i32x4.splat(0);

/** Philox4x32-10 of four counters (c0, c1, c2, c3), a lane each, under key (k0, k1), into word0..word3. */
@inline function philox(c0: v128, c1: v128, c2: v128, c3: v128, k0: u32, k1: u32): void {
  const multiplier0 = i32x4.splat(0xd2511f53);
  const multiplier1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
    const high0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
    const low1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
    const high1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
    c0 = v128.xor(v128.xor(upperWords(low1, high1), c1), i32x4.splat(k0));
    c1 = lowerWords(low1, high1);
    c2 = v128.xor(v128.xor(upperWords(low0, high0), c3), i32x4.splat(k1));
    c3 = lowerWords(low0, high0);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Of four 64-bit numbers. */
@inline function upperWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

@inline function lowerWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/** For the test against published vectors: in each of 6 words, four counters and the key, out 4 words. */
export function philoxBlock(input: usize, output: usize): void {
  philox(
    v128.load_splat<u32>(input), v128.load_splat<u32>(input, 4), v128.load_splat<u32>(input, 8), v128.load_splat<u32>(input, 12),
    load<u32>(input, 16), load<u32>(input, 20),
  );
  store<u32>(output, i32x4.extract_lane(word0, 3));
  store<u32>(output, i32x4.extract_lane(word1, 3), 4);
  store<u32>(output, i32x4.extract_lane(word2, 3), 8);
  store<u32>(output, i32x4.extract_lane(word3, 3), 12);
}

/** The first i >= from with word <= last[i]. */
@inline function search(last: usize, word: u32, from: u32): u32 {
  let i = from;
  while (word > load<u32>(last + (i << 2))) i++;
  return i;
}

/**
 * The first block of every sample, [count, 4] words to `blocks`, and how many points it has, to `points` [count]. No
 * decision depends on one sample alone, since such a branch could not be predicted.
 */
function drawFirstBlocks(
  base: u32, countLast: usize, k0: u32, k1: u32, step: u32, tag: u32, count: u32, blocks: usize, points: usize,
): void {
  for (let s: u32 = 0; s < count; s += 4) {
    philox(i32x4.splat(0), i32x4.add(i32x4.splat(s), i32x4(0, 1, 2, 3)), i32x4.splat(step), i32x4.splat(tag), k0, k1);
    // the first k with word0 <= countLast[k], in each lane
    let number = i32x4.splat(base);
    for (let last = countLast; ; last += 4) {
      const above = i32x4.gt_u(word0, v128.load_splat<u32>(last));
      if (!v128.any_true(above)) break;
      number = i32x4.sub(number, above);
    }
    v128.store(points + (<usize>s << 2), number);
    transposeTo(word0, word1, word2, word3, blocks + (<usize>s << 4), 16);
  }
}

/** The other blocks of the samples that need them, in the order of the samples, to `more`; `wantedBlock` and `wantedSample` are scratch. */
function drawMoreBlocks(
  points: usize, k0: u32, k1: u32, step: u32, tag: u32, count: u32, more: usize, wantedBlock: usize, wantedSample: usize,
): void {
  let wanted: usize = 0;
  for (let s: u32 = 0; s < count; s++) {
    const blocks = load<u32>(points + (<usize>s << 2)) >> 1;
    store<u32>(wantedBlock + wanted, 1);
    store<u32>(wantedSample + wanted, s);
    wanted += <usize>(blocks > 0) << 2;
    for (let block: u32 = 2; block <= blocks; block++) {
      store<u32>(wantedBlock + wanted, block);
      store<u32>(wantedSample + wanted, s);
      wanted += 4;
    }
  }
  for (let o: usize = 0; o < wanted; o += 16) {
    philox(v128.load(wantedBlock + o), v128.load(wantedSample + o), i32x4.splat(step), i32x4.splat(tag), k0, k1);
    transposeTo(word0, word1, word2, word3, more + (o << 2), 16);
  }
}

/**
 * The samples that are not all zero, as rows: offsets [rows + 1], features, values, and slots, where a slot numbers
 * the distinct active features in order of first appearance; distinct[slot] is its feature, uses[slot] the number of
 * samples that have it.
 * `stepOf` [n] must hold no value `step` before. Scratch: `rowOf` and `slotOf` [n], `blocks` [count, 4] and `points`
 * [count], count rounded up to 4; `more` [others, 4], `wantedBlock` and `wantedSample` [others], where others is half of the
 * most points that all samples can have, and 4.
 * Writes to `result`: rows (u32), distinct features (u32), sum of squares of all values (f64).
 */
export function drawBatch(
  alwaysActive: u32, hazardLast: usize, hazardGuide: usize, guideShift: u32, countLast: usize, firstCount: u32,
  k0: u32, k1: u32, step: u32, tag: u32, count: u32,
  offsets: usize, features: usize, values: usize, slots: usize, distinct: usize, uses: usize,
  stepOf: usize, rowOf: usize, slotOf: usize, blocks: usize, points: usize, more: usize, wantedBlock: usize, wantedSample: usize,
  result: usize,
): void {
  drawFirstBlocks(alwaysActive + firstCount, countLast, k0, k1, step, tag, count, blocks, points);
  drawMoreBlocks(points, k0, k1, step, tag, count, more, wantedBlock, wantedSample);
  let rows: u32 = 0;
  let entries: usize = 0;
  let distinctCount: u32 = 0;
  let squares: f64 = 0;
  store<u32>(offsets, 0);
  for (let s: u32 = 0; s < count; s++) {
    const ownPoints = load<u32>(points + (<usize>s << 2));
    if (ownPoints == 0) continue;
    let block = blocks + (<usize>s << 4);
    for (let j: u32 = 0; j < ownPoints; j++) {
      let position: u32;
      let bits: u32;
      if ((j & 1) == 0) {
        // words 1 and 2 of block j/2
        position = load<u32>(block, 4);
        bits = load<u32>(block, 8);
      } else {
        // word 3, and word 0 of the next
        position = load<u32>(block, 12);
        block = more;
        more += 16;
        bits = load<u32>(block);
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
