/** Whether trainers that share no code agree on what zero biases do. */
import { formatConstant, formatNumber } from 'repro/claims';
import type { ValueOf } from 'repro';
import { distinct } from '../claims/quantities/sources.ts';
import type { TrainedCell, TrainersTable } from '../trainers.ts';

const trainers = ['ours', 'doublePrecision', 'pytorch'] as const;
type Trainer = (typeof trainers)[number];

export function trainersText(table: ValueOf<typeof TrainersTable>): string {
  const { n, alpha, steps, seeds, agreeErrors, pytorch, cells } = table;
  const apart = cells.flatMap(({ ours, doublePrecision, pytorch: dense }) =>
    [doublePrecision, dense].map((theirs) => {
      const variance = ours.standardError * ours.standardError + theirs.standardError * theirs.standardError;
      return Math.abs(ours.mean - theirs.mean) / Math.sqrt(variance);
    }),
  );
  const most = Math.max(...apart);
  const places = distinct(cells.map(({ gamma }) => gamma)).map((gamma) => {
    const widths = distinct(cells.filter((cell) => cell.gamma === gamma).map(({ m }) => m));
    return `γ = ${formatNumber(gamma)} with m = ${widths.join(' and ')}`;
  });
  const names: Readonly<Record<Trainer, string>> = {
    ours: 'by ours',
    doublePrecision: 'in double precision',
    pytorch: 'by PyTorch',
  };
  const ratios = trainers.map((trainer) => `${ratioRange(cells, trainer)} ${names[trainer]}`);
  return (
    `*Three trainers.* At a smaller scale (n = ${n}, ${steps} steps, α = ${formatConstant(alpha)}; ${places.join(', ')}; ${seeds} seeds) the same models were trained by the trainer of this project, by a dense one in double precision and by PyTorch ${pytorch}, from the same first weights. ` +
    `From zero and from random biases their mean losses ${most <= agreeErrors ? 'agree' : 'do not agree'} with ours: they differ by at most ${formatNumber(most)} standard errors of the difference (up to ${formatConstant(agreeErrors)} counts as agreement). ` +
    `The loss from random biases, over that from zero ones, is ${ratios.join(', ')}.`
  );
}

/** Of the losses from random biases over those from zero ones. */
function ratioRange(cells: readonly TrainedCell[], trainer: Trainer): string {
  const ratios = cells
    .filter(({ initialBias }) => initialBias === 'zero')
    .flatMap((zero) => {
      const isOther = ({ gamma, m, initialBias }: TrainedCell): boolean =>
        gamma === zero.gamma && m === zero.m && initialBias === 'normal';
      const normal = cells.find(isOther);
      return normal ? [normal[trainer].mean / zero[trainer].mean] : [];
    });
  return [...new Set([Math.min(...ratios), Math.max(...ratios)].map(formatNumber))].join(' to ');
}
