import type { TextLoss } from './finished-texts.ts';

/** Means of the losses of texts. `lengths`: tokens of each text; one of fewer than two predicts nothing and is left out. */
export function lossTables(lengths: readonly number[], finished: readonly TextLoss[]) {
  const byText = new Map(finished.map(({ text, losses }) => [text, losses]));
  const total = { loss: 0, summed: 0, texts: 0, tokens: 0, predictedTokens: 0 };
  const begin = [0];
  const loss = lengths.map((tokens, text) => {
    const own = byText.get(text);
    begin.push(begin.at(-1)! + (own?.length ?? 0));
    if (!own) return null;
    const sum = own.reduce((partial, value) => partial + value, 0);
    const mean = sum / own.length;
    total.loss += tokens * mean;
    total.summed += sum;
    total.texts++;
    total.tokens += tokens;
    total.predictedTokens += own.length;
    return mean;
  });
  const all = new Float32Array(begin.at(-1)!);
  for (const [text, losses] of byText) all.set(losses, begin[text]);
  const { texts, tokens, predictedTokens } = total;
  return {
    totals: {
      loss: total.loss / tokens,
      lossPerPredictedToken: total.summed / predictedTokens,
      texts,
      tokens,
      predictedTokens,
    },
    byText: { tokens: [...lengths], loss },
    byToken: { begin: Int32Array.from(begin), loss: all },
  };
}
