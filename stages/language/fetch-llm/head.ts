import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openTensors } from '../../../numerics/checkpoints/open.ts';
import { tensorBytes } from '../../../numerics/checkpoints/tensor-source.ts';
import type { TensorEntry, TensorSource } from '../../../numerics/checkpoints/tensor-source.ts';
import type { HubRepositoryContent } from '../../toy/artifacts.ts';
import { HubError } from './hub/errors.ts';
import { openRemote } from './hub/remote-bytes.ts';
import type { Hub } from './hub/request.ts';
import { locateWeights, readConfiguration } from './weight-files.ts';

/**
 * Names of the tensor that maps the last hidden state to logits, by `model_type`: a head of its own first, else the
 * embedding that it is tied to. Some checkpoints were saved without the outer module's prefix.
 */
const headNames: Readonly<Record<string, { readonly own: string; readonly tied: readonly string[] }>> = {
  opt: { own: 'lm_head.weight', tied: ['model.decoder.embed_tokens.weight', 'decoder.embed_tokens.weight'] },
  gpt2: { own: 'lm_head.weight', tied: ['transformer.wte.weight', 'wte.weight'] },
  qwen2: { own: 'lm_head.weight', tied: ['model.embed_tokens.weight', 'embed_tokens.weight'] },
  gpt_neox: { own: 'embed_out.weight', tied: ['gpt_neox.embed_in.weight', 'embed_in.weight'] },
};

/** Of a piece of the head in memory. */
const pieceBytes = 32 * 2 ** 20;

/**
 * Copies the head of a checkpoint, and no more of it than headers, to a safetensors file with one tensor `head`. Returns
 * where it was.
 * Throws an Error if it is not of the published shape.
 */
export async function fetchHead(
  hub: Hub,
  listing: HubRepositoryContent,
  {
    vocabulary,
    width,
    path,
    scratch,
    progress,
  }: {
    readonly vocabulary: number;
    readonly width: number;
    readonly path: string;
    readonly scratch: string;
    readonly progress: (fraction: number) => void;
  },
): Promise<{ readonly file: string; readonly tensor: string }> {
  const { repository, commit } = listing;
  const config = await readConfiguration(hub, listing, scratch);
  const { format, files, shards } = await locateWeights(hub, listing, scratch);
  const candidates = headCandidates(repository, config);
  // Without an index, only the file itself says which of them it has.
  const inIndex = shards && candidates.find((name) => Object.hasOwn(shards, name));
  if (shards && inIndex === undefined)
    throw new HubError(`${repository}: no tensor ${candidates.join(' or ')} in the index of its weights`);
  const file = inIndex ? files.find((candidate) => candidate.path === shards?.[inIndex])! : files[0]!;

  let received = 0;
  let total = vocabulary * width * 2;
  const gained = (bytes: number): void => progress(Math.min(1, (received += bytes) / total));
  const source = await openTensors(await openRemote(hub, listing, file, scratch, gained), format);
  try {
    const entry = candidates.map((name) => source.entries().get(name)).find((found) => found !== undefined);
    if (!entry) throw new HubError(`${repository}/${file.path}: no tensor ${candidates.join(' or ')}`);
    if (entry.shape.length !== 2 || entry.shape[0] !== vocabulary || entry.shape[1] !== width) {
      throw new HubError(
        `${repository}/${file.path}: tensor "${entry.name}" has shape [${entry.shape.join(', ')}]: expected [${vocabulary}, ${width}], the published vocabulary and width`,
      );
    }
    total = tensorBytes(entry);
    await copyTensor(source, entry, { repository, commit, file: file.path, tensor: entry.name }, path, scratch);
    return { file: file.path, tensor: entry.name };
  } finally {
    await source.close();
  }
}

function headCandidates(repository: string, { model_type: type }: Readonly<Record<string, unknown>>): string[] {
  const names = typeof type === 'string' && Object.hasOwn(headNames, type) ? headNames[type] : undefined;
  if (!names)
    throw new HubError(
      `${repository}/config.json: model_type ${JSON.stringify(type)}: expected one of ${Object.keys(headNames).join(', ')}`,
    );
  return [names.own, ...names.tied];
}

/** Piece by piece, so that memory does not grow with the head. */
async function copyTensor(
  source: TensorSource,
  entry: TensorEntry,
  metadata: Readonly<Record<string, string>>,
  path: string,
  scratch: string,
): Promise<void> {
  const size = tensorBytes(entry);
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: metadata,
      head: { dtype: entry.dtype, shape: entry.shape, data_offsets: [0, size] },
    }),
  );
  const start = Buffer.alloc(8 + Math.ceil(header.length / 8) * 8, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  header.copy(start, 8);
  const partial = join(scratch, 'head.incomplete');
  const handle = await open(partial, 'w');
  try {
    await handle.appendFile(start);
    for (let at = 0; at < size; at += pieceBytes)
      await handle.appendFile(await source.readBytes(entry.name, at, Math.min(size, at + pieceBytes)));
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}
