import { readFileSync } from 'node:fs';
import type { Static } from '@sinclair/typebox';
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { decodeDistribution, decodeEvaluation } from '../../../numerics/features/distribution-file.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { decodeSafetensors, tensorOf } from '../../../numerics/checkpoints/safetensors.ts';
import { evaluateLoss } from '../../../numerics/toy-model/loss.ts';
import type { ModelCell } from '../artifacts.ts';
import { measureModel } from './measure.ts';
import type { OverlapMeasure } from './measure.ts';
import type { measureGeometry } from './stage.ts';
import type { TrainParams } from '../train/stage.ts';

/** What of a training labels the model in tables and figures. */
function cellOf(training: Static<typeof TrainParams>) {
  const { n, m, gamma, batch, steps, projection, replicate, initialBias, lossScale, epsilon } = training;
  return { n, m, gamma, batch, steps, projection, replicate, initialBias, lossScale, epsilon };
}

/** The stage, with its overlaps measured in one way or another. */
export function measureWith(overlapsOf: OverlapMeasure): StageRun<typeof measureGeometry> {
  return async ({ node, params: { frequencies, alpha, density, ...training }, inputs, outputs }) => {
    const { n, m } = training;
    const weights = decodeSafetensors(readFileSync(inputs.weights.path));
    const w = tensorOf(weights, 'W', 'F32', [n, m]).data;
    const b = tensorOf(weights, 'b', 'F32', [n]).data;
    const distribution = decodeDistribution(readFileSync(inputs.distribution.path));
    const { samples, batchSize } = decodeEvaluation(readFileSync(inputs.evaluation.path));
    const heldOut = evaluateLoss({ W: w, b, n, m }, samples, batchSize);
    const { b: initialBias } = initialWeights(n, m, modelStream(distribution.params, training), training.initialBias);
    const model = { w, b, initialBias, frequencies: distribution.frequency, training: readJson(inputs.losses).last };
    const cell: ModelCell = { frequencies, alpha, density, ...cellOf(training) };
    try {
      writeJson(
        outputs.measurement,
        await measureModel(cell, model, { byBatch: heldOut.batches, byOutput: heldOut.outputs }, overlapsOf),
      );
    } catch (error) {
      throw new Error(`${node}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
}
