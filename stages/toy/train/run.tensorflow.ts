import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { NotRun, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { decodeDistribution } from '../../../numerics/features/distribution-file.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { DenseTrainer } from '../../../numerics/toy-model/tensorflow/dense-trainer.ts';
import { summarizeLosses } from './losses.ts';
import type { train } from './stage.ts';
import { howToInstall, loadTensorFlow } from '../../../numerics/toy-model/tensorflow/tensorflow.ts';

/** How long to compute before looking whether to stop, and between checkpoints. Neither changes a byte of the result. */
const sliceMilliseconds = 25;
const checkpointMilliseconds = 5000;

export const run: StageRun<typeof train> = async ({ node, params, inputs, outputs, scratch, signal, progress }) => {
  const loaded = await loadTensorFlow();
  if (!loaded) throw new NotRun(`no TensorFlow.js is installed: ${howToInstall}`);
  const { n, m, steps, warmup, peakRateW, peakRateB, initialBias } = params;
  const distribution = decodeDistribution(readFileSync(inputs.distribution.path));
  if (distribution.frequency.length !== n) {
    throw new Error(`${node}: n = ${n}, but the distribution has ${distribution.frequency.length} features`);
  }
  // As for every backend: the same model draws the same numbers.
  const key = modelStream(distribution.params, params);
  const trainer = new DenseTrainer(loaded.tf, params, distribution.tables, key, initialWeights(n, m, key, initialBias));

  try {
    const losses = new Float64Array(steps);
    const state = new Float32Array(trainer.stateLength);
    let done = restoreCheckpoint(scratch, { state, losses });
    if (done > 0) trainer.state = state;
    let saved = performance.now();
    while (done < steps) {
      const begun = performance.now();
      while (done < steps && performance.now() - begun < sliceMilliseconds) {
        const share = learningRateShare(done + 1, steps, warmup);
        const loss = trainer.step(done + 1, peakRateW * share, peakRateB * share);
        if (!Number.isFinite(loss))
          throw new Error(`${node}: the training diverged: the loss at step ${done + 1} is ${loss}`);
        losses[done++] = loss;
      }
      progress(done / steps);
      await setImmediate();
      if (signal.aborted || performance.now() - saved > checkpointMilliseconds) {
        saveCheckpoint(scratch, done, { state: trainer.state, losses });
        saved = performance.now();
      }
      signal.throwIfAborted();
    }
    writeFileSync(
      outputs.weights.path,
      encodeSafetensors({
        W: { dtype: 'F32', shape: [n, m], data: trainer.weights() },
        b: { dtype: 'F32', shape: [n], data: trainer.biases() },
      }),
    );
    writeJson(outputs.losses, summarizeLosses(losses));
  } finally {
    trainer.dispose();
  }
};
