import { readJson } from 'repro/runtime';
import type { InputFile } from 'repro/runtime';
import { checkListing } from './hub/validate.ts';
import type { HubRepository, HubRepositoryContent } from '../../toy/artifacts.ts';

/** The listing of the repository that a stage was told to fetch from; an Error if it is that of another one. */
export function readListing(input: InputFile<typeof HubRepository>, repository: string): HubRepositoryContent {
  const listing = checkListing(`the listing of ${repository}`, readJson(input));
  if (listing.repository !== repository)
    throw new Error(`the listing is that of ${listing.repository}: expected ${repository}`);
  return listing;
}
