import { readFile } from 'node:fs/promises';
import { parseShardIndex } from '../../../numerics/checkpoints/sharded-source.ts';
import type { CheckpointFormat } from '../../../numerics/checkpoints/open.ts';
import type { HubFile, HubRepositoryContent } from '../../toy/artifacts.ts';
import { cachedFile } from './hub/download.ts';
import { HubError } from './hub/errors.ts';
import type { Hub } from './hub/request.ts';

export interface LocatedWeights {
  readonly format: CheckpointFormat;
  /** In order of name. */
  readonly files: readonly HubFile[];
  /** Tensor -> file; null for a single file. */
  readonly shards: Readonly<Record<string, string>> | null;
}

/** In order of preference: what a checkpoint's weights may be called. */
const layouts: readonly { readonly format: CheckpointFormat; readonly single: string; readonly index: string }[] = [
  { format: 'safetensors', single: 'model.safetensors', index: 'model.safetensors.index.json' },
  { format: 'torch', single: 'pytorch_model.bin', index: 'pytorch_model.bin.index.json' },
];

/** Which files hold the weights of a listed repository. Fetches the index, where there is one. */
export async function locateWeights(hub: Hub, listing: HubRepositoryContent, scratch: string): Promise<LocatedWeights> {
  const byPath = new Map(listing.files.map((file) => [file.path, file]));
  for (const { format, single, index } of layouts) {
    const whole = byPath.get(single);
    if (whole) return { format, files: [whole], shards: null };
    const indexFile = byPath.get(index);
    if (!indexFile) continue;
    const name = `${listing.repository}/${index}`;
    const shards = parseShardIndex(name, await readFile(await cachedFile(hub, listing, indexFile, scratch), 'utf8'));
    const files = [...new Set(Object.values(shards))].sort().map((path) => {
      const file = byPath.get(path);
      if (!file) throw new HubError(`${name}: names the file "${path}": the repository has none of that name`);
      return file;
    });
    return { format, files, shards };
  }
  throw new HubError(
    `${listing.repository} at ${listing.commit}: no ${layouts.flatMap(({ single, index }) => [single, index]).join(', ')}: expected one of them`,
  );
}

/** A file of a repository as parsed JSON, which must be an object. */
export async function readJsonFile(
  hub: Hub,
  listing: HubRepositoryContent,
  path: string,
  scratch: string,
): Promise<Record<string, unknown>> {
  const file = listing.files.find((candidate) => candidate.path === path);
  if (!file) throw new HubError(`${listing.repository} at ${listing.commit}: no ${path}`);
  const text = await readFile(await cachedFile(hub, listing, file, scratch), 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, together with what is JSON but no object.
  }
  throw new HubError(`${listing.repository}/${path}: expected a JSON object`);
}
