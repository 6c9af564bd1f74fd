/** Schemas whose equal parts are written once: what is generated of a schema grows with its text. */
import { isObject } from '../is-object.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Shorter ones are checked sooner than a function for them is called. */
const leastCharacters = 60;
const single = ['items', 'additionalProperties'];
const named = ['properties', 'patternProperties'];
const listed = ['anyOf', 'allOf'];

/**
 * A schema that accepts the same values, with the parts that occur more than once among its `$defs`, and without
 * descriptions. Parts with default values stay where they are, since whether these are filled in depends on the place; a
 * schema that has references of its own stays as it is.
 */
export function withSharedParts(schema: Schema): Schema {
  const text = JSON.stringify(schema);
  if (/"\$(ref|id|defs|dynamicRef|anchor)":/.test(text)) return schema;
  const found = new Set<string>();
  const repeated = new Set<string>();
  const look = (part: Schema): Schema => {
    const key = JSON.stringify(bare(part));
    if (found.has(key)) repeated.add(key);
    // What is in it is in its function, and needs none of its own.
    else within(part, look);
    found.add(key);
    return part;
  };
  look(schema);

  const $defs: Record<string, Schema> = {};
  const names = new Map<string, string>();
  const share = (part: Schema): Schema => {
    const key = JSON.stringify(bare(part));
    if (!repeated.has(key) || key.length < leastCharacters || key.includes('"default":')) return within(part, share);
    let name = names.get(key);
    if (name === undefined) {
      names.set(key, (name = `part${names.size}`));
      $defs[name] = within(part, share);
    }
    return { $ref: `#/$defs/${name}` };
  };
  const shared = within(schema, share);
  return names.size === 0 ? schema : { ...shared, $defs };
}

function bare({ description: _, title: __, ...part }: Schema): Schema {
  return part;
}

/** A schema with each schema in it replaced. */
function within(schema: Schema, replace: (part: Schema) => Schema): Schema {
  const changed: Record<string, unknown> = { ...bare(schema) };
  const each = (part: unknown): unknown => (isObject(part) ? replace(part) : part);
  for (const keyword of single) if (isObject(changed[keyword])) changed[keyword] = each(changed[keyword]);
  for (const keyword of named) {
    const parts = changed[keyword];
    if (isObject(parts))
      changed[keyword] = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, each(part)]));
  }
  for (const keyword of listed) {
    const parts = changed[keyword];
    if (Array.isArray(parts)) changed[keyword] = parts.map(each);
  }
  return changed;
}
