/** Token frequencies of a data set (App. C.3, D.8): texts one after another, no special tokens. */
import type { ValueOf } from 'repro';
import type { TokenFrequencies } from '../artifacts.ts';

/** The ids of one text, without special tokens. */
export type Encode = (text: string) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Counts the first `limit` tokens of the texts that are not blank; the last is cut where the limit is reached. `watch`: the share that is done. */
export async function countTokens(
  texts: AsyncIterable<string> | Iterable<string>,
  encode: Encode,
  limit: number,
  watch: (done: number) => void = () => undefined,
): Promise<Pick<ValueOf<typeof TokenFrequencies>, 'tokens' | 'texts' | 'counts'>> {
  const counts = new Map<number, number>();
  let tokens = 0;
  let used = 0;
  for await (const text of texts) {
    if (text.trim() === '') continue;
    const ids = await encode(text);
    const taken = Math.min(ids.length, limit - tokens);
    for (let i = 0; i < taken; i++) counts.set(ids[i]!, (counts.get(ids[i]!) ?? 0) + 1);
    tokens += taken;
    used++;
    watch(tokens / limit);
    if (tokens >= limit) break;
  }
  return { tokens, texts: used, counts: [...counts.values()].sort((a, b) => b - a) };
}
