import { readFile } from 'node:fs/promises';
import { checkShardIndex } from '../../../numerics/checkpoints/sharded-source.ts';
import { parseLimitedJson } from '../../../numerics/foreign/json-service.ts';
import { quoted } from '../../../numerics/foreign/quoted.ts';
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

/** Published ones have a few kilobytes. */
const longestConfiguration = 2 ** 20;
/** Those of the largest models have a few hundred kilobytes. */
const longestIndex = 2 ** 24;

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
    if (!byPath.has(index)) continue;
    const name = `${listing.repository}/${index}`;
    const shards = checkShardIndex(name, await readJson(hub, listing, index, longestIndex, scratch));
    const files = [...new Set(Object.values(shards))].sort().map((path) => {
      const file = byPath.get(path);
      if (!file) throw new HubError(`${name}: names the file ${quoted(path)}: the repository has none of that name`);
      return file;
    });
    return { format, files, shards };
  }
  throw new HubError(
    `${listing.repository} at ${listing.commit}: no ${layouts.flatMap(({ single, index }) => [single, index]).join(', ')}: expected one of them`,
  );
}

/** The file of a listing; a HubError if it has none of that path, or one larger than a file of its kind may be. */
export function smallFile(listing: HubRepositoryContent, path: string, most: number): HubFile {
  const file = listing.files.find((candidate) => candidate.path === path);
  if (!file) throw new HubError(`${listing.repository} at ${listing.commit}: no ${path}`);
  if (file.size > most)
    throw new HubError(
      `${listing.repository}/${path}: ${file.size} bytes: expected at most ${most} of such a file: name another revision`,
    );
  return file;
}

/** A JSON file of a repository, parsed under limits. */
async function readJson(
  hub: Hub,
  listing: HubRepositoryContent,
  path: string,
  most: number,
  scratch: string,
): Promise<unknown> {
  const bytes = await readFile(await cachedFile(hub, listing, smallFile(listing, path, most), scratch));
  return parseLimitedJson(`${listing.repository}/${path}`, bytes);
}

/** config.json of a repository, which must be an object. */
export async function readConfiguration(
  hub: Hub,
  listing: HubRepositoryContent,
  scratch: string,
): Promise<Record<string, unknown>> {
  const value = await readJson(hub, listing, 'config.json', longestConfiguration, scratch);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new HubError(`${listing.repository}/config.json: expected a JSON object`);
}
