/** Where two ways of doing the experiments exist: the paper's text and its authors' scripts, or two places of the text. */
import type { Readings } from '../readings.ts';
import { readingsOfText } from '../readings.ts';

export const differenceIds = [
  'final-loss', 'unlearned-loss', 'linear-first-index', 'exponential-first-index', 'batch-and-steps', 'loss-scale', 'random-numbers',
] as const; // prettier-ignore
export type DifferenceId = (typeof differenceIds)[number];

export interface Difference {
  /** What differs. */
  readonly name: string;
  /** The parameter that selects, and its two values; a control has none. */
  readonly selectedBy: string;
  /** What is compared: the final loss, or that of the unlearned features. */
  readonly quantity: 'loss' | 'unlearnedLoss';
  /** How the second of the two is read; the first is read as the text has it. */
  readonly readings: Readings;
}

const trainedOtherwise = { quantity: 'loss', readings: readingsOfText } as const;

export const differences: Readonly<Record<DifferenceId, Difference>> = {
  'final-loss': {
    name: 'Final loss: on fresh data, or of the last 100 steps',
    selectedBy: '`readings.finalLoss`: `fresh-data`, `last-training`',
    quantity: 'loss',
    readings: { ...readingsOfText, finalLoss: 'last-training' },
  },
  'unlearned-loss': {
    name: 'Loss by unlearned features: Eq. 4, or the formula of App. D.5',
    selectedBy: '`readings.unlearnedLoss`: `eq-4`, `app-d5`',
    quantity: 'unlearnedLoss',
    readings: { ...readingsOfText, unlearnedLoss: 'app-d5' },
  },
  'linear-first-index': {
    name: 'Linear frequencies: n − i with i from 1, or from 0',
    selectedBy: '`firstIndex` of the frequencies: 1, 0',
    ...trainedOtherwise,
  },
  'exponential-first-index': {
    name: 'Exponential frequencies: i from 1, or from 0',
    selectedBy: '`firstIndex` of the frequencies: 1, 0',
    ...trainedOtherwise,
  },
  'batch-and-steps': {
    name: 'Batch and steps of the text, or the larger defaults of the scripts',
    selectedBy: '`training.batch`, `training.steps`',
    ...trainedOtherwise,
  },
  'loss-scale': {
    name: 'Minimised: the error summed over features, or their mean',
    selectedBy: '`training.lossScale`: n, 1',
    ...trainedOtherwise,
  },
  'random-numbers': {
    name: 'For comparison: other random numbers, and nothing else',
    selectedBy: '–',
    ...trainedOtherwise,
  },
};
