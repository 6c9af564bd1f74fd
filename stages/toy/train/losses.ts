import type { ValueOf } from 'repro';
import type { TrainingLosses } from '../artifacts.ts';

const stretches = 100;
const lastSteps = 100;

/** The mean loss over each of about a hundred stretches of the training, and over its last hundred steps. */
export function summarizeLosses(losses: Float64Array): ValueOf<typeof TrainingLosses> {
  const count = Math.min(stretches, losses.length);
  const step: number[] = [];
  const loss: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = Math.round((i * losses.length) / count);
    const end = Math.round(((i + 1) * losses.length) / count);
    step.push(end);
    loss.push(mean(losses.subarray(begin, end)));
  }
  const last = losses.subarray(Math.max(0, losses.length - lastSteps));
  const average = mean(last);
  const variance = mean(last.map((value) => (value - average) * (value - average)));
  return { step, loss, last: { count: last.length, mean: average, standardDeviation: Math.sqrt(variance) } };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
