export { drawBatch, philoxBlock } from './sampler.as';
export { packColumns, packRows, product } from './product.as';
export { computeNeeded } from './needed.as';
export { boundProduct, quantizeColumns, quantizeRows } from './screen.as';
export { accumulateGradient, accumulateLoss, keepResiduals, markNeeded } from './samples.as';
export { distributeSums, gather, planBatch, rowAddresses, scatterAdd, sumRows } from './plan.as';
export { keepGradient, scatterGradient } from './scatter.as';
export { addChunks, configureSpread, packChunks, spreadKept } from './spread.as';
export { addSilentSamples, configureStep, updateBias, updateRows } from './adamw.as';
