/** One figure, one file in figures/: `figure` is its definition, `run` draws it. Adding one takes nothing else but its id in a set. */
import { NothingToDraw, writeFigure } from 'repro/figures';
import type { FigureDefinition } from 'repro/figures';
import { readJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { unfinishedText } from '../toy/unfinished.ts';
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

/** A figure of what a run has finished so far: its caption says so, and what cannot be drawn of it is not. */
function ofUnfinished(figure: PaperFigure, unfinished: string | undefined): PaperFigure {
  if (unfinished === undefined) return figure;
  return {
    ...figure,
    draw: (data) => {
      try {
        const { specification, caption } = figure.draw(data);
        return { specification, caption: `${caption} Not finished: ${unfinished}.` };
      } catch (error) {
        throw new NothingToDraw(`${unfinished}: ${(error as Error).message}`);
      }
    },
  };
}

/** What the stage of a figure runs. */
export function runFigure(figure: PaperFigure): StageRun<FigureStage> {
  return async ({ inputs, outputs }) => {
    const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
    const data = new FigureData(figure, {
      sweeps,
      models: inputs.models.map((model) => readJson(model)),
      random: inputs.random && readJson(inputs.random),
      frame: inputs.frame && readJson(inputs.frame),
      firstSteps: inputs.firstSteps && readJson(inputs.firstSteps),
      published: inputs.published && readJson(inputs.published),
      language: {
        sizes: inputs.sizes.map((one) => readJson(one))[0],
        heads: inputs.heads.map((one) => readJson(one))[0],
        head: inputs.head.map((one) => readJson(one))[0],
        losses: [...inputs.losses, ...inputs.besideLosses].map((one) => readJson(one))[0],
        tokens: inputs.tokens.map((one) => readJson(one))[0],
      },
    });
    await writeFigure(ofUnfinished(figure, unfinishedText(sweeps)), data, outputs);
  };
}
