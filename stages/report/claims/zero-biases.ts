/** The same experiments with all biases 0 before training, as far as a set has them. */
import type { Sources } from './quantities/sources.ts';

const suffix = '-zero-bias';

/**
 * What the rules are asked of again: `small-zero-bias` in place of `small`, and so on; nothing else, since language
 * models and random vectors have no such biases. Undefined where a set has no such experiment.
 */
export function withZeroBiases(sources: Sources): Sources | undefined {
  const sweeps = sources.sweeps.flatMap((sweep) =>
    sweep.experiment.endsWith(suffix) ? [{ ...sweep, experiment: sweep.experiment.slice(0, -suffix.length) }] : [],
  );
  if (!sweeps.length) return undefined;
  const nothing = { random: undefined, languageModels: undefined, sizes: undefined, heads: undefined };
  return { sweeps, readsModels: false, ...nothing, losses: undefined, tokens: undefined };
}
