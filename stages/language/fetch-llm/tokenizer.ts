import { readFile } from 'node:fs/promises';
import { decodeUtf8 } from '../../../numerics/foreign/json.ts';
import type { HubRepositoryContent, TokenizerContent } from '../../toy/artifacts.ts';
import { cachedFile } from './hub/download.ts';
import { HubError } from './hub/errors.ts';
import type { Hub } from './hub/request.ts';
import { smallFile } from './weight-files.ts';

/** What a tokenizer may be made of, in the folder of its model. */
const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
];

/** The largest vocabularies take some thirty megabytes. */
const longestFile = 2 ** 26;

/** The files of a tokenizer as text: tokenizer.json, or, where a repository has none, vocab.json and merges.txt. */
export async function fetchTokenizer(
  hub: Hub,
  listing: HubRepositoryContent,
  scratch: string,
): Promise<TokenizerContent> {
  const { repository, commit } = listing;
  const found = listing.files.filter(({ path }) => tokenizerFiles.includes(path));
  const has = (path: string): boolean => found.some((file) => file.path === path);
  if (!has('tokenizer.json') && !(has('vocab.json') && has('merges.txt'))) {
    throw new HubError(
      `${repository} at ${commit}: neither tokenizer.json nor vocab.json and merges.txt: it has no tokenizer that can be read`,
    );
  }
  // tokenizer.json holds the vocabulary and the merges too.
  const needed = found.filter(({ path }) => !has('tokenizer.json') || (path !== 'vocab.json' && path !== 'merges.txt'));
  const files: Record<string, string> = {};
  for (const { path } of needed) {
    const file = smallFile(listing, path, longestFile);
    const bytes = await readFile(await cachedFile(hub, listing, file, scratch));
    files[path] = named(`${repository}/${path}`, () => decodeUtf8(bytes));
  }
  return { repository, commit, files };
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new HubError(`${name}: ${(error as Error).message}`);
  }
}
