/** One toy model (Sec. 2): the data that it sees, its training, and what is measured on it. */
import type { Static } from '@sinclair/typebox';
import type { Handle } from 'repro';
import { pow } from '../numerics/elementary.ts';
import type { ModelCell, ModelMeasurement } from '../stages/toy/artifacts.ts';
import { measureGeometry } from '../stages/toy/measure-geometry/stage.ts';
import { sample } from '../stages/toy/sample/stage.ts';
import type { InitialBias } from '../stages/toy/train/initial-bias.ts';
import { train } from '../stages/toy/train/stage.ts';
import { gridValues } from './parameter-types.ts';
import type { Frequencies, Rate, Sweep, Training } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';

/** What the features are, and how a model of them is trained. */
export interface ToyModel {
  /** Frequencies p_i of the n features; density is their sum, E. */
  readonly law: Frequencies & { readonly n: number; readonly density: number };
  /** Model dimension. */
  readonly m: number;
  /** Weight decay on W; a negative one pulls the rows towards unit norm. */
  readonly gamma: number;
  readonly training: Training;
  /** Whether rows are set to unit norm after every step. Default: they are free. */
  readonly projection?: 'none' | 'unit-rows';
  /** 0, the default, for the model itself; 1, 2, ... for the same under other random numbers. */
  readonly replicate?: number;
}

/** A model of the graph: its coordinates, and the handle of its measurement. */
export interface MeasuredModel extends ModelCell {
  readonly measurement: Handle<typeof ModelMeasurement>;
}

/** Trains and measures toy models, all with the seed and the held-out samples of one parameter set. */
export type TrainModel = (model: ToyModel) => MeasuredModel;

/** What the paper draws the biases from before training. */
const standardNormal: Static<typeof InitialBias> = { mean: 0, standardDeviation: 1 };

export function toyModels({ seed, geometry }: Pick<Parameters, 'seed' | 'geometry'>): TrainModel {
  const { evaluationBatches, evaluationBatch } = geometry;
  return ({ law, m, gamma: written, training, projection = 'none', replicate = 0 }) => {
    const gamma = trainedGamma(written);
    const { distribution, evaluation } = sample({ ...law, evaluationBatches, evaluationBatch, seed }, {});
    const { n, density, frequencies } = law;
    const { batch, steps, warmup, lossScale, initialBias = standardNormal, epsilon = 1e-8 } = training;
    const adamw = { beta1: 0.9, beta2: 0.999, epsilon };
    const rates = { peakRateW: peakRate(training.peakRateW, m), peakRateB: peakRate(training.peakRateB, m) };
    const schedule = { batch, steps, warmup, lossScale };
    const recipe = { n, m, gamma, ...schedule, ...adamw, ...rates, projection, initialBias, seed, replicate };
    const { weights, losses } = train(recipe, { distribution });
    const alpha = law.frequencies === 'power-law' ? law.alpha : null;
    const { measurement } = measureGeometry(
      { ...recipe, frequencies, alpha, density },
      { weights, losses, distribution, evaluation },
    );
    const cell = { frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate };
    return { ...cell, initialBias, lossScale, epsilon, measurement };
  };
}

/** The paper's weight decays, ten from -1 to 1, with the rounding errors of evenly spaced values. */
const paperGammas = Array.from({ length: 10 }, (_, i) => -1 + (2 * i) / 9);

/**
 * The gamma that models are trained with: a model draws its random numbers by all digits of its parameters, and those
 * of the paper's gammas are as evenly spaced values have them. 1/3 in a list and the 0.33333333333333326 of a grid are
 * one model.
 */
function trainedGamma(written: number): number {
  return paperGammas.find((gamma) => Math.abs(gamma - written) < 1e-9) ?? written;
}

/** What a sweep may differ in from the models of the paper's small sweep. */
export interface SweepOptions {
  readonly projection?: ToyModel['projection'];
  /** Activation density E. Default: 1. */
  readonly density?: number;
  /** How many seeds a cell is trained with. Default: one. */
  readonly seeds?: (cell: { readonly gamma: number; readonly alpha: number; readonly m: number }) => number;
}

/** Power-law frequencies p_i ~ 1/i^alpha: all combinations of alpha, gamma and m. */
export function powerLawSweep(
  trainModel: TrainModel,
  { n, m: widths, alpha: alphas, gamma: gammas, training }: Sweep,
  { projection = 'none', density = 1, seeds = () => 1 }: SweepOptions = {},
): MeasuredModel[] {
  return gridValues(alphas).flatMap((alpha) =>
    gridValues(gammas).flatMap((gamma) =>
      widths.flatMap((m) =>
        range(seeds({ gamma, alpha, m })).map((replicate) =>
          trainModel({
            law: { frequencies: 'power-law', alpha, n, density },
            m,
            gamma,
            training,
            projection,
            replicate,
          }),
        ),
      ),
    ),
  );
}

/** The peak learning rate at model dimension m (App. B.1). */
function peakRate(rate: Rate, m: number): number {
  return typeof rate === 'number' ? rate : rate.value * pow(m / rate.atM, rate.exponent);
}

/** 0, 1, ..., count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
