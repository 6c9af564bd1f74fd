import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { TSchema } from '@sinclair/typebox';
import { oneOf } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { withSharedParts } from './shared-parts.ts';

// Compiled on every start, so quickly: schemas from TypeBox need no check against the schema of schemas, and code that runs a few times no optimising.
const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  // A parameter may be named as a method of objects is: constructor.
  ownProperties: true,
  strict: false,
  verbose: true,
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
  inlineRefs: false,
  code: { optimize: false },
});
const compiled = new WeakMap<TSchema, ValidateFunction>();

/**
 * Checks a value against a schema and fills in defaults, in place. Returns the first error worth telling, as
 * `small.gamma[3] = "x": expected a number`, or undefined.
 */
export function firstError(schema: TSchema, value: unknown): string | undefined {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(withSharedParts(schema))));
  if (validate(value)) return undefined;
  const errors = validate.errors!;
  const best = errors.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  return describe(best, errors);
}

/** An unknown name says more than what it makes missing; the deepest error is nearest to the mistake. */
function rank(error: ErrorObject): number {
  const depth = error.instancePath.split('/').length;
  const kind =
    error.keyword === 'additionalProperties'
      ? 0.6
      : error.keyword === 'anyOf'
        ? 0.5
        : error.keyword === 'const'
          ? 0.1
          : 0.3;
  return depth + kind;
}

function describe(error: ErrorObject, all: readonly ErrorObject[]): string {
  const where = readablePath(error.instancePath);
  const at = (name: string): string => (where ? `${where}.${name}` : name);
  const shown = `${where || 'the document'} = ${preview(error.data)}`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      return `${at(name)}: unknown parameter${didYouMean(name, known) || `: ${oneOf(known)}`}`;
    }
    case 'required':
      return `${at(String(params['missingProperty']))}: missing`;
    case 'type':
      return `${shown}: expected ${withArticle(String(params['type']))}`;
    case 'anyOf': {
      const constants = all
        .filter((other) => other.keyword === 'const' && other.instancePath === error.instancePath)
        .map((other) => JSON.stringify((other.params as { allowedValue: unknown }).allowedValue));
      const types = all
        .filter((other) => other.keyword === 'type' && other.instancePath === error.instancePath)
        .map((other) => withArticle(String((other.params as { type: unknown }).type)));
      return `${shown}: expected ${[...new Set([...constants, ...types])].join(' or ') || 'another value'}`;
    }
    case 'const':
      return `${shown}: expected ${JSON.stringify(params['allowedValue'])}`;
    case 'enum':
      return `${shown}: ${oneOf((params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)))}`;
    case 'pattern':
      return `${shown}: expected text of the form ${String(params['pattern'])}`;
    case 'minItems':
    case 'maxItems':
      return `${shown}: expected at ${bound(error)} element${params['limit'] === 1 ? '' : 's'}`;
    case 'uniqueItems':
      return `${shown}: elements ${String(params['i'])} and ${String(params['j'])} are the same: expected each once`;
    case 'minLength':
    case 'maxLength':
      return `${shown}: expected at ${bound(error)} character${params['limit'] === 1 ? '' : 's'}`;
    case 'minProperties':
    case 'maxProperties':
      return `${shown}: expected at ${bound(error)} member${params['limit'] === 1 ? '' : 's'}`;
    case 'multipleOf':
      return `${shown}: expected a multiple of ${String(params['multipleOf'])}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `${shown}: expected a number ${String(params['comparison'])} ${String(params['limit'])}`;
    default:
      return `${shown}: ${error.message ?? 'not valid'}`;
  }
}

/** `least 2`, `most 1`. */
function bound({ keyword, params }: ErrorObject): string {
  return `${keyword.startsWith('min') ? 'least' : 'most'} ${String((params as { limit: unknown }).limit)}`;
}

function readablePath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), '');
}

function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? text.slice(0, 57) + '...' : text;
}

function withArticle(type: string): string {
  return type === 'null' ? 'null' : `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}
