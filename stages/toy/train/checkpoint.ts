import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeOwnTensors, encodeSafetensors, tensorOf } from '../../../numerics/checkpoints/tensor-file.ts';

export interface Progress {
  /** All that the next step depends on but its number. */
  readonly state: Float32Array;
  /** By step; those to come are 0. */
  readonly losses: Float64Array;
}

const digestLength = 32;

/** Replaces the checkpoint in `directory` at once: a crash leaves the old or the new one. */
export function saveCheckpoint(directory: string, stepsDone: number, { state, losses }: Progress): void {
  const content = encodeSafetensors({
    state: { dtype: 'F32', shape: [state.length], data: state },
    losses: { dtype: 'F64', shape: [losses.length], data: losses },
    stepsDone: { dtype: 'U32', shape: [1], data: Uint32Array.of(stepsDone) },
  });
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'checkpoint');
  writeFileSync(`${path}.tmp`, Buffer.concat([createHash('sha256').update(content).digest(), content]));
  renameSync(`${path}.tmp`, path);
}

/** Fills `state` and `losses` from the checkpoint and returns the steps done; 0 if there is none, or a damaged one. */
export function restoreCheckpoint(directory: string, { state, losses }: Progress): number {
  const path = join(directory, 'checkpoint');
  if (!existsSync(path)) return 0;
  const bytes = readFileSync(path);
  const content = new Uint8Array(bytes.subarray(digestLength));
  if (!createHash('sha256').update(content).digest().equals(bytes.subarray(0, digestLength))) return 0;
  const saved = decodeOwnTensors(content);
  state.set(tensorOf(saved, 'state', 'F32', [state.length]).data);
  losses.set(tensorOf(saved, 'losses', 'F64', [losses.length]).data);
  return tensorOf(saved, 'stepsDone', 'U32', [1]).data[0]!;
}
