/** Figs. 5a and 10b: the loss against what Eq. 4 predicts from the unlearned features alone. */
import { fixed, linearAxis, median, plot, theory } from 'repro/figures';
import type { Fragment, Row } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';

export function againstTheory(rows: readonly (Row & { x: number; y: number })[], marks: Fragment): Fragment {
  const highest = Math.max(...rows.flatMap(({ x, y }) => [x, y])) * 1.07;
  const domain = [-0.04 * highest, highest] as const;
  const x = linearAxis('Loss by unlearned features (Eq. 4)', domain, { format: '~g' });
  const rule = theory(
    [
      { x: 0, y: 0 },
      { x: highest, y: highest },
    ],
    { x: 0.72 * highest, y: 0.62 * highest, text: 'L = Eq. 4', dx: 4 },
  );
  return plot(x, linearAxis('Loss L', domain, { format: '~g' }), [marks, ...rule], { width: 190, height: 190 });
}

export function captionOf(models: readonly ModelSummary[]): string {
  const weak = models.filter(({ gamma, unlearnedLoss }) => gamma > 0 && unlearnedLoss > 0);
  const strong = models.filter(({ gamma }) => gamma < -0.5);
  const parts: string[] = [];
  if (weak.length)
    parts.push(
      `for γ > 0 the median of L / Eq. 4 is ${fixed(median(weak.map(({ loss, unlearnedLoss }) => loss / unlearnedLoss)))}`,
    );
  if (strong.length) {
    const small = strong.filter(({ loss, unlearnedLoss }) => unlearnedLoss <= 0.05 * loss).length;
    parts.push(
      `for γ ≤ −0.5 Eq. 4 is below 5% of L in ${small} of ${strong.length} ${strong.length === 1 ? 'model' : 'models'}`,
    );
  }
  return `Loss against (4/3) Σ pᵢ over the features i > φ₁∕₂ n, which are not represented. Dashed: equality.${parts.length ? ` Here ${parts.join('; ')}.` : ''}`;
}
