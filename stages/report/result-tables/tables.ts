/** The tables of results: one row a model, a fit, a point of a fit, and an exponent of one seed. */
import { Type } from '@sinclair/typebox';
import { exp, ln } from '../../../numerics/elementary.ts';
import { mean } from '../../../numerics/statistics/moments.ts';
import { Curve, ExponentFit, ModelCell, ModelSummary } from '../../toy/model-summary.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { columnsOf } from './columns.ts';
import type { Column } from './columns.ts';

export interface Table {
  /** Its file is `<name>.csv`. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** The columns that tell its rows apart. */
  readonly key: readonly string[];
  readonly rows: (sweep: FittedSweepContent) => readonly object[];
}

const experiment = Type.String({
  description: 'Experiment, as the parameter set names it: small, large, density, ...',
});
const curveKey = ['experiment', ...columnsOf(Curve).map(({ name }) => name)];

export const models: Table = {
  name: 'models',
  title: 'What was measured on every model',
  columns: columnsOf(Type.Object({ experiment, ...ModelSummary.properties })),
  key: ['experiment', ...columnsOf(ModelCell).map(({ name }) => name)],
  rows: ({ models }) => models,
};

export const exponents: Table = {
  name: 'exponents',
  title: 'Every fit of the loss against the model dimension',
  columns: columnsOf(Type.Object({ experiment, ...ExponentFit.properties })),
  key: curveKey,
  rows: ({ exponents }) => exponents,
};

export const fitPoints: Table = {
  name: 'fit-points',
  title: 'The models that each fit was made over',
  columns: columnsOf(
    Type.Object({
      experiment,
      ...Curve.properties,
      m: ModelCell.properties.m,
      loss: Type.Number({ description: 'Loss: the geometric mean over the seeds of the fit' }),
      fittedLoss: Type.Number({ description: 'Loss on the fitted line at this m' }),
      everySeed: Type.Boolean({ description: 'Whether the fits over seeds use this m too' }),
    }),
  ),
  key: [...curveKey, 'm'],
  rows: (sweep) =>
    sweep.exponents.flatMap((fit) => {
      const own = fittedModels(fit, sweep);
      return fit.m.map((m) => {
        const logs = own.filter((model) => model.m === m).map((model) => ln(model.loss));
        const loss = exp(mean(logs));
        const fittedLoss = exp(fit.intercept - fit.exponent * ln(m));
        return { ...fit, m, loss, fittedLoss, everySeed: fit.replicates?.m.includes(m) ?? false };
      });
    }),
};

export const seedExponents: Table = {
  name: 'seed-exponents',
  title: 'The exponent of each seed, where models were repeated under other random numbers',
  columns: columnsOf(
    Type.Object({
      experiment,
      ...Curve.properties,
      replicate: ModelCell.properties.replicate,
      exponent: ExponentFit.properties.exponent,
    }),
  ),
  key: [...curveKey, 'replicate'],
  rows: (sweep) =>
    sweep.exponents.flatMap((fit) => {
      const seeds = [...new Set(fittedModels(fit, sweep).map(({ replicate }) => replicate))].sort((a, b) => a - b);
      return (fit.replicates?.exponents ?? []).map((exponent, i) => ({ ...fit, replicate: seeds[i]!, exponent }));
    }),
};

/** The models that a fit was made over: of its m, and of the seeds that lack none of these. */
function fittedModels(fit: ExponentFit, { models, missing = [] }: FittedSweepContent): ModelSummary[] {
  const isMeant = (cell: ModelCell): boolean => fit.m.includes(cell.m) && curveOf(cell) === curveOf(fit);
  const lacking = new Set(missing.filter(isMeant).map(({ replicate }) => replicate));
  return models.filter((model) => isMeant(model) && !lacking.has(model.replicate));
}

export const tables = [models, exponents, fitPoints, seedExponents] as const;

/** The rows of all experiments, in the order in which they were trained. */
export function rowsOf(table: Table, sweeps: readonly FittedSweepContent[]): object[] {
  return sweeps.flatMap((sweep) => table.rows(sweep).map((row) => ({ experiment: sweep.experiment, ...row })));
}

function curveOf(row: object): string {
  return JSON.stringify(Object.keys(Curve.properties).map((name) => (row as Record<string, unknown>)[name]));
}
