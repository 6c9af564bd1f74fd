/** The two regimes of the large models, by shape: circles for weak superposition, squares for strong. */
import type { Fragment } from './theme.ts';

const regimes = ['weak', 'strong'];

export function regimeOf({ gamma }: { gamma: number }): string {
  return gamma < 0 ? 'strong' : 'weak';
}

export const regimeShape: Fragment = {
  field: 'regime',
  type: 'nominal',
  scale: { domain: regimes, range: ['circle', 'square'] },
  legend: { title: 'Superposition', symbolFillColor: '#777777', symbolStrokeColor: '#333333', symbolOpacity: 1, symbolSize: 90 },
};
