/** The columns of a table, derived from the type of its rows: a name, a type and a description each. */
import type { TObject, TSchema } from '@sinclair/typebox';

export interface Column {
  /** `strongOverlapMeanSquare`. */
  readonly name: string;
  /** Where its value is in a row: `['strongOverlap', 'meanSquare']`. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly description: string;
  /** Whether a row may lack it: the cell is then empty. */
  readonly optional: boolean;
  /** The words that a text may be. */
  readonly words?: readonly string[];
}

/**
 * A column for each number or text in a row, members of members included; lists have tables of their own. The ends of
 * a 95% interval, `low` and `high`, are named so. Throws for a member without a description.
 */
export function columnsOf(row: TObject): Column[] {
  return within(row, [], '', false);
}

function within(row: TObject, path: readonly string[], about: string, optional: boolean): Column[] {
  return Object.entries(row.properties).flatMap(([member, declared]): Column[] => {
    const { type, nullable } = unwrapped(declared);
    const mayLack = optional || nullable || !row.required?.includes(member);
    const own = [...path, member];
    const words = declared.description ?? type.description;
    if (type['type'] === 'array') return [];
    if (words === undefined) throw new Error(`${own.join('.')}: it has no description`);
    const description = about ? `${about}: ${words}` : words;
    if (type['type'] === 'object') return within(type as TObject, own, description, mayLack);
    const literals = literalsOf(type);
    return [
      {
        name: nameOf(own),
        path: own,
        type: literals ? 'string' : (type['type'] as Column['type']),
        description,
        optional: mayLack,
        ...(literals && { words: literals }),
      },
    ];
  });
}

/** The type less the null that stands for "none". */
function unwrapped(type: TSchema): { type: TSchema; nullable: boolean } {
  const members = type['anyOf'] as readonly TSchema[] | undefined;
  const others = members?.filter((member) => member['type'] !== 'null');
  if (!members || others!.length === members.length) return { type, nullable: false };
  return { type: others!.length === 1 ? others![0]! : { ...type, anyOf: others }, nullable: true };
}

function literalsOf(type: TSchema): string[] | undefined {
  const members = type['anyOf'] as readonly TSchema[] | undefined;
  return members?.map((member) => String(member['const']));
}

function nameOf(path: readonly string[]): string {
  const name = path.map((part, i) => (i ? part[0]!.toUpperCase() + part.slice(1) : part)).join('');
  return /(^l|L)ow$|(^h|H)igh$/.test(name) ? `${name}95` : name;
}
