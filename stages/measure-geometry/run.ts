import { readFileSync } from 'node:fs';
import { readJson, writeJson } from '../../engine/runtime.ts';
import type { StageRun } from '../../engine/runtime.ts';
import { decodeDistribution, decodeEvaluation } from '../../numerics/distribution-file.ts';
import { decodeSafetensors, tensorOf } from '../../numerics/safetensors.ts';
import { evaluateLoss } from '../../numerics/toy-model-loss.ts';
import { measureModel } from './measure.ts';
import type { measureGeometry } from './stage.ts';

export const run: StageRun<typeof measureGeometry> = async ({ node, params: cell, inputs, outputs }) => {
  const { n, m } = cell;
  const weights = decodeSafetensors(readFileSync(inputs.weights.path));
  const w = tensorOf(weights, 'W', 'F32', [n, m]).data;
  const b = tensorOf(weights, 'b', 'F32', [n]).data;
  const { frequency } = decodeDistribution(readFileSync(inputs.distribution.path));
  const { samples, batchSize } = decodeEvaluation(readFileSync(inputs.evaluation.path));
  const heldOut = evaluateLoss({ W: w, b, n, m }, samples, batchSize);
  const model = { w, b, frequencies: frequency, training: readJson(inputs.losses).last };
  try {
    writeJson(outputs.measurement, measureModel(cell, model, { byBatch: heldOut.batches }));
  } catch (error) {
    throw new Error(`${node}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};
