import type { StageRun } from 'repro/runtime';
import { ToyModelTrainer } from '../../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { modelOf } from './model.ts';
import type { train } from './stage.ts';
import { trainHere } from './train-here.ts';

export const run: StageRun<typeof train> = async (context) => {
  const model = modelOf(context);
  const { frequency, tables } = model.distribution;
  await trainHere(context, model, new ToyModelTrainer(context.params, frequency, tables, model.key, model.initial()));
};
