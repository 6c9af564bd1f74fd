export * from '../../numerics/reference-toy-model.ts';
