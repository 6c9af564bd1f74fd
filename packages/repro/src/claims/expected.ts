/** What a rule asks for, in words. */
import type { Expectation, Part } from './definition.ts';
import { formatConstant, formatPercent } from './numbers.ts';
import type { RuleName } from './rules.ts';
import { describeSelection } from './selection.ts';
import type { Coordinates } from './selection.ts';

/** "φ½ ≥ 0.95 in at least 95% of the cells (γ ≤ −0.556)". */
export function describePart(part: Part, label: string, coordinates: Coordinates<never>): string {
  const { rule, expectation, cells, against, seeds } = part;
  const where = describeSelection(cells, coordinates);
  const other = describeSelection(against, coordinates);
  const scope = [where, other && `against ${other}`, seeds && `at least ${seeds} seeds`].filter(Boolean).join(', ');
  return describeRule(label, rule, expectation) + (scope ? ` (${scope})` : '');
}

function describeRule(label: string, rule: RuleName, expectation: Expectation): string {
  const { value, uncertainty, halfWidth, share = 1 } = expectation;
  const cells = share === 1 ? 'in every cell' : `in at least ${formatPercent(share)} of the cells`;
  switch (rule) {
    case 'agree':
      return `${label} = ${formatConstant(value!)} ± ${formatConstant(uncertainty!)}`;
    case 'within':
      return `${label} ${describeBound(expectation)}`;
    case 'interval-within':
      return `${label} ${describeBound(expectation)} with its 95% interval`;
    case 'interval-contains':
      return `95% interval of ${label} contains ${formatConstant(value!)}, no wider than ± ${formatConstant(halfWidth!)}`;
    case 'share':
      return `${label} ${describeBound(expectation)} ${cells}`;
    case 'share-interval':
      return `${label} ${describeBound(expectation)} with its 95% interval ${cells}`;
    case 'equivalent':
      return `95% interval of ${label} ${describeBound(expectation)} ${cells}`;
    case 'mean':
    case 'median':
    case 'largest':
      return `${rule} ${label} ${describeBound(expectation)}`;
  }
}

function describeBound({ low, high, above, below }: Expectation): string {
  if (low !== undefined && high !== undefined) return `in [${formatConstant(low)}, ${formatConstant(high)}]`;
  if (low !== undefined && below !== undefined) return `in [${formatConstant(low)}, ${formatConstant(below)})`;
  if (above !== undefined && high !== undefined) return `in (${formatConstant(above)}, ${formatConstant(high)}]`;
  if (above !== undefined && below !== undefined) return `in (${formatConstant(above)}, ${formatConstant(below)})`;
  if (low !== undefined) return `≥ ${formatConstant(low)}`;
  if (high !== undefined) return `≤ ${formatConstant(high)}`;
  if (above !== undefined) return `> ${formatConstant(above)}`;
  return `< ${formatConstant(below!)}`;
}
