/** What figures of language models are drawn from. */
import type { ValueOf } from 'repro';
import type { HeadFits, HeadMeasurement, LossFits, SizeFits, TokenFits } from '../../language/artifacts.ts';

export interface LanguageEvidence {
  /** Sizes as published. */
  readonly sizes?: ValueOf<typeof SizeFits> | undefined;
  readonly heads?: ValueOf<typeof HeadFits> | undefined;
  /** The one head whose norms Fig. 19 shows. */
  readonly head?: ValueOf<typeof HeadMeasurement> | undefined;
  readonly losses?: ValueOf<typeof LossFits> | undefined;
  readonly tokens?: ValueOf<typeof TokenFits> | undefined;
}
