import { pow } from '../../elementary.ts';
import { learningRateShare } from '../learning-rate.ts';
import type { TrainerSettings } from '../wasm/toy-model-trainer.ts';

/** Learning rates of a training (App. B): linear warm-up to the peaks over `warmup` of `steps` steps, then cosine decay. */
export interface Schedule {
  readonly steps: number;
  readonly warmup: number;
  readonly peakRateW: number;
  readonly peakRateB: number;
}

/** What the rates of a model depend on. */
interface RatedModel extends Pick<TrainerSettings, 'gamma' | 'beta1' | 'beta2'> {
  readonly schedule: Schedule;
}

/** The sequences of rates of a group: models that share all that these depend on share one. */
export interface RateSequences {
  readonly sequences: readonly RatedModel[];
  /** By model, the number of its sequence. */
  readonly ofModel: readonly number[];
}

export function rateSequences(models: readonly RatedModel[]): RateSequences {
  const known = new Map<string, number>();
  const sequences: RatedModel[] = [];
  const ofModel = models.map((model) => {
    const { steps, warmup, peakRateW, peakRateB } = model.schedule;
    const name = JSON.stringify([steps, warmup, peakRateW, peakRateB, model.gamma, model.beta1, model.beta2]);
    let at = known.get(name);
    if (at === undefined) {
      known.set(name, (at = sequences.length));
      sequences.push(model);
    }
    return at;
  });
  return { sequences, ofModel };
}

/**
 * What the kernels multiply by at steps `first`..`first + count - 1` (from 1), [count, sequences, 4]: the rate of W over
 * 1 - beta1^step, that of its decay, the rate of b over 1 - beta1^step, and 1 / sqrt(1 - beta2^step).
 */
export function ratesOf(sequences: readonly RatedModel[], first: number, count: number): Float32Array<ArrayBuffer> {
  const rates = new Float32Array(4 * count * sequences.length);
  let at = 0;
  for (let step = first; step < first + count; step++) {
    for (const { gamma, beta1, beta2, schedule } of sequences) {
      const share = learningRateShare(step, schedule.steps, schedule.warmup);
      const W = schedule.peakRateW * share;
      const b = schedule.peakRateB * share;
      const correction1 = 1 - pow(beta1, step);
      rates.set([W / correction1, W * gamma, b / correction1, 1 / Math.sqrt(1 - pow(beta2, step))], at);
      at += 4;
    }
  }
  return rates;
}
