import type { TSchema } from '@sinclair/typebox';
import { canonicalNumber, parseFraction } from '../graph/numbers.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Parameters with one spelling for each number: twelve significant digits, 0 for -0, and the number that a fraction
 * such as "5/9" stands for, where the schema expects a number and no string.
 */
export function canonicalValues(value: unknown, schema: TSchema): unknown {
  return canonical(value, alternatives(schema));
}

function canonical(value: unknown, schemas: readonly Schema[]): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? canonicalNumber(value) : value;
  if (typeof value === 'string') return takesNumberOnly(schemas) ? (parseFraction(value) ?? value) : value;
  if (Array.isArray(value)) {
    const items = schemas.flatMap((schema) => alternatives(schema['items'] as Schema | undefined));
    return value.map((element) => canonical(element, items));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => {
    const below = schemas.flatMap((schema) => {
      const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
      return properties && Object.hasOwn(properties, name) ? alternatives(properties[name]) : [];
    });
    return [name, canonical(member, below)];
  });
  return Object.fromEntries(members);
}

/** A schema, or each of those that it is any of. */
function alternatives(schema: Schema | undefined): Schema[] {
  if (schema === undefined) return [];
  const any = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  return any ? any.flatMap(alternatives) : [schema];
}

function takesNumberOnly(schemas: readonly Schema[]): boolean {
  const types = schemas.map((schema) => schema['type']);
  return (types.includes('number') || types.includes('integer')) && !types.includes('string');
}
