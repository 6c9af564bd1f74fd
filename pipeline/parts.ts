/**
 * The toy half in parts, those that decide most claims for their time first: the order in which a run with a budget takes
 * them. Each can be run, exported and imported by itself.
 */
import type { PipelinePart } from 'repro';
import type { Experiment } from './experiment.ts';
import type { Parameters } from './parameters.ts';
import { selectsRow } from './small.ts';
import type { MeasuredModel } from './toy-model.ts';

interface Wanted {
  readonly name: string;
  readonly summary: string;
  readonly decides: readonly string[];
  readonly takes: (experiment: string, model: MeasuredModel) => boolean;
}

/** The widest large models take longer than all the rest: they come last. */
const wideLarge = 256;

/** Those of the parts that have models in this set. A model is in the first part that takes it. */
export function toyParts(params: Parameters, experiments: readonly Experiment[]): PipelinePart[] {
  let left = experiments.flatMap(({ name, models }) => models.map((model) => ({ name, model })));
  return wantedParts(params).flatMap(({ takes, ...part }) => {
    const taken = left.filter(({ name, model }) => takes(name, model));
    left = left.filter((one) => !taken.includes(one));
    const outputs = [...new Set(taken.map(({ model }) => model.measurement))];
    return outputs.length > 0 ? [{ ...part, outputs }] : [];
  });
}

function wantedParts({ initialBias }: Parameters): Wanted[] {
  const rows = initialBias?.rows.gamma ?? [];
  const isRow = ({ gamma }: MeasuredModel): boolean => selectsRow(rows, gamma);
  return [
    {
      name: 'zero-bias-rows',
      summary: 'the two rows of the small sweep from zero biases, all seeds',
      decides: [],
      takes: (name, model) => name === 'small-zero-bias' && isRow(model),
    },
    {
      name: 'small',
      summary: 'the small sweep, one seed',
      decides: [
        ...['strong-near-one', 'strong-skewed-steeper', 'exponent-rule', 'stronger-is-better'],
        ...['decay-tunes-superposition', 'preferred-when-uniform', 'weak-slow', 'unlearned-loss'],
        ...['norms-split-at-one', 'etf-count', 'strong-overlap', 'overlap-variance', 'weak-rows-overlap'],
        ...['weak-rows-robust', 'small-negative-bias', 'loss-decomposition'],
      ],
      takes: (name, { replicate }) => name === 'small' && replicate === 0,
    },
    {
      name: 'unit-rows-and-breakdown',
      summary: 'rows held at unit norm, and m up to n',
      decides: ['unit-norm', 'breakdown'],
      takes: (name) => ['unit-norm', 'breakdown', 'breakdown-zero-bias'].includes(name),
    },
    {
      name: 'replicates',
      summary: 'the other seeds of the two rows',
      decides: [],
      takes: (name) => name === 'small',
    },
    {
      name: 'zero-bias-gammas',
      summary: 'every gamma from zero biases, at five alphas; biases in between; controls',
      decides: [],
      takes: (name) => ['small-zero-bias', 'initial-biases'].includes(name) || name.startsWith('control-'),
    },
    {
      name: 'large-zero-bias',
      summary: 'strong large models from zero biases',
      decides: [],
      takes: (name) => name === 'large-zero-bias',
    },
    {
      name: 'large-strong',
      summary: `strong large models, m up to ${wideLarge}`,
      decides: [],
      takes: (name, { gamma, m }) => name === 'large' && gamma < 0 && m <= wideLarge,
    },
    {
      name: 'density',
      summary: 'activation densities',
      decides: ['density-proportional', 'density-exponent'],
      takes: (name) => name === 'density',
    },
    {
      name: 'wide',
      summary: 'wide small models',
      decides: ['exponent-rule-wide'],
      takes: (name) => name === 'wide',
    },
    {
      name: 'large-weak',
      summary: `weak large models, m up to ${wideLarge}`,
      decides: [],
      takes: (name, { gamma, m }) => name === 'large' && gamma > 0 && m <= wideLarge,
    },
    {
      name: 'insensitivity',
      summary: 'larger batches and longer schedules',
      decides: ['insensitivity'],
      takes: (name) => name === 'insensitivity',
    },
    {
      name: 'large-widest',
      summary: `large models, m above ${wideLarge}`,
      decides: ['large-strong-exponents', 'large-r2', 'one-line'],
      takes: (name) => name === 'large',
    },
  ];
}
