export * from '../../../numerics/toy-model/reference/reference-trainer.ts';
