import { NotRun } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { DenseTrainer } from '../../../numerics/toy-model/tensorflow/dense-trainer.ts';
import { howToInstall, loadTensorFlow } from '../../../numerics/toy-model/tensorflow/tensorflow.ts';
import { modelOf } from './model.ts';
import type { train } from './stage.ts';
import { trainHere } from './train-here.ts';

export const run: StageRun<typeof train> = async (context) => {
  const loaded = await loadTensorFlow();
  if (!loaded) throw new NotRun(`no TensorFlow.js is installed: ${howToInstall}`);
  const model = modelOf(context);
  const { distribution, key } = model;
  const trainer = new DenseTrainer(loaded.tf, context.params, distribution.tables, key, model.initial());
  try {
    await trainHere(context, model, trainer);
  } finally {
    trainer.dispose();
  }
};
