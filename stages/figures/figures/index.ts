/** Every figure by its number in the paper: a pure function from tables to a specification and a caption. */
import type { Figure, FigureData } from '../figure-data.ts';
import type { FigureId } from '../needs.ts';
import { figure7a, figure7b } from './activation-density.ts';
import { figure2c } from './frames.ts';
import { figure19, figure20, figure8a } from './heads.ts';
import { figure21, figure8b } from './language-losses.ts';
import { figure1b, figure1d } from './loss-against-width.ts';
import { figureBreakdown } from './local-slopes.ts';
import { figure14, figure17, figure18, figure4b, figure5b, figure6e } from './model-exponent.ts';
import { figure23a, figure23b } from './model-size.ts';
import { figure11, figure12, figure9 } from './norm-distributions.ts';
import { figure10d, figure15, figure16, figure6d } from './overlaps.ts';
import { figure4a } from './power-law-quality.ts';
import { figure13, figure3a, figure3b } from './represented-fraction.ts';
import { figure10a, figure10c, figure6c } from './strong-fraction.ts';
import { figure6a, figure6b } from './strong-rows.ts';
import { figureDeadUnits } from './dead-units.ts';
import { figureUnitNorm } from './unit-norm.ts';
import { figure22 } from './token-frequencies.ts';
import { figure10b, figure5a } from './unlearned-loss.ts';

export const figures: Readonly<Record<FigureId, (data: FigureData) => Figure>> = {
  '1b': figure1b,
  '1d': figure1d,
  '2c': figure2c,
  '3a': figure3a,
  '3b': figure3b,
  '4a': figure4a,
  '4b': figure4b,
  '5a': figure5a,
  '5b': figure5b,
  '6a': figure6a,
  '6b': figure6b,
  '6c': figure6c,
  '6d': figure6d,
  '6e': figure6e,
  '7a': figure7a,
  '7b': figure7b,
  '8a': figure8a,
  '8b': figure8b,
  '9': figure9,
  '10a': figure10a,
  '10b': figure10b,
  '10c': figure10c,
  '10d': figure10d,
  '11': figure11,
  '12': figure12,
  '13': figure13,
  '14': figure14,
  '15': figure15,
  '16': figure16,
  '17': figure17,
  '18': figure18,
  '19': figure19,
  '20': figure20,
  '21': figure21,
  '22': figure22,
  '23a': figure23a,
  '23b': figure23b,
  breakdown: figureBreakdown,
  'unit-norm': figureUnitNorm,
  'dead-units': figureDeadUnits,
};
