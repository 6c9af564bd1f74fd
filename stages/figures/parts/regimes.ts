/** The two regimes of the large models, by shape: circles for weak superposition, squares for strong. */
import type { Fragment } from 'repro/figures';
import { superpositionOf } from '../needs.ts';

const shapes: Readonly<Record<string, string>> = { weak: 'circle', strong: 'square' };

export const regimeOf = superpositionOf;

/** The shape by which a legend shows a colour: that of the one regime drawn, or circles for both. */
export function legendShape(models: readonly { readonly gamma: number }[]): string {
  return shapes[models.every((model) => regimeOf(model) === 'strong') ? 'strong' : 'weak']!;
}

/** With a legend of the regimes that are drawn, unless it is only one. */
export function regimeShape(models: readonly { readonly gamma: number }[]): Fragment {
  const domain = Object.keys(shapes).filter((regime) => models.some((model) => regimeOf(model) === regime));
  const legend = {
    title: 'Superposition',
    symbolFillColor: '#777777',
    symbolStrokeColor: '#333333',
    symbolOpacity: 1,
    symbolSize: 36,
  };
  return {
    field: 'regime',
    type: 'nominal',
    scale: { domain, range: domain.map((regime) => shapes[regime]) },
    legend: domain.length > 1 ? legend : null,
  };
}
