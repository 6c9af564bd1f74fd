/** What a schema cannot say of parameters: that they make sense together. */
import { InputError } from 'repro';
import { featureFrequencies } from '../numerics/features/frequencies.ts';
import type { FrequencyLaw } from '../numerics/features/frequencies.ts';
import { densitiesOf } from './density.ts';
import { gridSize, gridValues, largest } from './parameter-types.ts';
import type { Grid } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';

/** Throws an InputError for the first experiment that cannot be: m > n, p_i > 1, warm-up longer than the schedule. */
export function checkParameters(params: Parameters, file: string): void {
  const { small, density, wide, large, insensitivity, breakdown, variants } = params;
  const powerLaws = {
    small,
    density,
    wide,
    insensitivity,
    'insensitivity.large': insensitivity?.large,
    breakdown,
    variants,
  };
  for (const [name, experiment] of Object.entries({ ...powerLaws, large })) {
    if (!experiment) continue;
    const { n, m, training } = experiment;
    checkCount(`${file}: ${name}`, experiment);
    checkWidths(`${file}: ${name}`, m, n);
    if (training.warmup >= training.steps) {
      throw new InputError(
        `${file}: ${name}.training.warmup = ${training.warmup}: expected less than steps = ${training.steps}`,
      );
    }
  }
  if (large)
    for (const law of large.distributions)
      checkFrequencies(`${file}: large.distributions`, { ...law, n: large.n, density: 1 });
  for (const [name, experiment] of Object.entries(powerLaws))
    if (experiment) checkAlphas(`${file}: ${name}.alpha`, experiment.alpha, experiment.n);
  checkInitialBias(params, file);
  if (variants)
    checkFrequencies(`${file}: variants.scale = ${variants.scale}`, {
      frequencies: 'exponential',
      scale: variants.scale,
      firstIndex: 1,
      n: variants.n,
      density: 1,
    });
  if (density) {
    for (const alpha of gridValues(density.alpha)) {
      for (const level of densitiesOf(density, alpha))
        checkFrequencies(`${file}: density.density = ${level}`, {
          frequencies: 'power-law',
          alpha,
          n: density.n,
          density: level,
        });
    }
  }
}

/**
 * Models of the small and the large experiment with other initial biases, which may have other m and alpha than these.
 * Controls are compared with the models of the rows, so they are some of these.
 */
function checkInitialBias({ initialBias, small, large }: Parameters, file: string): void {
  if (!initialBias) return;
  const { rows, alpha, between, controls, large: largeZero } = initialBias;
  checkWidths(`${file}: initialBias.rows`, rows.m ?? [], small.n);
  if (large) checkWidths(`${file}: initialBias.large`, largeZero?.m ?? [], large.n);
  const alphas = { 'rows.alpha': rows.alpha ?? [], alpha, 'between.alpha': between?.alpha ?? [] };
  for (const [name, values] of Object.entries(alphas)) checkAlphas(`${file}: initialBias.${name}`, values, small.n);
  if (!controls) return;
  const among = { alpha: gridValues(rows.alpha ?? small.alpha), gamma: rows.gamma, m: rows.m ?? small.m };
  for (const name of ['alpha', 'gamma', 'm'] as const) {
    const other = gridValues(controls[name]).find((value) => !among[name].includes(value));
    if (other === undefined) continue;
    const expected = `expected one of initialBias.rows: ${among[name].join(', ')}`;
    throw new InputError(`${file}: initialBias.controls.${name}: ${other}: ${expected}`);
  }
}

function checkWidths(where: string, m: readonly number[], n: number): void {
  m.forEach((width, i) => {
    if (width > n) throw new InputError(`${where}.m[${i}] = ${width}: expected at most n = ${n}`);
  });
}

function checkAlphas(where: string, alphas: Grid, n: number): void {
  for (const alpha of gridValues(alphas)) {
    if (alpha < 0) throw new InputError(`${where} = ${alpha}: expected at least 0`);
    checkFrequencies(where, { frequencies: 'power-law', alpha, n, density: 1 });
  }
}

/** Before any of them is planned: all combinations of three lists are easily more than anyone means. */
function checkCount(
  where: string,
  { m, gamma, ...rest }: { readonly m: readonly number[]; readonly gamma: Grid; readonly alpha?: Grid },
): void {
  const models = m.length * gridSize(gamma) * (rest.alpha === undefined ? 1 : gridSize(rest.alpha));
  if (models > largest.models) {
    throw new InputError(`${where}: ${models} combinations of m, gamma and alpha: expected at most ${largest.models}`);
  }
}

function checkFrequencies(where: string, law: FrequencyLaw): void {
  try {
    featureFrequencies(law);
  } catch (error) {
    throw new InputError(`${where}: ${(error as Error).message}`);
  }
}
