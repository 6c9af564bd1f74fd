/** Encodings of the two axes. Every row of a figure has fields `x` and `y`, so that all its layers share one pair. */
import type { Fragment } from './figure.ts';

export type Interval = readonly [number, number];

export function linearAxis(
  title: string | null,
  domain: Interval,
  options: { values?: readonly number[]; format?: string; grid?: boolean; tickCount?: number } = {},
): Fragment {
  return {
    type: 'quantitative',
    title,
    scale: { domain, nice: false, zero: false },
    axis: { tickCount: 5, ...options },
  };
}

/** Ticks at 1, 2, ..., 9 times the powers of ten; the powers are labelled, and 2 and 5 too where there are few of them. */
export function logAxis(title: string, domain: Interval): Fragment {
  const { ticks, labels } = decadeTicks(domain);
  const shown = JSON.stringify(Object.fromEntries(labels.map((value) => [String(value), decimal(value)])));
  // A pale grid line on the edge of the plot would cover its dark frame.
  const inside = JSON.stringify(
    Object.fromEntries(
      labels
        .filter((value) => value > domain[0] * 1.01 && value < domain[1] / 1.01)
        .map((value) => [String(value), true]),
    ),
  );
  return {
    type: 'quantitative',
    title,
    scale: { type: 'log', domain, nice: false },
    axis: {
      values: ticks,
      labelExpr: `${shown}[toString(datum.value)] || ''`,
      labelOverlap: false,
      gridOpacity: { condition: { test: `${inside}[toString(datum.value)] === true`, value: 1 }, value: 0 },
    },
  };
}

/** Where a short interval has fewer than two such labels, all ticks are labelled; where it has fewer than two ticks, at two digits. */
export function decadeTicks([low, high]: Interval): { ticks: number[]; labels: number[] } {
  const ticks: number[] = [];
  const labels: number[] = [];
  const fewDecades = high / low < 300;
  for (let exponent = -15; exponent <= 15; exponent++) {
    for (let digit = 1; digit <= 9; digit++) {
      const tick = Number(`${digit}e${exponent}`);
      if (tick < low * (1 - 1e-9) || tick > high * (1 + 1e-9)) continue;
      ticks.push(tick);
      if (digit === 1 || (fewDecades && (digit === 2 || digit === 5))) labels.push(tick);
    }
  }
  if (labels.length > 1) return { ticks, labels };
  if (ticks.length < 2) ticks.splice(0, ticks.length, ...twoDigitTicks(low, high));
  return { ticks, labels: ticks };
}

/** 1.1, 1.2, ... 1.9 of 1.05 to 1.95. */
function twoDigitTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let exponent = -16; exponent <= 14; exponent++) {
    for (let digits = 10; digits <= 99; digits++) {
      const tick = Number(`${digits}e${exponent}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹',
}; // prettier-ignore

/** Plain from 0.001 to 9000, powers of ten beyond. */
function decimal(value: number): string {
  if (value >= 0.001 && value < 10000) return String(value);
  const [digit, exponent] = value.toExponential(0).split('e') as [string, string];
  const power = '10' + [...exponent.replace('+', '')].map((character) => superscripts[character]).join('');
  return digit === '1' ? power : `${digit}·${power}`;
}

/** The range of the positive values, widened by a factor on both sides. */
export function logDomain(values: readonly number[], factor = 1.3): Interval {
  const positive = values.filter((value) => value > 0);
  return [Math.min(...positive) / factor, Math.max(...positive) * factor];
}

/** From 0 or the smallest value, whichever is less, to the largest, with a margin. */
export function linearDomain(values: readonly number[], margin = 0.06): Interval {
  const low = Math.min(0, ...values);
  const high = Math.max(...values);
  // Zeros alone, or one value below 0, have no size of their own.
  const size = high > low ? high - low : 1;
  return [low - margin * size, high + margin * size];
}
