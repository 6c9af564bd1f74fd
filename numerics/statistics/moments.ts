/** Moments and order statistics of plain lists of numbers. */

type Numbers = ArrayLike<number>;

/** NaN for an empty list. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample variance, over count - 1; 0 for a single value. */
export function variance(values: Numbers): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) * (values[i]! - centre);
  return sum / (values.length - 1);
}

export function standardDeviation(values: Numbers): number {
  return Math.sqrt(variance(values));
}

/** Of the mean. */
export function standardError(values: Numbers): number {
  return Math.sqrt(variance(values) / values.length);
}

/** Ascending copy; infinities go to the ends. */
export function sorted(values: Numbers): Float64Array {
  return Float64Array.from(values).sort();
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7). NaN for an empty list. */
export function quantile(values: Numbers, probability: number): number {
  const order = sorted(values);
  const position = probability * (order.length - 1);
  const below = Math.floor(position);
  const a = order[below];
  const b = order[Math.min(below + 1, order.length - 1)];
  if (a === undefined || b === undefined) return Number.NaN;
  // Exactly at an order statistic the next may be infinite.
  return a === b || position === below ? a : a + (position - below) * (b - a);
}

export function median(values: Numbers): number {
  return quantile(values, 0.5);
}

/** Ranks from 1; equal values share their mean rank. */
export function ranks(values: Numbers): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const rank = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) rank[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return rank;
}
