/** Figs. 3 to 6 and 11 to 16: the small sweep, over every data exponent alpha, weight decay gamma and dimension m. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, gridValues, largest, strict } from './parameter-types.ts';
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
          { gamma: Type.Array(Type.Number(), { minItems: 1 }), alpha: Type.Array(Type.Number(), { minItems: 1 }) },
          strict,
        ),
        {
          maxItems: largest.values,
          description:
            'Parts of the sweep that are not trained: these gammas at these alphas, where the sweep has them (default: none)',
        },
      ),
    ),
  },
  strict,
);

export function smallExperiments(params: Parameters, trainModel: TrainModel): Experiment[] {
  const { small, replicates } = params;
  const seeds = (cell: { readonly gamma: number; readonly alpha: number; readonly m: number }): number => {
    if (isLeftOut(small, cell)) return 0;
    return isRepeated(replicates.small, cell) ? replicates.small.count : 1;
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
  readonly leftOut?: readonly { readonly gamma: readonly number[]; readonly alpha: readonly number[] }[];
}

function isLeftOut({ leftOut = [] }: Gaps, cell: { readonly gamma: number; readonly alpha: number }): boolean {
  return leftOut.some(({ gamma, alpha }) => selectsRow(gamma, cell.gamma) && alpha.includes(cell.alpha));
}

/** How many cells of the small sweep are trained, whatever the number of seeds. */
export function smallCells(small: Static<typeof SmallParameters>): number {
  const rows = gridValues(small.alpha).flatMap((alpha) => gridValues(small.gamma).map((gamma) => ({ alpha, gamma })));
  return rows.filter((row) => !isLeftOut(small, row)).length * small.m.length;
}

/** Whether a gamma written with three digits means this one. */
export function selectsRow(written: readonly number[], gamma: number): boolean {
  return written.some((value) => Math.abs(value - gamma) < 0.005);
}

/** Cells that are trained under several seeds: those of some gammas, at all or some alphas and m. */
interface Repeated {
  readonly gamma: readonly number[];
  readonly alpha?: readonly number[];
  readonly m?: readonly number[];
}

function isRepeated(
  { gamma: gammas, alpha: alphas, m: widths }: Repeated,
  { gamma, alpha, m }: { readonly gamma: number; readonly alpha: number; readonly m: number },
): boolean {
  return selectsRow(gammas, gamma) && (alphas?.includes(alpha) ?? true) && (widths?.includes(m) ?? true);
}
