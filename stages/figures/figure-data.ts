/** What a figure is drawn from, and which cells of it the figure shows. */
import type { ValueOf } from 'repro';
import type {
  ExponentFit,
  FittedSweepContent,
  ModelMeasurement,
  ModelSummary,
  RandomGeometry,
  TightFrame,
} from '../toy/artifacts.ts';
import { distinct, signed, some } from 'repro/figures';
import type { FirstSteps } from '../toy/first-steps/artifact.ts';
import type { PublishedPointsContent } from '../published/points.ts';
import type { PaperFigure } from './define.ts';
import { experimentsFor, listed, nearest, nearestOfSign, needOf } from './needs.ts';
import type { LanguageEvidence } from './parts/language-evidence.ts';

export type Measurement = ValueOf<typeof ModelMeasurement>;
export type RandomRow = ValueOf<typeof RandomGeometry>['rows'][number];
export type Frame = ValueOf<typeof TightFrame>;
export type FirstStepsContent = ValueOf<typeof FirstSteps>;

export interface FigureInputs {
  readonly sweeps: readonly FittedSweepContent[];
  readonly models: readonly Measurement[];
  readonly random: ValueOf<typeof RandomGeometry> | undefined;
  readonly frame: Frame | undefined;
  readonly firstSteps?: FirstStepsContent | undefined;
  readonly published?: PublishedPointsContent | undefined;
  readonly language?: LanguageEvidence;
}

/** The models of one experiment with rows of one kind, and the fits of their curves. */
export interface Sweep {
  readonly experiment: string;
  readonly models: readonly ModelSummary[];
  readonly exponents: readonly ExponentFit[];
}

export class FigureData {
  readonly figure: string;
  readonly title: string;
  readonly #inputs: FigureInputs;

  constructor({ id, title, needs }: Pick<PaperFigure, 'id' | 'title' | 'needs'>, inputs: FigureInputs) {
    this.figure = id;
    this.title = title;
    this.#inputs = inputs;
    const planned = inputs.sweeps.map(({ experiment, models, missing = [] }) => ({
      experiment,
      models: [...models, ...missing],
    }));
    if (!experimentsFor(needs, planned)) {
      throw new Error(`figure ${id} ${needOf(needs)}: its inputs are of ${listed(planned)}`);
    }
  }

  has(experiment: string): boolean {
    return this.#inputs.sweeps.some((sweep) => sweep.experiment === experiment);
  }

  /** Whether a run has left models of the experiment out so far. */
  isUnfinished(experiment: string): boolean {
    return this.#inputs.sweeps.some((sweep) => sweep.experiment === experiment && (sweep.missing ?? []).length > 0);
  }

  /** Throws where the sweep is missing or has no such models. Replicates are left to the claims. */
  sweep(experiment: string, projection: ModelSummary['projection'] = 'none'): Sweep {
    const { models, exponents } = this.everySeed(experiment, projection);
    const originals = models.filter(({ replicate }) => replicate === 0);
    return { experiment, models: some(originals, `models in "${experiment}"`), exponents };
  }

  /** The same with the replicates. */
  everySeed(experiment: string, projection: ModelSummary['projection'] = 'none'): Sweep {
    const found = this.#inputs.sweeps.find((sweep) => sweep.experiment === experiment);
    if (!found) throw new Error(`figure ${this.figure}: experiment "${experiment}" is missing`);
    const models = found.models.filter((model) => model.projection === projection);
    const exponents = found.exponents.filter((fit) => fit.projection === projection);
    return { experiment, models: some(models, `models in "${experiment}"`), exponents };
  }

  /** The measurements wired to this figure. */
  get measurements(): readonly Measurement[] {
    return some(this.#inputs.models, 'measurements of single models');
  }

  /** What was measured on language models; the planner wires what the figure's needs list. */
  get language(): LanguageEvidence {
    return this.#inputs.language ?? {};
  }

  languageEvidence<K extends keyof LanguageEvidence>(kind: K): NonNullable<LanguageEvidence[K]> {
    const found = this.language[kind];
    if (!found) throw new Error(`figure ${this.figure}: the ${kind} of language models are missing`);
    return found;
  }

  get random(): readonly RandomRow[] {
    return this.#inputs.random?.rows ?? [];
  }

  /** The points of one series of the authors' figures; none where they are not wired. */
  published<S extends keyof PublishedPointsContent['series']>(
    series: S,
  ): readonly PublishedPointsContent['series'][S]['rows'][number][] {
    return this.#inputs.published?.series[series].rows ?? [];
  }

  get frame(): Frame {
    if (!this.#inputs.frame) throw new Error(`figure ${this.figure}: the vectors of least frame potential are missing`);
    return this.#inputs.frame;
  }

  get firstSteps(): FirstStepsContent {
    if (!this.#inputs.firstSteps) throw new Error(`figure ${this.figure}: the first steps of a model are missing`);
    return this.#inputs.firstSteps;
  }
}

/** gamma = -5/9 may be written -0.556. */
export const sameGamma = (a: number, b: number): boolean => Math.abs(a - b) < 0.005;

export const gammasOf = (rows: readonly { gamma: number }[]): number[] => distinct(rows.map((row) => row.gamma));
export const widthsOf = (rows: readonly { m: number }[]): number[] => distinct(rows.map((row) => row.m));
export const alphasOf = (rows: readonly { alpha: number | null }[]): number[] =>
  distinct(rows.flatMap(({ alpha }) => (alpha === null ? [] : [alpha])));
export const densitiesOf = (rows: readonly { density: number }[]): number[] => distinct(rows.map((row) => row.density));

/** The values of a sweep nearest to the paper's, each once, and what a caption must say where they differ. */
export function nearestValues(
  values: readonly number[],
  wanted: readonly number[],
  symbol: string,
  nearestTo = nearest,
): { chosen: number[]; remark: string } {
  const chosen = distinct(wanted.map((value) => nearestTo(values, value)));
  const found = wanted.filter((value) => values.some((other) => sameGamma(value, other)));
  const list = (numbers: readonly number[]): string => numbers.map((value) => signed(value, 3)).join(', ');
  if (found.length === wanted.length) return { chosen, remark: '' };
  if (!found.length)
    return { chosen, remark: ` The paper's ${symbol} = ${list(wanted)} is not in this set; the nearest is drawn.` };
  return {
    chosen: chosen.filter((value) => found.some((other) => sameGamma(value, other))),
    remark: ` Of the paper's ${symbol} = ${list(wanted)} this set has ${list(found)}.`,
  };
}

/** The weight decays nearest to the paper's, strong ones for strong and weak for weak. */
export function nearestGammas(
  values: readonly number[],
  wanted: readonly number[],
): { chosen: number[]; remark: string } {
  return nearestValues(values, wanted, 'γ', nearestOfSign);
}

/** "n = 1000, m = 10 to 100, 20000 steps": what a set is, for subtitles. */
export function scaleOf(models: readonly ModelSummary[]): string {
  const widths = widthsOf(models);
  const m = widths.length > 1 ? `${widths[0]!} to ${widths.at(-1)!}` : String(widths[0]);
  const steps = distinct(models.map((model) => model.steps));
  return `n = ${distinct(models.map((model) => model.n)).join(', ')}, m = ${m}, ${steps.join(', ')} steps`;
}
