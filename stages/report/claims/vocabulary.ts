/** What claims.json may name: every quantity that the files of `quantities/` define, coordinates and themes. */
import { quantitiesOf } from 'repro/claims';
import type { Registered, Vocabulary } from 'repro/claims';
import { coordinates } from './coordinates.ts';
import quantities from './quantities.folder';
import type { Sources } from './quantities/sources.ts';

/** In the order of the report. */
export const themes = [
  'Loss and model dimension',
  'Superposition and weight decay',
  'Weak superposition',
  'Strong superposition: geometry',
  'Activation density and training',
  'Language models',
  'Beyond the paper',
] as const;

export const vocabulary: Vocabulary & Registered<Sources> = {
  quantities: quantitiesOf<Sources>(...quantities),
  coordinates,
  themes,
};
