import type { StageDeclaration } from 'repro';

/** How the nodes of a toy model are named: what all sweeps have in common is left out, gamma and m come last. */
export const toyModelLabels: NonNullable<StageDeclaration['labels']> = [
  { param: 'frequencies', unless: 'power-law' },
  { param: 'firstIndex', unless: 1 },
  'alpha',
  { param: 'density', unless: 1 },
  { param: 'projection', unless: 'none' },
  { param: 'initialBias.mean', unless: 0, as: 'biasMean' },
  { param: 'initialBias.standardDeviation', unless: 1, as: 'biasSd' },
  { param: 'replicate', unless: 0 },
  'gamma',
  'm',
];
