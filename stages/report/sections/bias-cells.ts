/** Every cell that was trained from random and from zero biases: loss, ratio and dead share, each with its interval between seeds. */
import { formatNumber, markdownTable } from 'repro/claims';
import { exp, ln } from '../../../numerics/elementary.ts';
import { fewestSeeds, meanInterval } from '../../../numerics/statistics/mean-interval.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { deadShare } from '../../toy/dead-features.ts';
import { lossRatio, nameOf, seedsAt } from './bias-pairs.ts';
import type { BiasPair, Side } from './bias-pairs.ts';

/** `0.570 (0.50 to 0.65)`; the mean alone where there are too few seeds for an interval, or they are equal. */
function overSeeds(values: readonly number[], back: (x: number) => number, most = Infinity): string {
  const { mean, low, high } = meanInterval(values);
  const text = formatNumber(back(mean));
  if (values.length < fewestSeeds || low === high) return text;
  return `${text} (${formatNumber(Math.max(0, back(low)))} to ${formatNumber(Math.min(most, back(high)))})`;
}

/** A row for each curve and m; folded. */
export function cellTable(pairs: readonly BiasPair[]): string {
  const rows = pairs.flatMap((pair) =>
    pair.m.map((m) => {
      const losses = (side: Side): string =>
        overSeeds(
          seedsAt(pair, side, m).map(({ loss }) => ln(loss)),
          exp,
        );
      const shares = (side: Side, value: (model: ModelSummary) => number): string =>
        overSeeds(seedsAt(pair, side, m).map(value), (x) => x, 1);
      const ratio = lossRatio(pair, m);
      const interval = pair.seeds >= fewestSeeds ? ` (${formatNumber(ratio.low)} to ${formatNumber(ratio.high)})` : '';
      const features = ({ dead }: ModelSummary): number => dead.fraction;
      return [
        nameOf(pair),
        ...[m, pair.seeds].map(String),
        ...[losses('zero'), losses('normal'), `${formatNumber(ratio.mean)}${interval}`],
        ...[shares('zero', features), shares('normal', features)],
        ...[shares('zero', deadShare), shares('normal', deadShare)],
      ];
    }),
  );
  const sides = (what: string): string[] => [`${what}, zero biases`, `${what}, random biases`];
  const head = [
    ...['Models', 'm', 'Seeds', ...sides('Loss'), 'Random over zero'],
    ...[...sides('Dead features'), ...sides('Dead share of the loss')],
  ];
  const note = `Losses and ratios: geometric means over the seeds; shares: means. In brackets: 95% interval of the mean between seeds (Student’s t), where there are at least ${fewestSeeds}.`;
  return `<details>\n<summary>Every cell, with intervals between seeds</summary>\n\n${markdownTable(head, rows)}\n\n${note}\n\n</details>`;
}
