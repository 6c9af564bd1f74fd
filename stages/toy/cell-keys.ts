/** Which models are one curve over m, and which are one cell of it. */
import type { ModelCell } from './artifacts.ts';

/** Equal for the seeds of one model alone. */
export function cellKey(model: ModelCell): string {
  return `${curveKey(model)} ${model.m}`;
}

/** Equal for the models of one curve over m, of all seeds. */
export function curveKey(curve: Omit<ModelCell, 'm' | 'replicate'>): string {
  const { frequencies, alpha, n, density, gamma, batch, steps, projection, initialBias, lossScale, epsilon } = curve;
  const { mean, standardDeviation } = initialBias;
  return [
    ...[frequencies, alpha, n, density, gamma, batch, steps, projection],
    ...[mean, standardDeviation, lossScale, epsilon],
  ].join(' ');
}
