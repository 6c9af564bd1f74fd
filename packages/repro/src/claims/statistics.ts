/** Order statistics of short lists. Infinite values are allowed and go to the ends. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean of values that are independent and equally uncertain; null for a single one. */
export function standardErrorOfMean(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) * (value - centre), 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7). NaN for an empty list. */
export function quantile(values: readonly number[], probability: number): number {
  const order = Float64Array.from(values).sort();
  const position = probability * (order.length - 1);
  const below = Math.floor(position);
  const a = order[below];
  const b = order[Math.min(below + 1, order.length - 1)];
  if (a === undefined || b === undefined) return Number.NaN;
  // Exactly at an order statistic the next may be infinite.
  return a === b || position === below ? a : a + (position - below) * (b - a);
}
