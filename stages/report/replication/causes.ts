/** Why a number of ours differs from the authors' point, where that is known. */
import type { ComparedCell } from './cells.ts';
import type { Series } from './series.ts';

export interface Cause {
  /** "1d". */
  readonly figure: string;
  /** As the report names them: `what` of a series and `place` of a point. */
  readonly what: string;
  readonly place: string;
  readonly cause: string;
}

const largeLoss = { figure: '1d', what: 'loss' };
const tooShort =
  'likely too short a training here: live features that began with a low bias make half of the loss of live ones ([large-strong-exponents](#claim-large-strong-exponents))';

/**
 * A cause belongs here only if a number of this project shows it, and a test computes that number from the published
 * table. `staleCauses` names the entries of no point, and a test refuses them.
 */
export const knownCauses: readonly Cause[] = [
  ...['exponential', 'α = 1.2', 'linear'].map((law) => ({
    ...largeLoss,
    place: `γ = −1.00, ${law}, m = 1024`,
    cause: tooShort,
  })),
  {
    ...largeLoss,
    place: 'γ = −1.00, α = 1.2, m = 128',
    cause: 'luck of one seed: the third most frequent feature is dead here, which is more than half of the loss',
  },
];

const isOf = ({ figure, what }: Cause, series: Series): boolean => figure === series.figure && what === series.what;

/** "not known" but for what `causes` has. */
export function causeOf({ all, series, point }: ComparedCell, causes: readonly Cause[]): string {
  const known = causes.find((cause) => cause.place === point.place && all.some((one) => isOf(cause, one)));
  if (known) return known.cause;
  return series.sameScale ? 'not known' : 'not known; the models are of another scale, which may be all of it';
}

/** Entries that name no point of `all`. */
export function staleCauses(causes: readonly Cause[], all: readonly Series[]): Cause[] {
  return causes.filter(
    (cause) => !all.some((series) => isOf(cause, series) && series.points.some(({ place }) => place === cause.place)),
  );
}
