/** What `sortedJson` spells: numbers are finite, names are ASCII. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [name: string]: PlainValue };

/**
 * JSON without white space, members sorted by name: one text for equal values. It is the canonical form (RFC 8785) for the
 * values it takes, and is written here for itself, since random numbers and trained models must not depend on changes to a
 * library. Throws a TypeError on NaN and infinities.
 */
export function sortedJson(value: PlainValue): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${value}: JSON holds finite numbers only`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly PlainValue[]).map(sortedJson).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`).join(',')}}`;
}
