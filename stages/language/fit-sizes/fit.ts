/** Parameters against width: N ~ m^slope (Sec. 3, App. D.8, Fig. 23). */
import { bootstrap } from '../../../numerics/statistics/bootstrap.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { fitParallelLines, logs } from '../../../numerics/statistics/regression.ts';
import type { ValueOf } from 'repro';
import type { LanguageModels } from '../../toy/artifacts.ts';
import type { SizeFits, SizeTable } from '../artifacts.ts';

interface Sized {
  readonly group: string;
  readonly m: number;
  readonly size: number;
}

/** `draws` bootstrap draws of the models within each family, under `keys`. */
export function fitSizes(
  published: ValueOf<typeof LanguageModels>,
  table: ValueOf<typeof SizeTable>,
  draws: number,
  keys: { readonly families: StreamKey; readonly chinchilla: StreamKey },
): ValueOf<typeof SizeFits> {
  const models = published.families.flatMap(({ family, models }) =>
    models.map(({ model, width, residualWidth, parameters, parametersLessEmbeddings }) => ({
      model,
      family,
      // Layers are of the residual width; opt-350m's head alone is narrower.
      m: residualWidth ?? width,
      parameters,
      parametersLessEmbeddings,
    })),
  );
  const family = (size: 'parameters' | 'parametersLessEmbeddings') =>
    fitGroups(
      models.map((model) => ({ group: model.family, m: model.m, size: model[size] })),
      draws,
      keys.families,
    );
  const chinchilla = table.models.map(({ width, parametersMillions }) => ({
    m: width,
    parameters: parametersMillions * 1e6,
  }));
  const fit = fitGroups(
    chinchilla.map(({ m, parameters }) => ({ group: '', m, size: parameters })),
    draws,
    keys.chinchilla,
  );
  const { value, uncertainty } = table.sizeExponent;
  return {
    families: { total: family('parameters'), lessEmbeddings: family('parametersLessEmbeddings') },
    models,
    chinchilla: {
      fit,
      models: chinchilla,
      sizeExponent: { value, uncertainty },
      modelExponent: {
        value: fit.slope * value,
        uncertainty: Math.sqrt(square(fit.standardError * value) + square(fit.slope * uncertainty)),
      },
    },
  };
}

/** One exponent for all groups and a constant for each. */
function fitGroups(models: readonly Sized[], draws: number, key: StreamKey) {
  const groups = groupsOf(models);
  const line = (sample: readonly Sized[]) =>
    fitParallelLines(
      groupsOf(sample).map((group) => ({ x: logs(group.map(({ m }) => m)), y: logs(group.map(({ size }) => size)) })),
    );
  return { ...line(models), bootstrap: bootstrap(groups, draws, key, (sample) => line(sample).slope) };
}

function groupsOf(models: readonly Sized[]): Sized[][] {
  return [...new Set(models.map(({ group }) => group))].map((name) => models.filter(({ group }) => group === name));
}

function square(value: number): number {
  return value * value;
}
