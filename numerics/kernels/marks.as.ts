/** The outcome of sixteen comparisons, four vectors of all-ones or all-zeros lanes, as sixteen bits in order. */
@inline export function packComparisons(a: v128, b: v128, c: v128, d: v128): u16 {
  return <u16>i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}
