import { Kind, Type } from '@sinclair/typebox';
import type { TObject, TSchema } from '@sinclair/typebox';
import { GraphError } from '../graph/graph.ts';

/** Parameters as their default values: `{ seeds: [1, 2, 3], noise: 0.1 }`. */
export type Defaults = Readonly<Record<string, unknown>>;

/** What parameters must satisfy that are given as a schema, or by their default values. */
export function parameterSchema(params: TObject | Defaults): TObject {
  return isSchema(params) ? params : (schemaOf(params, 'params') as TObject);
}

function isSchema(params: TObject | Defaults): params is TObject {
  return Kind in params;
}

/** Values like this one: of its type, for a list of the type of its first element; an object has these members and no others. */
function schemaOf(value: unknown, where: string): TSchema {
  if (Array.isArray(value)) {
    const items = value.length > 0 ? withoutDefault(schemaOf(value[0], `${where}[0]`)) : Type.Unknown();
    return Type.Array(items, { default: value });
  }
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) break;
      return Type.Number({ default: value });
    case 'string':
      return Type.String({ default: value });
    case 'boolean':
      return Type.Boolean({ default: value });
    case 'object':
      if (value === null || ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) break;
      for (const name of Object.keys(value)) checkName(name, where);
      return Type.Object(
        Object.fromEntries(Object.entries(value).map(([name, member]) => [name, schemaOf(member, `${where}.${name}`)])),
        { additionalProperties: false, default: {} },
      );
  }
  throw new GraphError(
    `${where} = ${String(value)}: expected a number, text, true or false, a list, or an object of these`,
  );
}

/** Files of sets have members of their own beside the parameters. */
function checkName(name: string, where: string): void {
  if (where === 'params' && ['extends', '$schema', '$archive'].includes(name))
    throw new GraphError(
      `${where}: ${JSON.stringify(name)}: it is a member of every parameter set: choose another name`,
    );
}

function withoutDefault({ default: _, ...schema }: TSchema): TSchema {
  return schema;
}
