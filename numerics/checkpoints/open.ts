import { join } from 'node:path';
import { openFile } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { limitedSafetensorsHeader, limitedTorchHeader } from './limited-headers.ts';
import { openSafetensors } from './safetensors-source.ts';
import { joinSources } from './sharded-source.ts';
import type { TensorSource } from './tensor-source.ts';
import { openTorch } from './torch-source.ts';

export type CheckpointFormat = 'safetensors' | 'torch';

export interface WeightFiles {
  readonly format: CheckpointFormat;
  /** Names of the weight files, below the folder. */
  readonly files: readonly string[];
  /** Tensor -> weight file (`weight_map` of the index); null for a single file. */
  readonly shards: Readonly<Record<string, string>> | null;
}

/** One weight file, its header read under limits. `checksums`: whether the CRC-32 of PyTorch's storages is checked when they are read. */
export function openTensors(
  bytes: ByteSource,
  format: CheckpointFormat,
  options: { readonly checksums?: boolean } = {},
): Promise<TensorSource> {
  return format === 'safetensors'
    ? openSafetensors(bytes, limitedSafetensorsHeader)
    : openTorch(bytes, options, limitedTorchHeader);
}

/** The weights of a checkpoint on disk: a file, or several with an index. Only headers are read now. */
export async function openWeights(
  folder: string,
  { format, files, shards }: WeightFiles,
  options: { readonly checksums?: boolean } = {},
): Promise<TensorSource> {
  const sources = new Map<string, TensorSource>();
  try {
    for (const file of files)
      sources.set(file, await openTensors(await openFile(join(folder, file), file), format, options));
    return shards === null && files.length === 1 ? sources.get(files[0]!)! : joinSources(folder, sources, shards ?? {});
  } catch (error) {
    for (const source of sources.values()) await source.close();
    throw error;
  }
}
