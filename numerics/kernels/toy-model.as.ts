export { drawBatch, philoxBlock } from './sampler.as';
export { packColumns, packRows, product } from './product.as';
export { accumulateGradient, accumulateLoss } from './samples.as';
export { distributeSums, gather, planBatch, scatterAdd, sumRows } from './plan.as';
export { scatterGradient } from './scatter.as';
export { addSilentSamples, configureStep, updateBias, updateRows } from './adamw.as';
