/** Figs. 6a and 6b: which features of one model have row norms above 1. */
import { fixed, nearestValues, sameGamma, scaleOf, signed } from '../figure-data.ts';
import type { Figure, FigureData, Measurement } from '../figure-data.ts';
import { sheet } from '../marks.ts';
import { frequencyByRank, normDensity, normHistogram, strongLabel, weakLabel } from '../row-norms.ts';
import { strongColour, weakColour } from '../theme.ts';
import type { Fragment } from '../theme.ts';

const strength: Fragment = {
  field: 'strong',
  type: 'nominal',
  scale: { domain: [strongLabel, weakLabel], range: [strongColour, weakColour] },
  legend: { title: null, orient: 'top', direction: 'horizontal', symbolType: 'square', offset: 8 },
};
const size = { width: 440, height: 150 };

export function figure6a(data: FigureData): Figure {
  const { model, subtitle, remark } = example(data);
  const { stronglyRepresentedFraction, n, strongRankTest } = model.summary;
  const ranks = model.rowNorm.flatMap((norm, i) => (norm > 1 ? [i + 1] : []));
  const others = model.rowNorm.flatMap((norm, i) => (norm > 1 ? [] : [i + 1]));
  const first = others[0];
  return {
    specification: sheet(data.title, subtitle, frequencyByRank(model, strength, size, 'Feature rank i')),
    caption:
      `Feature frequency by rank, coloured by whether the row norm exceeds 1: ${ranks.length} of ${n} features do (φ₁ = ${fixed(stronglyRepresentedFraction)}). ` +
      `${first === undefined ? 'Every feature does.' : `The first feature that does not has rank ${first}`}` +
      `${ranks.length && first !== undefined ? `, the last that does ${ranks.at(-1)!}.` : first === undefined ? '' : '.'}` +
      `${strongRankTest ? ` Mann-Whitney test that strong rows are the more frequent features: z = ${fixed(strongRankTest.z, 1)}.` : ''}${remark}`,
  };
}

export function figure6b(data: FigureData): Figure {
  const { model, subtitle, remark } = example(data);
  const width = model.summary.n >= 800 ? 0.025 : 0.05;
  const bins = normHistogram(model.rowNorm, width);
  const peak = (above: boolean): string => {
    const side = bins.filter((bin) => (above ? bin.low >= 1 - 1e-9 : bin.high <= 1 + 1e-9));
    const best = side.reduce((a, b) => (b.density > a.density ? b : a), {
      low: Number.NaN,
      high: Number.NaN,
      density: 0,
    });
    return best.density > 0 ? `${fixed(best.density, 1)} at norm ${fixed((best.low + best.high) / 2)}` : 'none';
  };
  return {
    specification: sheet(data.title, subtitle, normDensity(model.rowNorm, width, 1, strength, size)),
    caption:
      `Density of row norms. Highest below 1: ${peak(false)}; highest above 1: ${peak(true)}; ` +
      `within 0.025 of 1: ${fixed(model.summary.normDensityAtOne, 1)}. The dashed line is at norm 1.${remark}`,
  };
}

/** The model with a share of strong rows nearest to 40%: both kinds are then seen. */
function example(data: FigureData) {
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
