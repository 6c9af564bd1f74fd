/** What the cells of the experiments are selected by in claims.json. */
import type { Coordinates } from 'repro/claims';

/** A model, or an exponent fitted over m, which has no m and nothing measured on one model. */
export interface Selectable {
  readonly frequencies: string;
  readonly alpha: number | null;
  readonly gamma: number;
  readonly n: number;
  readonly m: number | readonly number[];
  readonly stronglyRepresentedFraction?: number;
}

/** Grids are written rounded: -0.556 for -5/9. */
const tolerance = 0.005;

const width = ({ m }: Selectable): number | null => (typeof m === 'number' ? m : null);

/** In the order in which readers are told them. */
export const coordinates: Coordinates<Selectable> = {
  frequencies: {
    noun: 'frequencies',
    of: ({ frequencies }) => frequencies,
    kinds: ['power-law', 'exponential', 'linear'],
  },
  gamma: { symbol: 'γ', of: ({ gamma }) => gamma, tolerance },
  alpha: { symbol: 'α', of: ({ alpha }) => alpha, tolerance },
  m: { symbol: 'm', of: width, tolerance },
  relativeWidth: {
    symbol: 'm/n',
    of: (cell) => (width(cell) === null ? null : width(cell)! / cell.n),
    tolerance: 1e-3,
    description: 'm/n: 63 of the small models is 0.063, 256 of the large ones 0.025',
  },
  stronglyRepresentedFraction: {
    symbol: 'φ₁',
    of: ({ stronglyRepresentedFraction }) => stronglyRepresentedFraction ?? null,
    // Measured, not a grid value: its bounds are meant exactly.
    tolerance: 0,
    measured: true,
  },
};
