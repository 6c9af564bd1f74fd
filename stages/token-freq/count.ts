/** Token frequencies of a data set (App. C.3, D.8): texts one after another, no special tokens. */
import type { ValueOf } from '../../engine/index.ts';
import type { TokenFrequencies } from '../language-artifacts.ts';

/** The ids of one text, without special tokens. */
export type Encode = (text: string) => readonly number[];

/** Counts the first `limit` tokens of the texts; the last text is cut where the limit is reached. */
export function countTokens(texts: Iterable<string>, encode: Encode, limit: number): Pick<ValueOf<typeof TokenFrequencies>, 'tokens' | 'texts' | 'counts'> {
  const counts = new Map<number, number>();
  let tokens = 0;
  let used = 0;
  for (const text of texts) {
    if (tokens >= limit) break;
    used++;
    for (const id of encode(text)) {
      if (tokens >= limit) break;
      counts.set(id, (counts.get(id) ?? 0) + 1);
      tokens++;
    }
  }
  return { tokens, texts: used, counts: [...counts.values()].sort((a, b) => b - a) };
}
