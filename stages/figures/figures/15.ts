/** Fig. 15: variance of overlaps against that of random vectors. */
import { logAxis, logDomain, plot, points, sheet, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { randomAbsoluteOverlapVariance } from '../../../numerics/geometry/overlaps.ts';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { byAlpha, strongOverlaps } from '../parts/overlaps.ts';
import type { Measured } from '../parts/overlaps.ts';
import { apartBy } from '../parts/set-apart.ts';
import { geometricSpace } from '../parts/row-norms.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '15',
  title: 'Variance of overlaps against that of random vectors',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['small'], superposition: 'strong', random: true },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'small');
  const models = measured.map(({ model }) => model);
  const widths = widthsOf(models);
  const random = data.random
    .filter((row) => row.m >= widths[0]! && row.m <= widths.at(-1)!)
    .map((row) => ({ x: row.m, y: row.overlap.varianceAbsolute }));
  const curve = geometricSpace(widths[0]!, widths.at(-1)!, 40).map((m) => ({
    x: m,
    y: randomAbsoluteOverlapVariance(m),
  }));
  const domain = logDomain([
    ...measured.map(({ overlap }) => overlap.varianceAbsolute),
    ...curve.map((point) => point.y),
  ]);
  const y = logAxis('Variance of |overlap|', domain);
  const layers = [
    ...byAlpha(measured, (overlap) => overlap.varianceAbsolute),
    ...theory(curve, { ...curve[14]!, text: 'random unit vectors', dx: 5, dy: -6 }),
    ...(random.length
      ? [points(random, {}, { shape: 'diamond', fill: '#ffffff', stroke: '#222222', strokeWidth: 1.01, size: 38 })]
      : []),
  ];
  const isBelow = ({ model, overlap }: Measured): boolean =>
    overlap.varianceAbsolute < randomAbsoluteOverlapVariance(model.m);
  const isSkewed = ({ model }: Measured): boolean => (model.alpha ?? 0) > 1;
  const counts = [false, true].flatMap((skewed) => {
    const some = measured.filter((one) => isSkewed(one) === skewed);
    return some.length ? [{ some, where: skewed ? 'α > 1' : 'α ≤ 1' }] : [];
  });
  const below = counts.map(
    ({ some, where }, i) =>
      `in ${some.filter(isBelow).length} of ${some.length}${i ? '' : some.length === 1 ? ' model' : ' models'} with ${where}`,
  );
  return {
    specification: sheet(data.title, `${scaleOf(models)}, every γ < 0`, plot(widthAxis(widths), y, layers)),
    caption:
      `Variance of |wᵢ · wⱼ| among strongly represented rows. It lies below that of random unit vectors (dashed: 1/m − Γ(m/2)²/(π Γ((m+1)/2)²)` +
      `${random.length ? '; diamonds: sampled' : ''}) ${below.join(' and ')}.${apartBy('α')}${remark}`,
  };
}
