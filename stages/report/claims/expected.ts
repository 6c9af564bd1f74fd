/** What a rule asks for, in words. */
import { formatNumber, formatPercent } from '../format.ts';
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

function describeCriterion({ quantity, rule, expectation, cells, against }: Criterion): string {
  const where = describeCells(cells);
  const beside = describeCells(against);
  const scope = [where, beside && `against ${beside}`].filter(Boolean).join(' ');
  return describeRule(labels[quantity], rule, expectation) + (scope ? ` (${scope})` : '');
}

function describeRule(label: string, rule: Criterion['rule'], expectation: Expectation): string {
  const { value, uncertainty, halfWidth, share } = expectation;
  const bound = describeBound(expectation);
  switch (rule) {
    case 'agree':
      return `${label} = ${formatNumber(value!)} ± ${formatNumber(uncertainty!)}`;
    case 'within':
      return `${label} ${bound}`;
    case 'interval-within':
      return `${label} ${bound} with its 95% interval`;
    case 'interval-contains':
      return `95% interval of ${label} contains ${formatNumber(value!)}, no wider than ± ${formatNumber(halfWidth!)}`;
    case 'share':
      return share === 1 ? `${label} ${bound} in every cell` : `${label} ${bound} in at least ${formatPercent(share!)} of the cells`;
    default:
      return `${rule} ${label} ${bound}`;
  }
}

function describeBound({ low, high, above, below }: Expectation): string {
  if (low !== undefined && high !== undefined) return `in [${formatNumber(low)}, ${formatNumber(high)}]`;
  if (low !== undefined && below !== undefined) return `in [${formatNumber(low)}, ${formatNumber(below)})`;
  if (above !== undefined && high !== undefined) return `in (${formatNumber(above)}, ${formatNumber(high)}]`;
  if (above !== undefined && below !== undefined) return `in (${formatNumber(above)}, ${formatNumber(below)})`;
  if (low !== undefined) return `≥ ${formatNumber(low)}`;
  if (high !== undefined) return `≤ ${formatNumber(high)}`;
  if (above !== undefined) return `> ${formatNumber(above)}`;
  return `< ${formatNumber(below!)}`;
}
