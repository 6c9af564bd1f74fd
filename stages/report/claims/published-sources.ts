/**
 * The points that the authors published, in the form of a run's results, so that the same rules can be asked of them:
 * arithmetic on their measurement. What their figures do not show is undefined, and the rules find no cell there.
 */
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import { fitLosses } from '../../language/fit-losses/fit.ts';
import type { HeadSummary } from '../../language/artifacts.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import type { ExponentFit, ModelSummary } from '../../toy/model-summary.ts';
import { fitSweep } from '../../toy/fit-exponents/fit.ts';
import type { FitRange } from '../../toy/fit-exponents/fit.ts';
import { unlearnedLoss } from '../../toy/measure-geometry/unlearned.ts';
import type { Sources } from './quantities/sources.ts';

type Series = PublishedPointsContent['series'];

/** App. D.1: the points that the paper's lines go through. */
const fitted: readonly FitRange[] = [
  { frequencies: 'power-law', superposition: 'weak', minimumM: 64 },
  { frequencies: 'power-law', superposition: 'strong', minimumM: 32 },
  { frequencies: 'linear', superposition: 'strong', minimumM: 32 },
];

/** Without what takes long, the bootstrap of the fit to their language models. */
export function publishedSweeps({ series }: PublishedPointsContent): Sources['sweeps'] {
  return [small(series), density(series), large(series)];
}

export function publishedSources(published: PublishedPointsContent): Sources {
  const { series } = published;
  return {
    sweeps: publishedSweeps(published),
    ...{ random: undefined, languageModels: undefined, sizes: undefined, readsModels: false, tokens: undefined },
    heads: heads(series),
    losses: losses(series),
    representedCorrelations: series.representedCorrelations.rows,
  };
}

/** A model of which little is known. */
function model(known: Partial<ModelSummary>): ModelSummary {
  const cell = {
    ...{ frequencies: 'power-law', alpha: 1, n: publishedFeatures.small, density: 1, projection: 'none', replicate: 0 },
    ...{ batch: 2048, steps: 20000, lossScale: 1, epsilon: 1e-8, initialBias: { mean: 0, standardDeviation: 1 } },
  };
  return { ...cell, ...known } as ModelSummary;
}

/** Fractions are integers over n, read to 1e-3 or better. */
const wholeFeatures = (fraction: number, n: number): number => Math.round(fraction * n) / n;

function small({
  representedFractions,
  stronglyRepresentedFractions,
  lossesByDensity,
  lossesByWidthAndDensity,
  exponents,
  strongExponents,
  exponentsClosestToNoSuperposition: closest,
}: Series): FittedSweepContent {
  const models = new Map<string, Partial<ModelSummary>>();
  const add = (known: Partial<ModelSummary> & { gamma: number; alpha: number; m: number }): void => {
    const key = [grid(known.gamma), known.alpha, known.m].join(' ');
    models.set(key, { ...models.get(key), ...known });
  };
  for (const { alpha, m, gamma, fraction } of stronglyRepresentedFractions.rows)
    add({ alpha, m, gamma, stronglyRepresentedFraction: wholeFeatures(fraction, publishedFeatures.small) });
  for (const { gamma, density, m, loss } of lossesByWidthAndDensity.rows)
    if (density === 1) add({ alpha: 1, gamma, m, loss });
  for (const { gamma, density, m, alpha, loss } of lossesByDensity.rows)
    if (density === 1) add({ alpha, gamma, m, loss });
  for (const { alpha, m, gamma, fraction } of representedFractions.rows) {
    const representedFraction = wholeFeatures(fraction, publishedFeatures.small);
    const p = featureFrequencies({ frequencies: 'power-law', n: publishedFeatures.small, alpha, density: 1 });
    const count = Math.round(representedFraction * publishedFeatures.small);
    add({ alpha, m, gamma, representedFraction, unlearnedLoss: unlearnedLoss(p, count) });
  }
  // The points of a line are known better than the colours of a map.
  const better = new Map([...strongExponents.rows, ...closest.rows].map((row) => [cellOf(row), row]));
  const nearest = new Set(closest.rows.map(cellOf));
  const fits = exponents.rows.map((row) => {
    const { exponent, standardError } = { standardError: Number.NaN, ...(better.get(cellOf(row)) ?? row) };
    const { gamma, alpha } = row;
    const ambiguity = nearest.has(cellOf(row)) ? 0 : Infinity;
    const error = { standardError, low: Number.NaN, high: Number.NaN };
    return {
      ...model({ gamma, alpha }),
      ...{ exponent, ...error, errorFrom: 'fit', fit: error, curvature: null, replicates: null },
      ...{ intercept: Number.NaN, r2: Number.NaN, m: [10, 15, 25, 39, 63, 100], maximumAmbiguity: ambiguity },
    } as unknown as ExponentFit;
  });
  return { experiment: 'small', models: [...models.values()].map(model), exponents: fits };
}

const grid = (gamma: number): string => gamma.toFixed(4);
const cellOf = ({ gamma, alpha }: { readonly gamma: number; readonly alpha: number }): string =>
  `${grid(gamma)} ${alpha}`;

function density({ lossesByDensity, lossesByWidthAndDensity }: Series): FittedSweepContent {
  const models = new Map<string, ModelSummary>();
  for (const row of [...lossesByDensity.rows.map((row) => row), ...lossesByWidthAndDensity.rows]) {
    const { gamma, density: level, m, loss } = row;
    const key = [grid(gamma), level.toFixed(4), m].join(' ');
    const known = models.get(key);
    // A point that two figures show is one model.
    models.set(key, known ?? model({ gamma, density: Number(level.toFixed(6)), m, loss }));
  }
  return fitSweep('density', [], [...models.values()]);
}

function large({ largeLosses }: Series): FittedSweepContent {
  const models = largeLosses.rows.map(({ frequencies, regime, m, loss }) =>
    model({
      ...{ frequencies, m, loss, n: publishedFeatures.large, lossScale: 100 },
      alpha: frequencies === 'power-law' ? 1.2 : null,
      gamma: regime === 'strong' ? -1 : 0.1,
    }),
  );
  return fitSweep('large', fitted, models);
}

function heads({ languageOverlaps }: Series): Sources['heads'] {
  const { rows } = languageOverlaps;
  const norm = { mean: Number.NaN, standardDeviation: Number.NaN, minimum: Number.NaN, maximum: Number.NaN };
  const found = rows.map(({ family, model: name, m, meanSquare }) => ({ family, model: name, m, meanSquare, norm }));
  const line = fitPowerLaw(
    rows.map(({ m }) => m),
    rows.map(({ meanSquare }) => meanSquare),
  );
  return {
    heads: found as unknown as HeadSummary[],
    overlap: line,
    ...{ crossEntropy: null, crossEntropyOneLine: null, norms: [] },
  };
}

/** Of the bootstrap, which is told with the exponent. */
const draws = 200;
const key = { k0: 0x5eed, k1: 0x8b };

function losses({ languageLosses }: Series): Sources['losses'] {
  const points = languageLosses.rows.map(({ family, model: name, dataset, m, loss }) => ({
    ...{ family, model: name, dataset, m, loss },
    // Not known, and not used.
    ...{ texts: 1, tokens: 1 },
  }));
  return fitLosses(points, draws, key);
}

/** Equal to this, relative, is a copy: no two trainings end so close. */
const copied = 1e-6;
/** Fewer may agree by accident of rounding. */
const fewestCopies = 3;

/** Throws if losses of a run are the authors' points: these are compared with a run's own, and never taken for them. */
export function checkIndependence(sweeps: readonly FittedSweepContent[], published: PublishedPointsContent): void {
  const theirs = publishedSweeps(published);
  for (const { experiment, models } of sweeps) {
    const known = (theirs.find((sweep) => sweep.experiment === experiment)?.models ?? []).flatMap(({ loss }) =>
      typeof loss === 'number' ? [loss] : [],
    );
    const copies = models.filter(({ loss }) => known.some((value) => Math.abs(loss - value) <= copied * value)).length;
    if (copies >= fewestCopies && copies > known.length / 2)
      throw new Error(
        `${experiment}: ${copies} of ${models.length} losses are the authors' published points: expected measurements of this run`,
      );
  }
}
