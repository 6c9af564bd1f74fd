/** The sign bits of four vectors, or the outcome of sixteen comparisons, as sixteen bits in order. */
@inline export function packSigns(a: v128, b: v128, c: v128, d: v128): u16 {
  return <u16>i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

/**
 * Lists the places, in bytes of 4-byte elements, of the bits set among `marks` for `bytes` of elements, and returns the
 * size of the list in bytes. Eight places are written whatever the number of bits in a word, since a loop as long as that
 * number could not be predicted; the list must have room for 8 beyond its end.
 */
@inline export function listMarked(marks: usize, bytes: usize, places: usize): usize {
  let end = places;
  for (let first: usize = 0; first < bytes; first += 256) {
    let bits = load<u64>(marks + (first >> 5));
    const next = end + (<usize>popcnt(bits) << 2);
    for (let at = end; ; at += 32) {
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 0);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 4);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 8);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 12);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 16);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 20);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 24);
      bits &= bits - 1;
      store<u32>(at, <u32>(first + (<usize>ctz(bits) << 2)), 28);
      bits &= bits - 1;
      if (at + 32 >= next) break;
    }
    end = next;
  }
  return end - places;
}
