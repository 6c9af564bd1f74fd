import { dirname } from 'node:path';
import { openWeights } from '../../../numerics/checkpoints/open.ts';
import type { TensorSource } from '../../../numerics/checkpoints/tensor-source.ts';
import type { CheckpointContent, HubRepositoryContent } from '../../toy/artifacts.ts';
import { snapshotPath } from './hub/cache.ts';
import { cachedFile } from './hub/download.ts';
import { checkListing } from './hub/validate.ts';
import type { Hub } from './hub/request.ts';
import { locateWeights, readConfiguration } from './weight-files.ts';

/** Brings every weight file of a repository into the hub's cache, each verified, and says what they are. */
export async function fetchCheckpoint(
  hub: Hub,
  listing: HubRepositoryContent,
  scratch: string,
  progress: (fraction: number) => void,
): Promise<CheckpointContent> {
  const { repository, commit } = listing;
  const config = await readConfiguration(hub, listing, scratch);
  const { format, files, shards } = await locateWeights(hub, listing, scratch);
  const checkpoint: CheckpointContent = { repository, commit, config, format, weights: [...files], shards };
  await fetchWeights(hub, checkpoint, scratch, progress);
  return checkpoint;
}

/**
 * The weights of a fetched checkpoint, hashed before they are opened; what is no longer in the cache, or damaged, is
 * fetched again. Close the source after use.
 */
export async function openCheckpoint(
  hub: Hub,
  checkpoint: CheckpointContent,
  scratch: string,
  progress: (fraction: number) => void = () => undefined,
): Promise<TensorSource> {
  const paths = await fetchWeights(hub, checkpoint, scratch, progress);
  const { format, weights, shards } = checkpoint;
  return openWeights(
    dirname(paths[0]!),
    { format, files: weights.map(({ path }) => path), shards },
    { checksums: false },
  );
}

/** Where in the hub's cache the weight files lie: one folder. */
async function fetchWeights(
  hub: Hub,
  checkpoint: CheckpointContent,
  scratch: string,
  progress: (fraction: number) => void,
): Promise<string[]> {
  const listing = listingOf(checkpoint);
  const total = checkpoint.weights.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of checkpoint.weights) {
    await cachedFile(hub, listing, file, scratch, (bytes) => progress((done += bytes) / total));
  }
  return checkpoint.weights.map((file) => snapshotPath(hub.settings.cache, listing, file));
}

function listingOf({ repository, commit, weights }: CheckpointContent): HubRepositoryContent {
  return checkListing(`the checkpoint of ${repository}`, {
    kind: 'model',
    repository,
    commit,
    folder: '',
    files: weights,
  });
}
