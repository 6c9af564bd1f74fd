/** Token ids of one text. */
export type TokenIds = Int32Array;

/** Texts computed together, each filled up on the right to the length of the longest: causal attention never looks there. */
export interface TextBatch {
  /** Positions in the list of texts. */
  readonly texts: readonly number[];
  readonly length: number;
}

/**
 * Texts of like length together, longest first, at most `tokens` tokens with the filling (but at least one text). Texts of
 * fewer than two tokens predict nothing and are left out. A function of the lengths alone.
 */
export function batchesByLength(lengths: readonly number[], tokens: number): TextBatch[] {
  const order = lengths.map((_, text) => text).filter((text) => lengths[text]! >= 2);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: TextBatch[] = [];
  for (let from = 0; from < order.length;) {
    const length = lengths[order[from]!]!;
    const texts = order.slice(from, from + Math.max(1, Math.floor(tokens / length)));
    batches.push({ texts, length });
    from += texts.length;
  }
  return batches;
}

/** Tokens of a batch with the filling: rows of its activations. */
export function rowsOf({ texts, length }: TextBatch): number {
  return texts.length * length;
}
