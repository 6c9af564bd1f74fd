import { formatNumber } from '../claims/numbers.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isString, parseJsonText } from '../store/records.ts';
import type { PublishedReport } from './published-report.ts';

/** A claim, or a part of one, as a report says it. */
interface Finding {
  readonly verdict: string;
  /** `95%`, `1.013 ± 0.021`; empty where nothing was measured. */
  readonly measured: string;
}

/** A part of a claim that two reports judge differently, or measure differently. */
export interface ClaimChange {
  readonly claim: string;
  /** Empty in reports that had no parts. */
  readonly part: string;
  readonly before: Finding;
  readonly after: Finding;
}

export interface ClaimsDiff {
  /** Parts that both have. */
  readonly both: number;
  readonly verdicts: readonly ClaimChange[];
  /** The same verdict by another measured value. */
  readonly values: readonly ClaimChange[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** Undefined if neither makes claims. */
export function compareClaims(before: PublishedReport, after: PublishedReport): ClaimsDiff | undefined {
  const [first, second] = [claimsOf(before), claimsOf(after)];
  if (!first && !second) return undefined;
  const haveParts = (first ?? second)!.every(hasParts) && (second ?? first)!.every(hasParts);
  const [was, is] = [findings(first ?? [], haveParts), findings(second ?? [], haveParts)];
  const changes = [...was].flatMap(([id, finding]): ClaimChange[] => {
    const other = is.get(id);
    if (!other || (other.verdict === finding.verdict && other.measured === finding.measured)) return [];
    const [claim, part] = id.split(' ') as [string, string | undefined];
    return [{ claim, part: part ?? '', before: finding, after: other }];
  });
  const isVerdict = (change: ClaimChange): boolean => change.before.verdict !== change.after.verdict;
  return {
    both: [...was.keys()].filter((id) => is.has(id)).length,
    verdicts: changes.filter(isVerdict),
    values: changes.filter((change) => !isVerdict(change)),
    onlyBefore: [...was.keys()].filter((id) => !is.has(id)),
    onlyAfter: [...is.keys()].filter((id) => !was.has(id)),
  };
}

/** `claim part` -> what was found; where a report has no parts, `claim` -> its verdict. */
function findings(claims: readonly Judged[], haveParts: boolean): Map<string, Finding> {
  return new Map(
    claims.flatMap((claim): [string, Finding][] =>
      haveParts
        ? (claim['parts'] as Judged[]).map((part) => [`${claim.id} ${part.id}`, findingOf(part)])
        : [[claim.id, { verdict: claim.verdict, measured: '' }]],
    ),
  );
}

/** The first published file that has the form of judged claims. */
function claimsOf({ files }: PublishedReport): Judged[] | undefined {
  for (const [path, content] of files) {
    if (!path.endsWith('.json') || path === 'lock.json' || path === 'provenance.json') continue;
    const value = content.length < largestClaims ? parseJsonText(content.toString('utf8')) : undefined;
    if (isArrayOf(isJudged, value) && value.length > 0) return value;
  }
  return undefined;
}

function hasParts(claim: Judged): boolean {
  return isArrayOf(isJudged, claim['parts']) && claim['parts'].length > 0;
}

const largestClaims = 64 << 20;

type Judged = Record<string, unknown> & { readonly id: string; readonly verdict: string };

function isJudged(value: unknown): value is Judged {
  return isObject(value) && isString(value['id']) && isString(value['verdict']);
}

function findingOf({ verdict, measured, measuredText }: Judged): Finding {
  const text = isString(measuredText) ? measuredText : '';
  return { verdict, measured: text || (typeof measured === 'number' ? formatNumber(measured) : '') };
}
