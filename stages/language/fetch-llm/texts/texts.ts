import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { HubError } from '../hub/errors.ts';
import { openRemote, streamFile } from '../hub/remote-bytes.ts';
import type { Hub } from '../hub/request.ts';
import { jsonColumn } from './lines.ts';
import { quoted } from '../../../../numerics/foreign/quoted.ts';
import { parquetColumn } from './parquet.ts';

export interface TextsRequest {
  readonly files: string;
  readonly field: string;
  readonly joinedWords: number;
  readonly count: number;
  /** No text comes after those that hold so many words together. */
  readonly words?: number | undefined;
}

/** The first texts of a data set, fetching only as much of its files as they take. */
export async function* fetchTexts(
  hub: Hub,
  listing: HubRepositoryContent,
  request: TextsRequest,
  scratch: string,
): AsyncGenerator<string> {
  const files = listing.files.filter(({ path }) => path.startsWith(request.files));
  if (files.length === 0)
    throw new HubError(`${listing.repository} at ${listing.commit}: no file begins with "${request.files}"`);
  const rows = allRows(hub, listing, files, request.field, scratch);
  let count = 0;
  let words = 0;
  for await (const text of request.joinedWords > 0 ? joinLines(rows, request.joinedWords) : rows) {
    yield text;
    if (++count === request.count) return;
    if (request.words !== undefined && (words += wordsOf(text)) >= request.words) return;
  }
  if (count === 0) throw new HubError(`${listing.repository}: ${request.files}: no text`);
}

/** The field of every row of every file, in order. */
async function* allRows(
  hub: Hub,
  listing: HubRepositoryContent,
  files: readonly HubFile[],
  field: string,
  scratch: string,
): AsyncGenerator<string> {
  for (const file of files) {
    const name = `${listing.repository}/${file.path}`;
    let row = 0;
    for await (const value of columnOf(hub, listing, file, name, field, scratch)) {
      row++;
      yield checkedText(value, `${name}: row ${row}: ${quoted(field)}`);
    }
  }
}

async function* columnOf(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
  name: string,
  field: string,
  scratch: string,
): AsyncGenerator<unknown> {
  if (file.path.endsWith('.parquet')) {
    const bytes = await openRemote(hub, listing, file, scratch);
    try {
      yield* parquetColumn(bytes, field);
    } finally {
      await bytes.close();
    }
  } else if (/\.jsonl?(\.gz|\.zst)?$/.test(file.path)) {
    yield* jsonColumn(name, field, streamFile(hub, listing, file));
  } else {
    throw new HubError(`${name}: expected a name that ends in .parquet, .json, .jsonl, .gz or .zst`);
  }
}

/** Throws a HubError unless it is a text, of whole characters. */
function checkedText(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    const found =
      value === undefined
        ? 'not there'
        : typeof value === 'object' && value !== null
          ? 'no text'
          : quoted(`${value as number}`, 60);
    throw new HubError(`${what} is ${found}: expected a text`);
  }
  const half = /\p{Cs}/u.exec(value);
  if (half)
    throw new HubError(
      `${what} has U+${half[0].charCodeAt(0).toString(16).toUpperCase()} at ${half.index}, half of a character: expected Unicode text`,
    );
  return value;
}

/** How many runs of what is not white space. */
export function wordsOf(text: string): number {
  const words = /\S+/g;
  let count = 0;
  while (words.test(text)) count++;
  return count;
}

/**
 * Consecutive rows that are not blank, each as it is, joined by a space until a text has so many words. A rest at the
 * end that has fewer is no text.
 */
export async function* joinLines(rows: AsyncIterable<string>, words: number): AsyncGenerator<string> {
  let parts: string[] = [];
  let count = 0;
  for await (const row of rows) {
    const own = wordsOf(row);
    if (own === 0) continue;
    parts.push(row);
    count += own;
    if (count < words) continue;
    yield parts.join(' ');
    parts = [];
    count = 0;
  }
}
