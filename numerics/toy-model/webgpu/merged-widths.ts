import { expm1, log1p } from '../../elementary.ts';
import { segmentLength, sparseFrom, splitsOf } from './layout.ts';
import type { GroupModel } from './layout.ts';
import { stepSeconds } from './step-cost.ts';
import type { ModelActivity } from './step-cost.ts';

/** What a model does in a step, on average, from its frequencies. */
export function modelActivity(frequency: Float64Array, batch: number): ModelActivity {
  let [distinct, mean, squares] = [0, 0, 0];
  for (const p of frequency) {
    distinct += p < 1 ? -expm1(batch * log1p(-p)) : 1;
    mean += p;
    squares += p * p;
  }
  const entries = batch * mean;
  // features are active independently: the variance of their number is the sum of p (1 - p)
  const pairs = batch * (mean * mean + mean - squares);
  return { distinct, segments: distinct + entries / segmentLength, entries, pairs };
}

/**
 * Models of one n and batch, cut by width into groups that step together, the narrow models of each with columns of zeros:
 * what takes the least time by the counts of a step. A model or two leave most of a card idle, so that a step of theirs
 * takes about as long as one of a few more.
 */
export function mergedWidths<Model extends { readonly model: Pick<GroupModel, 'frequency'> & { readonly m: number } }>(
  models: readonly Model[],
  { n, batch }: { readonly n: number; readonly batch: number },
): Model[][] {
  const byWidth = new Map<number, Model[]>();
  for (const model of models) byWidth.set(model.model.m, [...(byWidth.get(model.model.m) ?? []), model]);
  const widths = [...byWidth.keys()].sort((a, b) => a - b);
  const known = new Map<Float64Array, ModelActivity>();
  const activityOf = ({ model: { frequency } }: Model): ModelActivity => {
    const found = known.get(frequency) ?? modelActivity(frequency, batch);
    known.set(frequency, found);
    return found;
  };
  const activities = widths.map((m) => byWidth.get(m)!.map(activityOf));
  const cost = (begin: number, end: number): number => {
    const m = widths[end - 1]!;
    const shape = { n, m, density: 1, ring: 4, splits: splitsOf(n), sparse: m >= sparseFrom };
    return stepSeconds(shape, activities.slice(begin, end).flat());
  };
  // by number of widths, the least time of the groups of the narrowest so many, and where the last of these begins
  const best = [{ seconds: 0, begin: 0 }];
  for (let end = 1; end <= widths.length; end++) {
    let found = { seconds: Infinity, begin: 0 };
    for (let begin = 0; begin < end; begin++) {
      const seconds = best[begin]!.seconds + cost(begin, end);
      if (seconds < found.seconds) found = { seconds, begin };
    }
    best.push(found);
  }
  const groups: Model[][] = [];
  for (let end = widths.length; end > 0; end = best[end]!.begin)
    groups.unshift(widths.slice(best[end]!.begin, end).flatMap((m) => byWidth.get(m)!));
  return groups;
}
