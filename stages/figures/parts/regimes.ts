/** The two regimes of the large models, by the rims of their marks: thin for weak superposition, thick for strong. */
import type { Fragment } from 'repro/figures';
import { superpositionOf } from '../needs.ts';

const rims: Readonly<Record<string, number>> = { weak: 0.4, strong: 1.7 };

export const regimeOf = superpositionOf;

/** With a legend of the regimes that are drawn, unless it is only one. */
export function regimeRim(models: readonly { readonly gamma: number }[]): Fragment {
  const domain = Object.keys(rims).filter((regime) => models.some((model) => regimeOf(model) === regime));
  const legend = {
    title: 'Superposition',
    symbolType: 'circle',
    symbolFillColor: '#bbbbbb',
    symbolStrokeColor: '#333333',
    symbolOpacity: 1,
    symbolSize: 40,
  };
  return {
    field: 'regime',
    type: 'ordinal',
    scale: { type: 'ordinal', domain, range: domain.map((regime) => (domain.length > 1 ? rims[regime] : 0.5)) },
    legend: domain.length > 1 ? legend : null,
  };
}
