/** Figs. 5a and 10b: the loss against what Eq. 4 predicts from the unlearned features alone. */
import type { ModelSummary } from '../../toy/artifacts.ts';
import { linearAxis } from '../axes.ts';
import { frequencyColour, gammaColour } from '../colours.ts';
import { fixed, median, scaleOf } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { plot, points, sheet, theory } from '../marks.ts';
import type { Row } from '../marks.ts';
import { frequencyNames } from '../theme.ts';
import type { Fragment } from '../theme.ts';
import { legendShape, regimeShape, regimeOf } from '../regimes.ts';
import { rowsOf } from '../tables.ts';

export function figure5a(data: FigureData): Figure {
  const { models } = data.sweep('small');
  // Extremes of gamma last would hide the middle; by loss the colours mix as the authors' do.
  const rows = rowsOf(
    models,
    { gamma: ({ gamma }) => gamma, x: ({ unlearnedLoss }) => unlearnedLoss, y: ({ loss }) => loss },
    'y',
    'gamma',
  );
  const marks = points(rows, { color: gammaColour }, { opacity: 0.8, size: 48, strokeWidth: 0.3 });
  return { specification: sheet(data.title, scaleOf(models), againstTheory(rows, marks)), caption: captionOf(models) };
}

export function figure10b(data: FigureData): Figure {
  const { models } = data.sweep('large');
  const columns = {
    frequencies: (model: ModelSummary) => frequencyNames[model.frequencies]!,
    regime: regimeOf,
    x: ({ unlearnedLoss }: ModelSummary) => unlearnedLoss,
    y: ({ loss }: ModelSummary) => loss,
  };
  const rows = rowsOf(models, columns, 'frequencies', 'regime', 'x');
  const color = frequencyColour(
    models.map((model) => model.frequencies),
    true,
    legendShape(models),
  );
  const marks = points(rows, { color, shape: regimeShape(models) }, { size: 80 });
  return { specification: sheet(data.title, scaleOf(models), againstTheory(rows, marks)), caption: captionOf(models) };
}

function againstTheory(rows: readonly (Row & { x: number; y: number })[], marks: Fragment): Fragment {
  const highest = Math.max(...rows.flatMap(({ x, y }) => [x, y])) * 1.07;
  const domain = [-0.04 * highest, highest] as const;
  const x = linearAxis('Loss by unlearned features (Eq. 4)', domain, { format: '~g' });
  const rule = theory(
    [
      { x: 0, y: 0 },
      { x: highest, y: highest },
    ],
    { x: 0.72 * highest, y: 0.62 * highest, text: 'L = Eq. 4', dx: 6 },
  );
  return plot(x, linearAxis('Loss L', domain, { format: '~g' }), [marks, ...rule]);
}

function captionOf(models: readonly ModelSummary[]): string {
  const weak = models.filter(({ gamma, unlearnedLoss }) => gamma > 0 && unlearnedLoss > 0);
  const strong = models.filter(({ gamma }) => gamma < -0.5);
  const parts: string[] = [];
  if (weak.length)
    parts.push(
      `for γ > 0 the median of L / Eq. 4 is ${fixed(median(weak.map(({ loss, unlearnedLoss }) => loss / unlearnedLoss)))}`,
    );
  if (strong.length) {
    const small = strong.filter(({ loss, unlearnedLoss }) => unlearnedLoss <= 0.05 * loss).length;
    parts.push(`for γ ≤ −0.5 Eq. 4 is below 5% of L in ${small} of ${strong.length} models`);
  }
  return `Loss against (4/3) Σ pᵢ over the features i > φ₁∕₂ n, which are not represented. Dashed: equality.${parts.length ? ` Here ${parts.join('; ')}.` : ''}`;
}
