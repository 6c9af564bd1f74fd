/** Points that the authors published: how they are drawn, and what captions say of them. */
import { faint, hollow, lines } from 'repro/figures';
import type { Fragment, Row } from 'repro/figures';

/** " Hollow: the authors' own points (arXiv:2505.10465), n = 1000." */
export function publishedNote(of: string): string {
  return ` Hollow: the points of the authors' figure (arXiv:2505.10465), ${of}.`;
}

/** Begins the subtitle of a figure that only shows what the authors published. */
export const notMeasured = 'Published points, not measured again: ';

/** Hollow points, and through those that share a value of `curve` a thin line, so that each series can be followed. */
export function joined(rows: readonly Row[], curve: string): Fragment[] {
  const detail = { detail: { field: curve, type: 'nominal' } };
  return [lines(rows, detail, { color: faint, strokeWidth: 0.6, opacity: 0.5 }), hollow(rows)];
}
