/** The figures of a parameter set: each wired to exactly what it shows, so that it is redrawn only when that changes. */
import { InputError, source } from 'repro';
import type { Handle } from 'repro';
import type { TightFrame, RandomGeometry } from '../stages/toy/artifacts.ts';
import type { FirstSteps } from '../stages/toy/first-steps/artifact.ts';
import { figureCode, figures as definitions } from '../stages/figures/index.ts';
import { experimentsFor, listed, needOf } from '../stages/figures/needs.ts';
import { figureStage } from '../stages/figures/stage.ts';
import { PublishedPoints } from '../stages/published/points.ts';
import type { FittedExperiment } from './experiment.ts';
import { figureInputs } from './language.ts';
import type { LanguageHalf } from './language.ts';

/** What figures can be drawn from. */
export interface FigureSources {
  readonly fitted: readonly FittedExperiment[];
  readonly language: LanguageHalf;
  readonly random: Handle<typeof RandomGeometry>;
  /** Vectors of least frame potential, made only where a figure shows them (Fig. 2c). */
  readonly frame: () => Handle<typeof TightFrame>;
  /** Undefined where no figure shows them. */
  readonly firstSteps: Handle<typeof FirstSteps> | undefined;
}

/** Throws an InputError for a figure that the parameter set has not the experiments for. */
export function drawFigures(ids: readonly string[], sources: FigureSources, file: string) {
  const { fitted, language, random, frame, firstSteps } = sources;
  const available = fitted.map(({ name, models }) => ({ experiment: name, models }));
  return ids.map((figure) => {
    const definition = definitions.get(figure)!;
    const { title, needs } = definition;
    const names = experimentsFor(needs, available);
    if (!names) {
      throw new InputError(
        `${file}: figures: ${figure} (${title}) ${needOf(needs)}: this set has ${listed(available)}`,
      );
    }
    if (needs.language && !language[needs.language] && !needs.publishedInstead) {
      throw new InputError(
        `${file}: figures: ${figure} (${title}) needs the ${needs.language} of language models, which this set does not read: see llm`,
      );
    }
    const shown = names.map((name) => fitted.find((experiment) => experiment.name === name)!);
    const models = shown.flatMap((experiment) => needs.models?.(experiment.models) ?? []);
    const drawn = figureStage(definition, figureCode(figure))(
      { figure },
      {
        sweeps: shown.map(({ sweep }) => sweep),
        models: models.map(({ measurement }) => measurement),
        random: needs.random && random,
        frame: needs.frame && frame(),
        firstSteps: needs.firstSteps && firstSteps,
        published: needs.published && source('params/published/points.json', PublishedPoints),
        ...figureInputs(language, needs),
      },
    );
    return { figure, ...drawn };
  });
}

/** Where each figure is published: `figures/6e.svg`, and so on. */
export function figureFiles(figures: ReturnType<typeof drawFigures>): Record<string, Handle> {
  const files: Record<string, Handle> = {};
  for (const { figure, svg, png, specification } of figures) {
    files[`figures/${figure}.svg`] = svg;
    files[`figures/${figure}.png`] = png;
    files[`figures/${figure}.vl.json`] = specification;
  }
  return files;
}
