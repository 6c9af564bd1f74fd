/** The closed vocabulary of `params/claims.json`. Imports nothing: the planner reads it on every command. */

/** What a rule compares with: one estimate with its uncertainty, or a value in each of many cells. */
export type QuantityKind = 'estimate' | 'cells';

/** Every quantity that a claim may name, and what kind of value it has. Defined in `quantities/`. */
export const quantities = {
  'represented-fraction': 'cells',
  'represented-over-width': 'cells',
  'middle-norm-fraction': 'cells',
  'represented-alpha-correlation': 'estimate',
  'loss-ratio': 'cells',
  'model-exponent': 'cells',
  'exponent-estimate': 'estimate',
  'exponent-alpha-slope': 'estimate',
  'exponent-contrast': 'estimate',
  'exponent-rule-distance': 'estimate',
  'exponent-above-twice': 'cells',
  'fit-r2': 'cells',
  'loss-spread': 'estimate',
  'unlearned-loss-factor': 'cells',
  'unlearned-loss-share': 'cells',
  'closest-exponent-error': 'cells',
  'closest-alpha': 'cells',
  'norm-valley': 'cells',
  'strong-rank-p': 'cells',
  'strong-count-over-bound': 'cells',
  'strong-count-over-width': 'cells',
  'strong-overlap-over-welch': 'cells',
  'strong-overlap-slope': 'estimate',
  'overlap-variance-ratio': 'cells',
  'weak-overlap-times-width': 'cells',
  'weak-overlap': 'cells',
  'weak-overlap-slope': 'cells',
  'strong-bias-scaled': 'cells',
  'strong-loss-slope': 'cells',
  'weak-less-strong-slope': 'estimate',
  'loss-density-slope': 'cells',
  'exponent-density-slope': 'cells',
  'setting-loss-ratio': 'cells',
  'slope-far-from-n': 'estimate',
  'slope-change-near-n': 'estimate',
  'unit-norm-loss-ratio': 'cells',
  'random-goodness-of-fit': 'cells',
  'random-mean-ratio': 'cells',
  'random-variance-ratio': 'cells',
  'random-largest-over-welch': 'cells',
  'vocabulary-room': 'cells',
  'width-size-exponent': 'estimate',
  'width-size-model-exponent': 'estimate',
  'width-size-families-exponent': 'estimate',
  'width-size-families-exponent-less-embeddings': 'estimate',
  'llm-overlap-slope': 'estimate',
  'llm-loss-exponent': 'estimate',
  'llm-linear-r2': 'cells',
  'llm-smallest-norm': 'cells',
  'llm-norm-slope': 'cells',
  'llm-cross-entropy-slope': 'estimate',
  'zipf-exponent': 'cells',
} as const satisfies Record<string, QuantityKind>;
export type QuantityName = keyof typeof quantities;

/** Every rule, what it judges, and the numbers it may be given. Bounds `low`, `high` are included, `above`, `below` are not. */
export const rules = {
  /** |x - value| <= 2 sqrt(s^2 + uncertainty^2); inconclusive if s > 2 uncertainty. */
  agree: { kind: 'estimate', required: ['value', 'uncertainty'], optional: [] },
  /** The estimate lies within the bounds. */
  within: { kind: 'estimate', required: [], optional: ['low', 'high', 'above', 'below'] },
  /** The whole 95% interval does; inconclusive if only the estimate does. */
  'interval-within': { kind: 'estimate', required: [], optional: ['low', 'high', 'above', 'below'] },
  /** The 95% interval contains the value; inconclusive if its half width exceeds `halfWidth`. */
  'interval-contains': { kind: 'estimate', required: ['value', 'halfWidth'], optional: [] },
  /** At least the given share of the cells lies within the bounds. */
  share: { kind: 'cells', required: ['share'], optional: ['low', 'high', 'above', 'below'] },
  mean: { kind: 'cells', required: [], optional: ['low', 'high', 'above', 'below'] },
  median: { kind: 'cells', required: [], optional: ['low', 'high', 'above', 'below'] },
  largest: { kind: 'cells', required: [], optional: ['low', 'high', 'above', 'below'] },
} as const satisfies Record<string, { kind: QuantityKind; required: readonly string[]; optional: readonly string[] }>;
export type RuleName = keyof typeof rules;
