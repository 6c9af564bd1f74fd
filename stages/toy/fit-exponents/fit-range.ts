import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { ModelCell } from '../artifacts.ts';

/** Which points of a group of cells a line is fitted to (App. D.1): those with m >= minimumM. */
export const FitRange = Type.Object(
  {
    frequencies: ModelCell.properties.frequencies,
    /** Strong superposition is gamma < 0, weak gamma > 0. */
    superposition: Type.Union([Type.Literal('strong'), Type.Literal('weak')]),
    minimumM: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type FitRange = Static<typeof FitRange>;
