import type { TimedCost } from '../graph/stage.ts';

/** Seconds of a node as a function of its cost: what every node takes, and what the cost adds. */
export interface TimeModel {
  readonly fixedSeconds: number;
  readonly secondsPerCost: number;
}

/** Seconds that so many nodes of so much cost together take. */
export function expectedSeconds({ fixedSeconds, secondsPerCost }: TimeModel, nodes: number, cost: number): number {
  return fixedSeconds * nodes + secondsPerCost * cost;
}

/** Costs that lie closer together than this tell nothing of what part of the time is fixed. */
const tellingRange = 2;
const iterations = 30;
/** Huber's constant: 95% efficient if the errors are normal. */
const huber = 1.345;

/**
 * Least squares, of errors relative to what is expected, of seconds = fixed + rate cost, neither negative, with the
 * weight of outliers bounded: on a busy machine, and where a node was resumed, single times mean little. With costs all about the same
 * the fixed part is 0 and the rate total seconds over total cost. Undefined without a positive cost.
 */
export function fitTimeModel(samples: readonly TimedCost[]): TimeModel | undefined {
  const usable = samples.filter(({ cost, seconds }) => cost > 0 && Number.isFinite(cost) && seconds > 0);
  if (usable.length === 0) return undefined;
  const costs = usable.map(({ cost }) => cost);
  if (usable.length < 3 || Math.max(...costs) < tellingRange * Math.min(...costs)) {
    const total = (of: (sample: TimedCost) => number): number => usable.reduce((sum, sample) => sum + of(sample), 0);
    return { fixedSeconds: 0, secondsPerCost: total(({ seconds }) => seconds) / total(({ cost }) => cost) };
  }
  let model: TimeModel = { fixedSeconds: 0, secondsPerCost: median(usable.map(({ cost, seconds }) => seconds / cost)) };
  for (let i = 0; i < iterations; i++) {
    const expected = usable.map(({ cost }) => expectedSeconds(model, 1, cost));
    const errors = usable.map(({ seconds }, k) => Math.abs(seconds / expected[k]! - 1));
    const limit = huber * 1.4826 * median(errors);
    model = weightedFit(
      usable,
      expected.map((seconds, k) => (errors[k]! > limit ? limit / errors[k]! : 1) / (seconds * seconds)),
    );
  }
  return model;
}

/** Weighted least squares of seconds on 1 and cost; a part that came out negative is left out. */
function weightedFit(samples: readonly TimedCost[], weights: readonly number[]): TimeModel {
  let [sum, c, cc, s, cs] = [0, 0, 0, 0, 0];
  samples.forEach(({ cost, seconds }, i) => {
    const w = weights[i]!;
    sum += w;
    c += w * cost;
    cc += w * cost * cost;
    s += w * seconds;
    cs += w * cost * seconds;
  });
  const determinant = sum * cc - c * c;
  const fixedSeconds = (s * cc - cs * c) / determinant;
  const secondsPerCost = (cs * sum - s * c) / determinant;
  if (!(fixedSeconds > 0)) return { fixedSeconds: 0, secondsPerCost: cs / cc };
  if (!(secondsPerCost > 0)) return { fixedSeconds: s / sum, secondsPerCost: 0 };
  return { fixedSeconds, secondsPerCost };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
