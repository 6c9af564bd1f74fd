import { readJson } from '../../engine/runtime.ts';
import type { InputFile } from '../../engine/runtime.ts';
import type { HubRepository, HubRepositoryContent } from '../artifacts.ts';

/** The listing of the repository that a stage was told to fetch from; an Error if it is that of another one. */
export function readListing(input: InputFile<typeof HubRepository>, repository: string): HubRepositoryContent {
  const listing = readJson(input);
  if (listing.repository !== repository) throw new Error(`the listing is that of ${listing.repository}: expected ${repository}`);
  return listing;
}
