/** Figs. 6a and 6b: which features of one model have row norms above 1. */
import { signed } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import { nearestValues, sameGamma, scaleOf } from '../figure-data.ts';
import type { FigureData, Measurement } from '../figure-data.ts';
import { strongColour, weakColour } from './palettes.ts';
import { strongLabel, weakLabel } from './row-norms.ts';

export const strength: Fragment = {
  field: 'strong',
  type: 'nominal',
  scale: { domain: [strongLabel, weakLabel], range: [strongColour, weakColour] },
  legend: { title: null, orient: 'top', direction: 'horizontal', symbolType: 'square', offset: 8 },
};

export const size = { width: 250, height: 93 };

/** The model with a share of strong rows nearest to 40%: both kinds are then seen. */
export function example(data: FigureData) {
  const distance = ({ summary }: Measurement): number => Math.abs(summary.stronglyRepresentedFraction - 0.4);
  const model = [...data.measurements].sort((a, b) => distance(a) - distance(b) || a.summary.m - b.summary.m)[0]!;
  const { alpha, gamma, m } = model.summary;
  const { remark } = nearestValues([alpha ?? 0], [0.5], 'α');
  return {
    model,
    subtitle: `${scaleOf([model.summary])}, α = ${alpha === null ? 'none' : signed(alpha, 3)}, γ = ${signed(gamma, 3)}`,
    remark:
      ` Of the models with this α and γ, m = ${m} is shown, whose share of strong rows is nearest to 40%.` +
      (remark || (sameGamma(gamma, -5 / 9) ? '' : ` The paper's γ = −0.556 is not in this set; the nearest is drawn.`)),
  };
}
