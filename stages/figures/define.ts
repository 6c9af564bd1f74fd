/** One figure, one file in figures/: `figure` is its definition, `run` draws it. Adding one takes nothing else but its id in a set. */
import { writeFigure } from 'repro/figures';
import type { FigureDefinition } from 'repro/figures';
import { readJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { FigureData } from './figure-data.ts';
import type { FigureNeeds } from './needs.ts';
import type { Section } from './sections.ts';
import type { FigureStage } from './stage.ts';

export interface PaperFigure extends FigureDefinition<FigureNeeds, FigureData> {
  /** Its number in the paper, or a name where it goes beyond the paper. Its file has the same name. */
  readonly id: string;
  readonly section: Section;
}

/** The figure itself: the call gives its parts their types. */
export function defineFigure(figure: PaperFigure): PaperFigure {
  return figure;
}

/** What the stage of a figure runs. */
export function runFigure(figure: PaperFigure): StageRun<FigureStage> {
  return async ({ inputs, outputs }) => {
    const data = new FigureData(figure, {
      sweeps: inputs.sweeps.map((sweep) => readJson(sweep)),
      models: inputs.models.map((model) => readJson(model)),
      random: inputs.random && readJson(inputs.random),
      frame: inputs.frame && readJson(inputs.frame),
      published: inputs.published && readJson(inputs.published),
      language: {
        sizes: inputs.sizes.map((one) => readJson(one))[0],
        heads: inputs.heads.map((one) => readJson(one))[0],
        head: inputs.head.map((one) => readJson(one))[0],
        losses: [...inputs.losses, ...inputs.besideLosses].map((one) => readJson(one))[0],
        tokens: inputs.tokens.map((one) => readJson(one))[0],
      },
    });
    await writeFigure(figure, data, outputs);
  };
}
