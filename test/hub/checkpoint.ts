import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import type { Tensor } from '../../numerics/checkpoints/safetensors.ts';
import { encodeTorch } from '../numerics/checkpoints/torch-file.ts';

/** Halves that differ from place to place, so that a byte from the wrong place shows. */
export function countingTensor(shape: readonly number[], seed: number, dtype: 'F16' | 'BF16' = 'F16'): Tensor {
  const data = new Uint16Array(shape.reduce((product, size) => product * size, 1));
  let state = seed + 1;
  for (let i = 0; i < data.length; i++) data[i] = (state = (Math.imul(state, 1103515245) + 12345) | 0) >>> 12;
  return { dtype, shape, data };
}

/** An OPT-like checkpoint: a tied head [vocabulary, width] among other tensors of `otherBytes` in all. */
export function optLike(
  vocabulary: number,
  width: number,
  otherBytes: number,
): { readonly head: Tensor; readonly files: (format: 'safetensors' | 'torch') => Record<string, Uint8Array | string> } {
  const head = countingTensor([vocabulary, width], 1);
  const tensors = {
    'model.decoder.layers.0.fc1.weight': countingTensor([otherBytes / 4 / width, width], 2),
    'model.decoder.embed_tokens.weight': head,
    'model.decoder.layers.1.fc1.weight': countingTensor([otherBytes / 4 / width, width], 3),
  };
  const config = JSON.stringify({ model_type: 'opt', hidden_size: width, vocab_size: vocabulary });
  return {
    head,
    files: (format): Record<string, Uint8Array | string> => ({
      'config.json': config,
      ...(format === 'safetensors'
        ? { 'model.safetensors': encodeSafetensors(tensors) }
        : { 'pytorch_model.bin': encodeTorch(tensors, { zip64: true }) }),
    }),
  };
}
