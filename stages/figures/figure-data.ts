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
import type { LanguageEvidence } from './language-evidence.ts';
import { distinct, experimentsFor, figureNeeds, listed, nearest, nearestOfSign, needOf } from './needs.ts';
import type { FigureId } from './needs.ts';
import type { Fragment } from './theme.ts';

export type Measurement = ValueOf<typeof ModelMeasurement>;
export type RandomRow = ValueOf<typeof RandomGeometry>['rows'][number];
export type Frame = ValueOf<typeof TightFrame>;

export interface FigureInputs {
  readonly sweeps: readonly FittedSweepContent[];
  readonly models: readonly Measurement[];
  readonly random: ValueOf<typeof RandomGeometry> | undefined;
  readonly frame: Frame | undefined;
  readonly language?: LanguageEvidence;
}

/** The models of a parameter set leave nothing to draw; the message says of what. */
export class NothingToDraw extends Error {
  override readonly name = 'NothingToDraw';
}

/** A figure is a value: a self-contained Vega-Lite specification and the words beneath it. */
export interface Figure {
  readonly specification: Fragment;
  readonly caption: string;
}

/** The models of one experiment, one per cell: replicates and projected rows are left to the claims. */
export interface Sweep {
  readonly experiment: string;
  readonly models: readonly ModelSummary[];
  readonly exponents: readonly ExponentFit[];
}

export class FigureData {
  readonly figure: FigureId;
  readonly #inputs: FigureInputs;

  constructor(figure: FigureId, inputs: FigureInputs) {
    this.figure = figure;
    this.#inputs = inputs;
    if (!experimentsFor(figure, inputs.sweeps)) {
      throw new Error(`figure ${figure} ${needOf(figure)}: its inputs are of ${listed(inputs.sweeps)}`);
    }
  }

  get title(): string {
    return figureNeeds[this.figure].title;
  }

  has(experiment: string): boolean {
    return this.#inputs.sweeps.some((sweep) => sweep.experiment === experiment);
  }

  /** Throws where the sweep is missing or has no such models. Replicates are left to the claims. */
  sweep(experiment: string, projection: ModelSummary['projection'] = 'none'): Sweep {
    const found = this.#inputs.sweeps.find((sweep) => sweep.experiment === experiment);
    if (!found) throw new Error(`figure ${this.figure}: experiment "${experiment}" is missing`);
    const models = found.models.filter((model) => model.replicate === 0 && model.projection === projection);
    const exponents = found.exponents.filter((fit) => fit.projection === projection);
    return { experiment, models: this.some(models, `models in "${experiment}"`), exponents };
  }

  /** The measurements wired to this figure. */
  get measurements(): readonly Measurement[] {
    return this.some(this.#inputs.models, 'measurements of single models');
  }

  /** What was measured on language models; the planner wires what `figureNeeds` lists. */
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

  get frame(): Frame {
    if (!this.#inputs.frame) throw new Error(`figure ${this.figure}: the vectors of least frame potential are missing`);
    return this.#inputs.frame;
  }

  /** The rows as they are; a parameter set may lack what a figure shows, and then its page says so. */
  some<T>(rows: readonly T[], what: string): readonly T[] {
    if (rows.length === 0) throw new NothingToDraw(`there are no ${what}`);
    return rows;
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

/** With a true minus sign and at most so many decimals: "−0.556". */
export function signed(value: number, decimals = 2): string {
  const text = String(Number(value.toFixed(decimals)));
  return text.replace('-', '−');
}

/** "0.333", or "0.333 to 0.556": what a list of values covers. */
export function span(values: readonly number[], decimals = 3): string {
  const [low, high] = [signed(Math.min(...values), decimals), signed(Math.max(...values), decimals)];
  return low === high ? low : `${low} to ${high}`;
}

/** Fixed decimals with a true minus sign: "1.00". */
export function fixed(value: number, decimals = 2): string {
  return value.toFixed(decimals).replace('-', '−');
}

/** Six significant digits: more than a figure can show, and the files stay small. */
export function compact(value: number): number {
  return Number(value.toPrecision(6));
}

/** A row for the figure: its numbers to six digits. */
export function compactRow<R extends Record<string, unknown>>(row: R): R {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? compact(value) : value]),
  ) as R;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}
