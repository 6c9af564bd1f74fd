/** Numbers as the report prints them. */

const minus = '−';

/** Three significant digits, without an exponent between 0.001 and 10^6; a proper minus sign. */
export function formatNumber(value: number): string {
  if (value === Infinity) return '∞';
  if (value === -Infinity) return `${minus}∞`;
  if (Number.isNaN(value)) return 'undefined';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.001 || size >= 1e6) {
    const [mantissa, exponent] = size.toExponential(1).split('e') as [string, string];
    return `${value < 0 ? minus : ''}${mantissa}e${exponent.replace('+', '').replace('-', minus)}`;
  }
  return withDecimals(value, Math.max(0, 2 - exponentOf(size)));
}

/** A number that somebody chose, as it was written: 0.95, 1.375, not 0.950 and 1.38. */
export function formatConstant(value: number): string {
  const text = String(Number(value.toPrecision(4)));
  return text.replace('-', minus);
}

/** `1.013 ± 0.021`: the uncertainty to two significant digits, the value to the same place. */
export function formatWithUncertainty(value: number, uncertainty: number | null): string {
  if (uncertainty === null || !(uncertainty > 0) || !Number.isFinite(uncertainty)) return formatNumber(value);
  const places = Math.min(6, Math.max(0, 1 - exponentOf(uncertainty)));
  if (uncertainty < 1e-6 || Math.abs(value) >= 1e6) return `${formatNumber(value)} ± ${formatNumber(uncertainty)}`;
  return `${withDecimals(value, places)} ± ${withDecimals(uncertainty, places)}`;
}

/** A whole percentage, or one decimal. */
export function formatPercent(share: number): string {
  // 100 times 0.56 is 56.00000000000001.
  const percent = Number((100 * share).toPrecision(12));
  return `${withDecimals(percent, percent === Math.round(percent) ? 0 : 1)}%`;
}

/** Floor of log10, by the number's own decimal digits. */
function exponentOf(size: number): number {
  return Number(size.toExponential(2).split('e')[1]);
}

function withDecimals(value: number, places: number): string {
  const text = Math.abs(value).toFixed(Math.min(100, places));
  return value < 0 && Number(text) !== 0 ? minus + text : text;
}
