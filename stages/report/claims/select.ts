/** Which cells of an experiment a criterion is about. */
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { formatConstant } from '../format.ts';
import type { CellSelection, Range } from './definition.ts';

/** Grids are written rounded (-0.556 for -5/9). */
const gridTolerance = 0.005;

export function inRange(value: number, range: Range | undefined, tolerance = gridTolerance): boolean {
  if (!range) return true;
  const { is, atLeast, atMost, above, below } = range;
  return (
    (is === undefined || Math.abs(value - is) <= tolerance) &&
    (atLeast === undefined || value >= atLeast - tolerance) &&
    (atMost === undefined || value <= atMost + tolerance) &&
    (above === undefined || value > above + tolerance) &&
    (below === undefined || value < below - tolerance)
  );
}

interface Selectable {
  readonly frequencies: string;
  readonly alpha: number | null;
  readonly gamma: number;
}

function selected(cell: Selectable, { frequencies, alpha, gamma }: CellSelection): boolean {
  return (
    (!frequencies || frequencies.some((kind) => kind === cell.frequencies)) &&
    (!alpha || (cell.alpha !== null && inRange(cell.alpha, alpha))) &&
    inRange(cell.gamma, gamma)
  );
}

/** The models themselves, without their replicates. */
export function selectModels(sweep: FittedSweepContent, cells: CellSelection = {}): ModelSummary[] {
  return sweep.models.filter(
    (model) =>
      model.replicate === 0 &&
      selected(model, cells) &&
      inRange(model.m, cells.m) &&
      inRange(model.m / model.n, cells.relativeWidth, 1e-3) &&
      // Measured, not a grid value: its bounds are meant exactly.
      inRange(model.stronglyRepresentedFraction, cells.stronglyRepresentedFraction, 0),
  );
}

export function selectFits(sweep: FittedSweepContent, cells: CellSelection = {}): ExponentFit[] {
  return sweep.exponents.filter((fit) => selected(fit, cells));
}

/** `γ ≤ −0.556, α ≤ 1`, or nothing for all cells. */
export function describeCells(cells: CellSelection | undefined): string {
  if (!cells) return '';
  const parts: string[] = [];
  if (cells.frequencies) parts.push(`${cells.frequencies.join(' or ')} frequencies`);
  for (const [name, symbol] of [
    ['gamma', 'γ'],
    ['alpha', 'α'],
    ['m', 'm'],
    ['relativeWidth', 'm/n'],
    ['stronglyRepresentedFraction', 'φ₁'],
  ] as const) {
    const range = cells[name];
    if (range) parts.push(describeRange(symbol, range));
  }
  return parts.join(', ');
}

export function describeRange(symbol: string, { is, atLeast, atMost, above, below }: Range): string {
  if (is !== undefined) return `${symbol} = ${formatConstant(is)}`;
  const left =
    atLeast !== undefined ? `${formatConstant(atLeast)} ≤ ` : above !== undefined ? `${formatConstant(above)} < ` : '';
  const right =
    atMost !== undefined ? ` ≤ ${formatConstant(atMost)}` : below !== undefined ? ` < ${formatConstant(below)}` : '';
  if (left && right) return `${left}${symbol}${right}`;
  if (atLeast !== undefined) return `${symbol} ≥ ${formatConstant(atLeast)}`;
  if (above !== undefined) return `${symbol} > ${formatConstant(above)}`;
  return symbol + right;
}
