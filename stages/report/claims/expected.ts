/** What a rule asks for, in words. */
import { formatConstant, formatPercent } from '../format.ts';
import type { ClaimDefinition, Criterion, Expectation } from './definition.ts';
import { labels } from './labels.ts';
import { describeCells } from './select.ts';

/** "φ½ ≥ 0.95 in at least 95% of the cells (γ ≤ −0.556); ..." */
export function describeClaim(claim: ClaimDefinition): string {
  return criteriaOf(claim).map(describeCriterion).join('; ');
}

export function criteriaOf(claim: ClaimDefinition): Criterion[] {
  return [claim, ...(claim.also ?? [])];
}

/** The same of one part. */
export function describeCriterion({ quantity, rule, expectation, cells, against }: Criterion): string {
  const where = describeCells(cells);
  const beside = describeCells(against);
  const scope = [where, beside && `against ${beside}`].filter(Boolean).join(' ');
  return describeRule(labels[quantity], rule, expectation) + (scope ? ` (${scope})` : '');
}

function describeRule(label: string, rule: Criterion['rule'], expectation: Expectation): string {
  const { value, uncertainty, halfWidth, share } = expectation;
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
      return share === 1
        ? `${label} ${describeBound(expectation)} in every cell`
        : `${label} ${describeBound(expectation)} in at least ${formatPercent(share!)} of the cells`;
    default:
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
