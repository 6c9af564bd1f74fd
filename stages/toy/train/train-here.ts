import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { divergence, writeTrained } from './model.ts';
import type { ToyModel, TrainContext } from './model.ts';

/** A trainer that takes a step when it is called: what the backends that compute on this thread bring. */
export interface StepTrainer {
  /** Step k = 1, 2, ... at the rates given. Returns the loss before it, summed over features. */
  step(k: number, rateW: number, rateB: number): number;
  /** All that the next step depends on but its number: a copy, or a view that later steps change. */
  state: Float32Array;
  /** A copy of W: [n, m]. */
  weights(): Float32Array;
  /** A copy of b: [n]. */
  biases(): Float32Array;
}

/** How long to compute before looking whether to stop, and between checkpoints. Neither changes a byte of the result. */
const sliceMilliseconds = 25;
const checkpointMilliseconds = 5000;

/**
 * Trains a model from its last checkpoint, if there is one, to its last step, and writes the outputs of its node. After an
 * interrupt it saves and throws what the signal aborts with. Throws an Error if the training diverges.
 */
export async function trainHere(context: TrainContext, { rates }: ToyModel, trainer: StepTrainer): Promise<void> {
  const { node, params, scratch, signal, progress } = context;
  const { steps } = params;
  const losses = new Float64Array(steps);
  const state = trainer.state;
  let done = restoreCheckpoint(scratch, { state, losses });
  if (done > 0) trainer.state = state;
  let saved = performance.now();
  let savingTook = 0;
  while (done < steps) {
    const begun = performance.now();
    while (done < steps && performance.now() - begun < sliceMilliseconds) {
      const { W, b } = rates(done + 1);
      const loss = trainer.step(done + 1, W, b);
      if (!Number.isFinite(loss)) throw new Error(`${node}: ${divergence(done + 1, loss)}`);
      losses[done++] = loss;
    }
    progress(done / steps);
    await setImmediate();
    const now = performance.now();
    // a large state is saved less often, so that saving never costs more than a twentieth of the time
    if (signal.aborted || now - saved > Math.max(checkpointMilliseconds, 20 * savingTook)) {
      saveCheckpoint(scratch, done, { state: trainer.state, losses });
      saved = performance.now();
      savingTook = saved - now;
    }
    signal.throwIfAborted();
  }
  writeTrained(context, { W: trainer.weights(), b: trainer.biases() }, losses);
}
