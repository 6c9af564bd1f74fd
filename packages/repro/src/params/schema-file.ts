import type { TObject, TSchema } from '@sinclair/typebox';

type Json = Record<string, unknown>;

const dialect = 'http://json-schema.org/draft-07/schema#';

/**
 * `params/schema.json`: what editors check a parameter file against. Nothing is required, since a set may extend
 * another; loading a set checks what it comes to in full.
 */
export function schemaText(name: string, params: TObject): string {
  const schema = withFractions(withoutRequired(JSON.parse(JSON.stringify(params)) as Json)) as Json;
  const document = {
    $schema: dialect,
    title: `A parameter set of ${name}`,
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'Where editors find this schema: "./schema.json".' },
      extends: {
        type: 'string',
        description:
          'The set whose values hold where this one has none. Objects merge member by member, anything else replaces.',
      },
      $archive: {
        type: 'object',
        description: 'The archive with the results of this set, which `repro import --params SET` fetches.',
        properties: { url: { type: 'string' }, sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
        required: ['url', 'sha256'],
        additionalProperties: false,
      },
      ...(schema['properties'] as Json),
    },
  };
  return JSON.stringify(document, null, 2) + '\n';
}

/** What editors check another JSON file of the project against. */
export function fileSchemaText(schema: TSchema): string {
  return JSON.stringify({ $schema: dialect, ...schema }, null, 2) + '\n';
}

/** Objects merge, so each may be a part of one; what is in an array or a union replaces, so it must be whole. */
function withoutRequired(schema: Json): Json {
  const { required: _, ...rest } = schema;
  const properties = rest['properties'] as Record<string, Json> | undefined;
  if (properties)
    rest['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, withoutRequired(member)]),
    );
  return rest;
}

/** Wherever a number may be, editors accept a fraction such as "5/9" too: see `canonicalValues`. */
function withFractions(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withFractions);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, description, ...rest } = schema as Json;
  if (type === 'number') {
    const bounds = { ...(rest as object), type };
    const fraction = { type: 'string', pattern: '^-?\\d+/\\d+$' };
    return { ...(description !== undefined && { description }), anyOf: [bounds, fraction] };
  }
  return Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, withFractions(member)]));
}
