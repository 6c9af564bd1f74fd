/** What claims.json may name: every quantity that the files of `quantities/` define, coordinates and themes. */
import { quantitiesOf } from 'repro/claims';
import type { Registered, Vocabulary } from 'repro/claims';
import { coordinates } from './coordinates.ts';
import * as exponents from './quantities/exponents.ts';
import * as geometry from './quantities/geometry.ts';
import * as heads from './quantities/heads.ts';
import * as language from './quantities/language.ts';
import * as losses from './quantities/losses.ts';
import * as random from './quantities/random.ts';
import * as settings from './quantities/settings.ts';
import * as sizes from './quantities/sizes.ts';
import type { Sources } from './quantities/sources.ts';
import * as superposition from './quantities/superposition.ts';

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
  quantities: quantitiesOf<Sources>(
    ...[exponents, geometry, heads, language, losses, random, settings, sizes, superposition],
  ),
  coordinates,
  themes,
};
