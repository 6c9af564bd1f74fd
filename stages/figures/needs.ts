/** What a figure is drawn from, for the planner: it wires exactly these inputs, so that a figure is drawn again only when something it shows has changed. */
import { distinct } from 'repro/figures';

/** What tells one model of an experiment from another: the summary of a measurement has it, and so has a planned node. */
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
  /** Names of the experiments whose fitted sweeps it reads; it cannot be drawn without all of them. */
  readonly experiments?: readonly string[];
  /** Read instead where a parameter set lacks one of `experiments`; the title and the caption say so. */
  readonly standIn?: readonly string[];
  /** The sign of gamma that it is about: an experiment without such models does not count. */
  readonly superposition?: Superposition;
  /** Of the cells of each of its experiments, those whose measurement (norms by row) it reads. */
  readonly models?: <C extends ModelCell>(cells: readonly C[]) => C[];
  /** Reads the random-vector reference, if there is one. */
  readonly random?: true;
  /** What of language models it cannot be drawn without. */
  readonly language?: LanguageKind;
  /** Drawn from the authors' points, as not measured again, where a set reads no language models. */
  readonly publishedInstead?: true;
  /** Shows the losses of language models too, where there are any. */
  readonly besideLosses?: true;
  /** Shows the points of the authors' figures too. */
  readonly published?: true;
  /** Reads the vectors of least frame potential. */
  readonly frame?: true;
  /** Reads the first steps of one small model from two sets of initial biases. */
  readonly firstSteps?: true;
}

export type Superposition = 'strong' | 'weak';

/** Weight growth leads to strong superposition, weight decay to weak (Sec. 2). */
export function superpositionOf({ gamma }: { readonly gamma: number }): Superposition {
  return gamma < 0 ? 'strong' : 'weak';
}

/** What a figure finds: an experiment and the gammas of its models. */
export interface AvailableExperiment {
  readonly experiment: string;
  readonly models: readonly { readonly gamma: number }[];
}

/** The names of the experiments to wire for a figure, of those that a parameter set has; undefined if it cannot be drawn. */
export function experimentsFor(
  { experiments = [], standIn, superposition }: FigureNeeds,
  available: readonly AvailableExperiment[],
): readonly string[] | undefined {
  const counts = (name: string): boolean =>
    available.some(
      ({ experiment, models }) =>
        experiment === name && (!superposition || models.some((model) => superpositionOf(model) === superposition)),
    );
  for (const wanted of [experiments, standIn]) if (wanted?.every(counts)) return wanted;
  return undefined;
}

/** "small with γ < 0 and γ > 0, large with γ < 0": what a parameter set has, for an error next to `needOf`. */
export function listed(available: readonly AvailableExperiment[]): string {
  const signs = (models: AvailableExperiment['models']): string =>
    [...new Set(models.map((model) => (superpositionOf(model) === 'strong' ? 'γ < 0' : 'γ > 0')))].sort().join(' and ');
  return available.map(({ experiment, models }) => `${experiment} with ${signs(models)}`).join(', ') || 'no experiment';
}

/** "needs the experiment small with models at γ < 0": what `experimentsFor` did not find. */
export function needOf({ experiments = [], superposition }: FigureNeeds): string {
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
export function nearestCells<C extends ModelCell>(cells: readonly C[], wanted: Wanted): C[] {
  const models = originals(cells);
  const alphas = models.flatMap(({ alpha }) => (alpha === null ? [] : [alpha]));
  const alpha = wanted.alpha === undefined ? undefined : nearest(alphas, wanted.alpha);
  const gammas = models.map((cell) => cell.gamma);
  const gamma = wanted.gamma === undefined ? undefined : nearestOfSign(gammas, wanted.gamma);
  const m = wanted.m && distinct(models.map((cell) => cell.m)).at(-1);
  return models.filter(
    (cell) =>
      (alpha === undefined || cell.alpha === alpha) &&
      (gamma === undefined || cell.gamma === gamma) &&
      (m === undefined || cell.m === m),
  );
}

/** The models themselves, without their repetitions under other random numbers. */
export function originals<C extends ModelCell>(cells: readonly C[]): C[] {
  return cells.filter((cell) => (cell.replicate ?? 0) === 0);
}
