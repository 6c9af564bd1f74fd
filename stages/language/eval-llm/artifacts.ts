/** What eval-llm makes. Losses are in nats; other processors, and other providers yet more, round them otherwise. */
import { Type } from '@sinclair/typebox';
import { file, json } from 'repro';

const count = Type.Integer({ minimum: 0 });
const rounding = { level: 'numeric', rtol: 1e-4, atol: 1e-4 } as const;

/** The loss of one model on the texts of one data set. */
export const ModelLoss = json(
  'model-loss',
  Type.Object({
    model: Type.String(),
    dataset: Type.String(),
    /** Mean over texts of each text's mean, weighted by the texts' token counts, as the authors weight. */
    loss: Type.Number(),
    /** The same weighted by the tokens that are predicted, all but the first of each text: the mean over these. */
    lossPerPredictedToken: Type.Number(),
    /** Texts that predict something: of at least two tokens. */
    texts: count,
    /** Of these texts, special tokens included. */
    tokens: count,
    predictedTokens: count,
  }),
  rounding,
);

/** By text, in the order of the data set: its tokens after truncation, and its mean loss; null where nothing is predicted. */
export const TextLosses = json(
  'text-losses',
  Type.Object({ tokens: Type.Array(count), loss: Type.Array(Type.Union([Type.Number(), Type.Null()])) }),
  rounding,
);

/** `loss`: f32, of each token but the first of each text, texts end to end; `begin`: i32, where each text begins there, and the end. */
export const TokenLosses = file('token-losses', '.safetensors', rounding);
