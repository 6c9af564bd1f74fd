import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { decodeDistribution } from '../../../numerics/features/distribution-file.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { ToyModelTrainer } from '../../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { summarizeLosses } from './losses.ts';
import type { train } from './stage.ts';

/** How long to compute before looking whether to stop, and between checkpoints. Neither changes a byte of the result. */
const sliceMilliseconds = 25;
const checkpointMilliseconds = 5000;

export const run: StageRun<typeof train> = async ({ node, params, inputs, outputs, scratch, signal, progress }) => {
  const { n, m, steps, warmup, peakRateW, peakRateB, initialBias } = params;
  const distribution = decodeDistribution(readFileSync(inputs.distribution.path));
  if (distribution.frequency.length !== n) {
    throw new Error(`${node}: n = ${n}, but the distribution has ${distribution.frequency.length} features`);
  }
  const key = modelStream(distribution.params, params);
  const trainer = new ToyModelTrainer(
    params,
    distribution.frequency,
    distribution.tables,
    key,
    initialWeights(n, m, key, initialBias),
  );

  const { state } = trainer;
  const losses = new Float64Array(steps);
  let done = restoreCheckpoint(scratch, { state, losses });
  let saved = performance.now();
  let savingTook = 0;
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
    const now = performance.now();
    // a large state is saved less often, so that saving never costs more than a twentieth of the time
    if (signal.aborted || now - saved > Math.max(checkpointMilliseconds, 20 * savingTook)) {
      saveCheckpoint(scratch, done, { state, losses });
      saved = performance.now();
      savingTook = saved - now;
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
};
