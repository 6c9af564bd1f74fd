/** Live features whose bias, as drawn before training, is below -1: whether training has made up for the start. */
import type { ModelSummary } from './artifacts.ts';
import { deadFeatures } from './measure-geometry/dead.ts';

/** Features that begin below it are told apart; those below -2 are beyond reach (beyond-reach.ts), and mostly dead. */
const lowBias = -1;

export const lowStartMeaning =
  'A live feature that began with a bias below −1 has the loss of any other of its frequency once training has made up for the start.';

/** What is measured by feature, in the same order. */
interface ByFeature {
  readonly frequency: readonly number[];
  readonly rowNorm: readonly number[];
  readonly bias: readonly number[];
  readonly initialBias: readonly number[];
  readonly outputLoss: readonly number[];
}

/** Their shares of the frequency and of the loss of all live features; null where these have neither. */
export function lowStart({
  frequency,
  rowNorm,
  bias,
  initialBias,
  outputLoss,
}: ByFeature): Exclude<ModelSummary['lowStart'], undefined> {
  const dead = deadFeatures(rowNorm, bias);
  const live = [...bias.keys()].filter((i) => !dead[i]);
  const low = live.filter((i) => initialBias[i]! < lowBias);
  const sum = (values: readonly number[], of: readonly number[]): number =>
    of.reduce((total, i) => total + values[i]!, 0);
  const [p, loss] = [sum(frequency, live), sum(outputLoss, live)];
  return p > 0 && loss > 0 ? { frequency: sum(frequency, low) / p, loss: sum(outputLoss, low) / loss } : null;
}
