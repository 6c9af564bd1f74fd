/**
 * The choices that could have been made otherwise, and every combination of them: a world. Each is computed from stored
 * measurements; nothing is trained again.
 */
import type { FittedSweepContent, ModelCell, ModelSummary } from '../../toy/artifacts.ts';
import { fitSweep } from '../../toy/fit-exponents/fit.ts';
import type { FitRange } from '../../toy/fit-exponents/fit.ts';
import { readAs } from '../../toy/readings.ts';
import { cellKey, curveKey } from '../../toy/cell-keys.ts';

/** Which points the lines of log L against log m go through: of each line, those that it has in the run. */
export const fitRanges = ['all', 'without the smallest m', 'without the largest m'] as const;
/** Losses on fresh data and Eq. 4, or the last training losses and the formula of App. D.5, as the scripts have them. */
export const readings = ['text', 'scripts'] as const;
/** What the constants of a rule are multiplied by: see `scaledExpectation`. */
export const constants = [0.5, 1, 2] as const;

export interface World {
  readonly range: (typeof fitRanges)[number];
  readonly reading: (typeof readings)[number];
  /** Means over seeds, or the models of one seed where a cell has several. */
  readonly seed: 'mean' | number;
  readonly constant: number;
}

/** A world but for the constants of its rules: what is measured in it. */
export type Base = Omit<World, 'constant'>;

/** All combinations, with as many seeds as the models have. */
export function basesOf(sweeps: readonly FittedSweepContent[]): Base[] {
  const last = Math.max(0, ...sweeps.flatMap(({ models }) => models.map(({ replicate }) => replicate)));
  const seeds: World['seed'][] = ['mean', ...Array.from({ length: last > 0 ? last + 1 : 0 }, (_, seed) => seed)];
  return fitRanges.flatMap((range) => readings.flatMap((reading) => seeds.map((seed) => ({ range, reading, seed }))));
}

/** An experiment as a world has it. Cells are never fewer than in the run: a fit range leaves points out of lines alone. */
export function sweepIn(sweep: FittedSweepContent, { range, reading, seed }: Base): FittedSweepContent {
  const { experiment, exponents, missing = [] } = sweep;
  const read = reading === 'text' ? sweep.models : sweep.models.map((model) => readAs(model, readingsOfScripts));
  const models = seed === 'mean' ? read : oneSeed(read, seed);
  const there = new Set(models.map(cellKey));
  const ranges = rangesOf(exponents);
  const isInLine = range === 'all' ? () => true : withoutAnEnd([...models, ...missing], ranges, range);
  const fitted = fitSweep(
    experiment,
    ranges,
    models.filter(isInLine),
    missing.filter(
      (cell) => isInLine(cell) && (seed === 'mean' || (cell.replicate === 0 && !there.has(cellKey(cell)))),
    ),
  );
  return { experiment, models, exponents: fitted.exponents, ...(missing.length > 0 && { missing }) };
}

/** Whether a model is not at the smallest or the largest m of the line of its curve, be it finished or planned. */
function withoutAnEnd(
  planned: readonly ModelCell[],
  ranges: readonly FitRange[],
  range: Exclude<World['range'], 'all'>,
): (cell: ModelCell) => boolean {
  const ends = new Map<string, number>();
  for (const cell of planned) {
    const first = firstOfLine(cell, ranges);
    if (first === undefined || cell.m < first) continue;
    const [key, known] = [curveKey(cell), ends.get(curveKey(cell)) ?? cell.m];
    ends.set(key, range === 'without the smallest m' ? Math.min(known, cell.m) : Math.max(known, cell.m));
  }
  return (cell) => cell.m !== ends.get(curveKey(cell));
}

/** The m from which on lines of this law and regime go; undefined where the run has none, and so no world has. */
function firstOfLine({ frequencies, gamma }: ModelCell, ranges: readonly FitRange[]): number | undefined {
  const regime = gamma < 0 ? 'strong' : 'weak';
  const own = ranges.find((range) => range.frequencies === frequencies && range.superposition === regime);
  return own?.minimumM;
}

const readingsOfScripts = { finalLoss: 'last-training', unlearnedLoss: 'app-d5' } as const;

/** The models of one seed; where a cell has not so many, its first. Each is told as the first. */
function oneSeed(models: readonly ModelSummary[], seed: number): ModelSummary[] {
  const cells = new Map<string, ModelSummary>();
  for (const model of models)
    if (model.replicate === 0 || model.replicate === seed) cells.set(cellKey(model), { ...model, replicate: 0 });
  return [...cells.values()];
}

/** From which m the lines of the run start, law by law. */
function rangesOf(exponents: FittedSweepContent['exponents']): FitRange[] {
  return exponents.map(({ frequencies, gamma, m }) => ({
    frequencies,
    superposition: gamma < 0 ? 'strong' : 'weak',
    minimumM: m[0]!,
  }));
}
