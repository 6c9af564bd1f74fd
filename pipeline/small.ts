/** Figs. 3 to 6 and 11 to 16: the small sweep, over every data exponent alpha, weight decay gamma and dimension m. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, Widths, gridValues, largest, strict } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const SmallParameters = Type.Object(
  {
    ...Sweep,
    unitRows: Type.Union([Type.Boolean(), Type.Object({ alpha: Type.Array(Type.Number(), { minItems: 1 }) }, strict)], {
      description: 'Train each cell, or those of some alphas, once more with rows projected to unit norm',
    }),
    leftOut: Type.Optional(
      Type.Array(
        Type.Object(
          {
            gamma: Type.Array(Type.Number(), { minItems: 1 }),
            alpha: Type.Optional(Type.Array(Type.Number(), { minItems: 1 })),
            m: Type.Optional(Widths),
          },
          strict,
        ),
        {
          maxItems: largest.values,
          description:
            'Parts of the sweep that are not trained: these gammas, at these alphas and m (default: at all), where the sweep has them (default: none)',
        },
      ),
    ),
  },
  strict,
);

export function smallExperiments(params: Parameters, trainModel: TrainModel): Experiment[] {
  const { small, replicates } = params;
  const seeds = (cell: Cell): number => {
    if (isLeftOut(small, cell)) return 0;
    return isPartOf(replicates.small, cell) ? replicates.small.count : 1;
  };
  const whole = experiment('small', () => powerLawSweep(trainModel, small, { seeds }));
  if (!small.unitRows) return [whole];
  // Beyond the paper: does it matter that rows may grow, or only that they do not shrink?
  const { alpha } = small.unitRows === true ? small : small.unitRows;
  const held = { ...small, alpha, gamma: [-1] };
  return [whole, experiment('unit-norm', () => powerLawSweep(trainModel, held, { projection: 'unit-rows' }))];
}

/** What of a sweep is not trained. */
interface Gaps {
  readonly leftOut?: readonly Part[];
}

function isLeftOut({ leftOut = [] }: Gaps, cell: Cell): boolean {
  return leftOut.some((part) => isPartOf(part, cell));
}

/** How many cells of the small sweep are trained, whatever the number of seeds. */
export function smallCells(small: Static<typeof SmallParameters>): number {
  return cellsOf(small).length;
}

/** How many of them are trained again under other seeds. */
export function repeatedCells({ small, replicates }: Pick<Parameters, 'small' | 'replicates'>): number {
  return replicates.small.count > 1 ? cellsOf(small).filter((cell) => isPartOf(replicates.small, cell)).length : 0;
}

function cellsOf(small: Static<typeof SmallParameters>): Cell[] {
  const cells = gridValues(small.alpha).flatMap((alpha) =>
    gridValues(small.gamma).flatMap((gamma) => small.m.map((m) => ({ alpha, gamma, m }))),
  );
  return cells.filter((cell) => !isLeftOut(small, cell));
}

/** Whether a gamma written with three digits means this one. */
export function selectsRow(written: readonly number[], gamma: number): boolean {
  return written.some((value) => Math.abs(value - gamma) < 0.005);
}

interface Cell {
  readonly gamma: number;
  readonly alpha: number;
  readonly m: number;
}

/** Cells of the sweep: those of some gammas, at all or some alphas and m. */
interface Part {
  readonly gamma: readonly number[];
  readonly alpha?: readonly number[];
  readonly m?: readonly number[];
}

function isPartOf({ gamma, alpha, m }: Part, cell: Cell): boolean {
  return selectsRow(gamma, cell.gamma) && (alpha?.includes(cell.alpha) ?? true) && (m?.includes(cell.m) ?? true);
}
