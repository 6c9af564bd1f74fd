/** Numbers as captions and labels write them: a true minus sign, and no more decimals than asked for. */

/** At most so many decimals: "−0.556", "1". */
export function signed(value: number, decimals = 2): string {
  return String(Number(value.toFixed(decimals))).replace('-', '−');
}

/** Exactly so many decimals: "1.00". */
export function fixed(value: number, decimals = 2): string {
  return value.toFixed(decimals).replace('-', '−');
}

/** "0.333", or "0.333 to 0.556": the range of a list of values. */
export function span(values: readonly number[], decimals = 3): string {
  const [low, high] = [signed(Math.min(...values), decimals), signed(Math.max(...values), decimals)];
  return low === high ? low : `${low} to ${high}`;
}
