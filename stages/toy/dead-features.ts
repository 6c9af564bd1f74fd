/** What a dead feature is, in the words and numbers that figures and report share. */
import type { ModelSummary } from './artifacts.ts';

export const deadMeaning =
  'A feature is dead if its own largest activation, 2, leaves its output at zero (bᵢ + 2‖Wᵢ‖² ≤ 0).';

/** Part of a model's loss that is made at the output units of dead features. */
export const deadShare = ({ outputLoss, loss }: Pick<ModelSummary, 'outputLoss' | 'loss'>): number =>
  outputLoss.dead / loss;
