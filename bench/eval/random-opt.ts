/** A checkpoint of OPT's shape with random weights, as safetensors. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { languageModel } from '../../numerics/language-models/configuration.ts';

export interface Shape {
  readonly width: number;
  readonly layers: number;
  readonly vocabulary: number;
}

export function configurationOf({ width, layers, vocabulary }: Shape): Record<string, unknown> {
  return {
    model_type: 'opt',
    hidden_size: width,
    word_embed_proj_dim: width,
    ffn_dim: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: width / 64,
    vocab_size: vocabulary,
    max_position_embeddings: 2048,
    activation_function: 'relu',
    do_layer_norm_before: true,
  };
}

/** Writes it tensor by tensor, in single precision. */
export function writeRandomOpt(path: string, shape: Shape): void {
  const model = languageModel(configurationOf(shape), 'bench');
  const tensors: (readonly [string, readonly number[]])[] = [
    [`model.${model.embedding.name}`, model.embedding.shape],
    [`model.${model.positions!.name}`, model.positions!.shape],
  ];
  for (let layer = 0; layer < model.layers; layer++)
    for (const [name, size] of model.layer(1).weights) tensors.push([`model.${model.layerPrefix(layer)}${name}`, size]);
  for (const [name, size] of model.final.weights) tensors.push([`model.${name}`, size]);
  const count = (size: readonly number[]) => size.reduce((product, length) => product * length, 1);
  let end = 0;
  const header = new TextEncoder().encode(
    JSON.stringify(
      Object.fromEntries(
        tensors.map(([name, size]) => [
          name,
          { dtype: 'F32', shape: size, data_offsets: [end, (end += 4 * count(size))] },
        ]),
      ),
    ),
  );
  const padded = new Uint8Array(8 * Math.ceil(header.length / 8)).fill(0x20);
  padded.set(header);
  const file = openSync(path, 'w');
  writeSync(file, BigUint64Array.of(BigInt(padded.length)));
  writeSync(file, padded);
  let state = 1;
  for (const [name, size] of tensors) {
    const norm = name.includes('layer_norm.weight');
    const data = Float32Array.from({ length: count(size) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return norm ? 1 : (state / 2 ** 32 - 0.5) * 0.07;
    });
    const bytes = new Uint8Array(data.buffer);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  }
  closeSync(file);
}
