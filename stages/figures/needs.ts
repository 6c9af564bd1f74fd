/**
 * What each figure of the paper is drawn from, for the planner: it wires exactly these inputs, so a figure is
 * redrawn only when something it shows has changed. Imports nothing, since it is loaded on every command.
 */

export const figureIds = [
  '1b', '1d', '2c', '3a', '3b', '4a', '4b', '5a', '5b', '6a', '6b', '6c', '6d', '6e', '7a', '7b', '8a', '8b',
  '9', '10a', '10b', '10c', '10d', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23a', '23b', 'breakdown', 'unit-norm',
  'dead-units',
] as const; // prettier-ignore
export type FigureId = (typeof figureIds)[number];

/** What tells one model of an experiment from another: a measurement's summary has it, and so has a planned node. */
export interface ModelCell {
  readonly frequencies?: string;
  readonly alpha: number | null;
  readonly gamma: number;
  readonly m: number;
  readonly density?: number;
  /** 0 or absent for the model itself. */
  readonly replicate?: number;
}

/** Published sizes; all heads measured; one of them; all losses evaluated; token frequencies. */
export type LanguageKind = 'sizes' | 'heads' | 'head' | 'losses' | 'tokens';

export interface FigureNeeds {
  readonly title: string;
  /** Names of the experiments whose fitted sweeps it reads; it cannot be drawn without all of them. */
  readonly experiments: readonly string[];
  /** Read instead where a parameter set lacks one of `experiments`; the title and the caption say so. */
  readonly standIn?: readonly string[];
  /** The sign of gamma that it is about: an experiment without such models does not count. */
  readonly superposition?: Superposition;
  /** Of the cells of its first experiment, those whose measurement (norms by row) it reads. */
  readonly models?: <C extends ModelCell>(cells: readonly C[]) => C[];
  /** Reads the random-vector reference, if there is one. */
  readonly random?: true;
  /** What of language models it cannot be drawn without. */
  readonly language?: LanguageKind;
  /** Shows the losses of language models too, where they are to be had. */
  readonly besideLosses?: true;
  /** Reads the vectors of least frame potential. */
  readonly frame?: true;
}

export type Superposition = 'strong' | 'weak';

/** Weight growth leads to strong superposition, weight decay to weak (Sec. 2). */
export function superpositionOf({ gamma }: { readonly gamma: number }): Superposition {
  return gamma < 0 ? 'strong' : 'weak';
}

export const figureNeeds: Readonly<Record<FigureId, FigureNeeds>> = {
  '1b': {
    title: 'Weak superposition: loss against model dimension',
    experiments: ['large'],
    standIn: ['small'],
    superposition: 'weak',
  },
  '1d': {
    title: 'Strong superposition: loss against model dimension',
    experiments: ['large'],
    standIn: ['small'],
    superposition: 'strong',
    besideLosses: true,
  },
  '2c': { title: 'Without superposition and with it', experiments: [], frame: true },
  '3a': {
    title: 'Represented fraction against weight decay',
    experiments: ['small'],
    models: (cells) => select(cells, { alpha: 1, gamma: 1 / 9, m: 'largest' }),
  },
  '3b': { title: 'Represented fraction over weight decay and data exponent', experiments: ['small'] },
  '4a': { title: 'How well the losses of the large models are power laws', experiments: ['large'] },
  '4b': { title: 'Model exponent over weight decay and data exponent', experiments: ['small'] },
  '5a': { title: 'Loss against the loss by unlearned features', experiments: ['small'] },
  '5b': { title: 'Model exponent closest to no superposition', experiments: ['small'] },
  '6a': {
    title: 'Which features are strongly represented',
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => select(cells, { alpha: 0.5, gamma: -5 / 9 }),
  },
  '6b': {
    title: 'Row norms of one model at strong superposition',
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => select(cells, { alpha: 0.5, gamma: -5 / 9 }),
  },
  '6c': {
    title: 'Strongly represented fraction against model dimension',
    experiments: ['small'],
    superposition: 'strong',
  },
  '6d': {
    title: 'Mean square overlap of strongly represented features',
    experiments: ['small'],
    superposition: 'strong',
  },
  '6e': { title: 'Model exponent against data exponent', experiments: ['small'], superposition: 'strong' },
  '7a': { title: 'Loss against activation density', experiments: ['density'] },
  '7b': {
    title: 'Loss against model dimension, by activation density',
    experiments: ['density'],
    superposition: 'strong',
  },
  '8a': { title: 'Mean square overlap of language-model heads', experiments: [], language: 'heads' },
  '8b': { title: 'Loss of language models against model dimension', experiments: [], language: 'losses' },
  '9': {
    title: 'Row norms of the large models',
    experiments: ['large'],
    models: (cells) => cells.filter(isOriginal),
  },
  '10a': { title: 'Large models: represented fraction', experiments: ['large'] },
  '10b': { title: 'Large models: loss against the loss by unlearned features', experiments: ['large'] },
  '10c': { title: 'Large models: strongly represented fraction', experiments: ['large'], superposition: 'strong' },
  '10d': {
    title: 'Large models: mean square overlap of strongly represented features',
    experiments: ['large'],
    superposition: 'strong',
  },
  '11': {
    title: 'Row norms of every model at weak superposition',
    experiments: ['small'],
    superposition: 'weak',
    models: (cells) => select(cells, { gamma: 5 / 9 }),
  },
  '12': {
    title: 'Row norms of every model at strong superposition',
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => select(cells, { gamma: -5 / 9 }),
  },
  '13': { title: 'Represented fraction at every model dimension', experiments: ['small'] },
  '14': { title: 'How well the loss is a power law of the model dimension', experiments: ['small'] },
  '15': {
    title: 'Variance of overlaps against that of random vectors',
    experiments: ['small'],
    superposition: 'strong',
    random: true,
  },
  '16': {
    title: 'Mean square overlap of weakly represented features',
    experiments: ['small'],
    superposition: 'strong',
  },
  '17': {
    title: 'Model exponent where m²/2 exceeds n throughout',
    experiments: ['wide', 'small'],
    superposition: 'strong',
  },
  '18': { title: 'Model exponent against activation density', experiments: ['density'] },
  '19': { title: 'Row norms of the head of one language model', experiments: [], language: 'head' },
  '20': { title: 'Row norms of language-model heads', experiments: [], language: 'heads' },
  '21': { title: 'Loss of language models against inverse model dimension', experiments: [], language: 'losses' },
  '22': { title: 'Token frequencies', experiments: [], language: 'tokens' },
  '23a': { title: 'Size of language models against model dimension', experiments: [], language: 'sizes' },
  '23b': { title: 'Size of the Chinchilla models against model dimension', experiments: [], language: 'sizes' },
  breakdown: { title: 'The power law as m approaches n', experiments: ['breakdown'] },
  'unit-norm': { title: 'Rows held at unit norm', experiments: ['unit-norm', 'small'] },
  'dead-units': {
    title: 'Weakly represented features: dead units and the bias they began with',
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => select(cells, { alpha: 1, gamma: -5 / 9 }),
  },
};

/** What a figure finds: an experiment and the gammas of its models. */
export interface AvailableExperiment {
  readonly experiment: string;
  readonly models: readonly { readonly gamma: number }[];
}

/** The names of the experiments to wire for a figure, given those that a parameter set has; undefined if it cannot be drawn. */
export function experimentsFor(
  figure: FigureId,
  available: readonly AvailableExperiment[],
): readonly string[] | undefined {
  const { experiments, standIn, superposition } = figureNeeds[figure];
  const counts = (name: string): boolean =>
    available.some(
      ({ experiment, models }) =>
        experiment === name && (!superposition || models.some((model) => superpositionOf(model) === superposition)),
    );
  for (const wanted of [experiments, standIn]) if (wanted?.every(counts)) return wanted;
  return undefined;
}

/** "small with γ < 0 and γ > 0, large with γ < 0": what a parameter set has, for an error beside `needOf`. */
export function listed(available: readonly AvailableExperiment[]): string {
  const signs = (models: AvailableExperiment['models']): string =>
    [...new Set(models.map((model) => (superpositionOf(model) === 'strong' ? 'γ < 0' : 'γ > 0')))].sort().join(' and ');
  return available.map(({ experiment, models }) => `${experiment} with ${signs(models)}`).join(', ') || 'no experiment';
}

/** "needs the experiment small with models at γ < 0": what `experimentsFor` did not find. */
export function needOf(figure: FigureId): string {
  const { experiments, superposition } = figureNeeds[figure];
  const sign = superposition && ` with models at γ ${superposition === 'strong' ? '< 0' : '> 0'}`;
  return `needs the ${experiments.length > 1 ? 'experiments' : 'experiment'} ${experiments.join(', ')}${sign ?? ''}`;
}

/** The value of a sweep nearest to the wanted one; the smaller of two that are equally near. */
export function nearest(values: readonly number[], wanted: number): number {
  let best = Number.NaN;
  for (const value of distinct(values)) {
    if (Number.isNaN(best) || Math.abs(value - wanted) < Math.abs(best - wanted) - 1e-9) best = value;
  }
  return best;
}

/** The weight decay nearest to the wanted one in its own regime, or in the other where there is none. */
export function nearestOfSign(gammas: readonly number[], wanted: number): number {
  const same = gammas.filter((gamma) => superpositionOf({ gamma }) === superpositionOf({ gamma: wanted }));
  return nearest(same.length ? same : gammas, wanted);
}

export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The middle model dimension of a sweep: the 4th of 6. */
export function middle(values: readonly number[]): number {
  const sorted = distinct(values);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

interface Wanted {
  readonly alpha?: number;
  readonly gamma?: number;
  readonly m?: 'largest';
}

/** The cells nearest to the wanted values: gamma = -5/9 may be written -0.556, or the grid be another. */
function select<C extends ModelCell>(cells: readonly C[], wanted: Wanted): C[] {
  const originals = cells.filter(isOriginal);
  const alphas = originals.flatMap(({ alpha }) => (alpha === null ? [] : [alpha]));
  const alpha = wanted.alpha === undefined ? undefined : nearest(alphas, wanted.alpha);
  const gamma =
    wanted.gamma === undefined
      ? undefined
      : nearestOfSign(
          originals.map((cell) => cell.gamma),
          wanted.gamma,
        );
  const sizes = distinct(originals.map((cell) => cell.m));
  const m = wanted.m && sizes.at(-1);
  return originals.filter(
    (cell) =>
      (alpha === undefined || cell.alpha === alpha) &&
      (gamma === undefined || cell.gamma === gamma) &&
      (m === undefined || cell.m === m),
  );
}

function isOriginal(cell: ModelCell): boolean {
  return (cell.replicate ?? 0) === 0;
}
