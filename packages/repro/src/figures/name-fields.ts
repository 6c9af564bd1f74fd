/**
 * The fields `x` and `y` of a plot by the titles of its axes, so that a reader of the specification, or of a tooltip,
 * sees what the numbers are: `Data exponent α` in place of `x`.
 */
import type { Fragment } from './figure.ts';

/** The same figure; plots whose axes have no titles keep `x` and `y`. */
export function nameFields(specification: Fragment): Fragment {
  return named(specification, {}) as Fragment;
}

type Names = Readonly<Record<string, string>>;

function named(value: unknown, outer: Names): unknown {
  if (Array.isArray(value)) return value.map((member) => named(member, outer));
  if (value === null || typeof value !== 'object') return value;
  const fragment = value as Fragment;
  const names = { ...outer, ...namesOf(fragment['encoding'] as Fragment | undefined) };
  return Object.fromEntries(
    Object.entries(fragment).map(([member, content]) => {
      if (member === 'values' && isRows(content)) return [member, content.map((row) => renamed(row, names))];
      if (member === 'field' && typeof content === 'string') return [member, names[content] ?? content];
      return [member, named(content, names)];
    }),
  );
}

function isRows(value: unknown): value is Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((row) => row !== null && typeof row === 'object' && !Array.isArray(row));
}

function renamed(row: Readonly<Record<string, unknown>>, names: Names): object {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [names[field] ?? field, value]));
}

function namesOf(encoding: Fragment | undefined): Names {
  const titles = (['x', 'y'] as const).flatMap((axis) => {
    const { field, title } = (encoding?.[axis] ?? {}) as { field?: unknown; title?: unknown };
    const words = [title].flat().every((part) => typeof part === 'string') ? wordsOf([title].flat().join(' ')) : '';
    return field === axis && words ? [[axis, words] as const] : [];
  });
  // Two axes of one title would make one field of two.
  return new Set(titles.map(([, words]) => words)).size === titles.length ? Object.fromEntries(titles) : {};
}

/** Letters, digits and spaces of a title: Vega takes dots and brackets in a field's name for a path. */
function wordsOf(title: string): string {
  return title
    .replace(/[^\p{L}\p{N} ]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
