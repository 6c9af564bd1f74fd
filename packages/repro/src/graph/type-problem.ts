import { Kind } from '@sinclair/typebox';
import { isObject } from '../is-object.ts';

/** Members of a JSON schema that hold other schemas: one, a list of them, or one for each name. */
const one = ['items', 'not', 'additionalProperties', 'contains', 'propertyNames', 'if', 'then', 'else'];
const lists = ['anyOf', 'allOf', 'oneOf'];
const records = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
/** At least one of these is in any schema that is not empty. */
const keywords = new Set([
  ...['type', 'enum', 'const', 'required', 'format', 'pattern', 'default', 'description', 'title', 'nullable'],
  ...['$ref', '$id', '$schema', '$comment', '$anchor', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'prefixItems', 'dependencies'],
  ...['additionalItems', 'unevaluatedItems', 'unevaluatedProperties', 'dependentRequired', ...one],
  ...[...lists, ...records],
]);

/**
 * Why a type of artifact checks nothing, though it is one of those that are checked: `json('fit', { slope: 'number' })` has
 * no schema, and `table('points')` no columns. Undefined where there is nothing to say.
 */
export function typeProblem(type: unknown): string | undefined {
  if (!isObject(type) || typeof type['id'] !== 'string' || typeof type['extension'] !== 'string')
    return 'it is no type of artifact: expected one, such as json(...), table(...) or file(...)';
  const { id, schema, columns } = type;
  if ('columns' in type && !(isObject(columns) && Object.keys(columns).length > 0))
    return `${id} has no columns: expected at least one, such as table("${id}", { x: "number" })`;
  if (!('schema' in type)) return undefined;
  const where = schemaProblem(schema, '');
  return where === undefined
    ? undefined
    : `the schema of ${id}${where && ` has none for ${where}`}: expected one such as Type.Object({ slope: Type.Number() })`;
}

/** The path of the first part that is no schema; empty for the whole of it. */
function schemaProblem(schema: unknown, path: string): string | undefined {
  if (path !== '' && typeof schema === 'boolean') return undefined;
  if (!isObject(schema)) return path;
  const names = Object.keys(schema);
  if (!(Kind in schema) && names.length > 0 && !names.some((name) => keywords.has(name))) return path;
  const inner: [string, unknown][] = [];
  for (const [name, member] of Object.entries(schema)) {
    // As in { additionalProperties: isStrict ? false : undefined }. An array of undefined is a mistake.
    if (member === undefined && name !== 'items') continue;
    if (one.includes(name)) inner.push([`${path}[]`, member]);
    else if (lists.includes(name)) for (const each of Object.values(member as object)) inner.push([path, each]);
    else if (records.includes(name))
      for (const [key, each] of Object.entries(member as object))
        inner.push([path === '' ? key : `${path}.${key}`, each]);
  }
  for (const [at, each] of inner) {
    // Of each of a list of types, a schema; `additionalProperties` may be true or false.
    const problem = Array.isArray(each) || typeof each === 'boolean' ? undefined : schemaProblem(each, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
