import { Type } from '@sinclair/typebox';
import type { TSchema } from '@sinclair/typebox';
import { ClaimResult } from '../claims/claim.ts';
import { Acknowledgement } from '../claims/definition.ts';
import { acknowledgementProblem } from '../claims/problems.ts';
import { rules } from '../claims/rules.ts';
import { oneOf } from '../errors.ts';
import { available, json, optional } from '../graph/artifact.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import { a, check, checkMembers, DeclarationError, maybe } from '../graph/declared.ts';
import type { Kind } from '../graph/declared.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';
import { firstError } from '../params/validate.ts';
import { anyJson, as } from './any-type.ts';
import type { Rule } from './rules.ts';

/** A number in a JSON output: see `from`. */
export interface ValueAt {
  readonly handle: Handle;
  readonly path: string;
}

/**
 * A number in a JSON output: `from(fit, 'slope')`, `from(fit, 'exponents.alpha.value')`, `from(fit, 'rows.0.loss')`.
 * Throws a DeclarationError if the output is no JSON, or has a schema in which there is no such member, or no number.
 */
export function from(handle: Handle<ArtifactType>, path: string): ValueAt {
  check('from: the first argument', handle, a.output);
  check('from: the second argument', path, { ...a.text, expected: 'the path of a number, such as "slope"' });
  const { schema, id, columns, isFolder } = handle.type;
  if (columns || isFolder)
    throw new DeclarationError(
      `from(${id}, "${path}"): it is a ${isFolder ? 'folder' : 'table'}: expected JSON: an output of a command that computes the number from it`,
    );
  const unknown = schema && unknownMember(schema, path.split('.'));
  if (unknown !== undefined) throw new DeclarationError(`from(${id}, "${path}"): ${unknown}`);
  return { handle, path };
}

/** Looks only where a schema lists its members. */
function unknownMember(schema: TSchema, [name, ...rest]: readonly string[]): string | undefined {
  if (name === undefined) {
    const type: unknown = schema['type'];
    const isOther = typeof type === 'string' && !['number', 'integer', 'null'].includes(type);
    return isOther ? `its type is ${type}: expected a number` : undefined;
  }
  const properties = schema['properties'] as Readonly<Record<string, TSchema>> | undefined;
  if (!properties) return undefined;
  if (!Object.hasOwn(properties, name)) return `there is no member "${name}": ${oneOf(Object.keys(properties))}`;
  return unknownMember(properties[name]!, rest);
}

interface ClaimFacts {
  /** `slope-is-two`: small letters, digits and "-". */
  readonly id: string;
  /** The claim, in a sentence. */
  readonly sentence: string;
  /** Where it is made: "Eq. 4", "README". */
  readonly source: string;
  /** What is measured, for readers. Default: the path of the value, or the paths of a list. */
  readonly quantity?: string;
  /** Why the rule has these numbers. */
  readonly why?: string;
  /** Whether `verify` requires it. Default: true. */
  readonly required?: boolean;
  /** A verdict other than *reproduced* that is known, with the range of the measured value and the reason. */
  readonly acknowledged?: Acknowledgement;
}

/** A claim about one number, which may have a standard error, or about a list of numbers. */
export type ClaimDeclaration = ClaimFacts &
  (
    | { readonly value: ValueAt; readonly error?: ValueAt; readonly rule: Rule<'estimate'> }
    | { readonly value: readonly ValueAt[]; readonly rule: Rule<'cells'> }
  );

/** A claim that the pipeline judges. */
export interface JudgedClaim {
  readonly id: string;
  readonly result: Handle<typeof OneClaim>;
  readonly required: boolean;
  readonly acknowledged: Acknowledgement | undefined;
}

export const OneClaim = json('claim-result', ClaimResult);

const ClaimParams = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' }),
  sentence: Type.String({ minLength: 1 }),
  source: Type.String({ minLength: 1 }),
  quantity: Type.String(),
  why: Type.String(),
  rule: Type.String(),
  expectation: Type.Record(Type.String(), Type.Number()),
  /** Members of the inputs. */
  path: Type.Union([Type.String(), Type.Array(Type.String())]),
  errorPath: Type.Optional(Type.String()),
});

export const judgeClaim = defineStage({
  name: 'claim',
  code: new URL('repro:outline/run/judge.ts'),
  summary: 'A claim, judged by its rule.',
  params: ClaimParams,
  labels: ['id'],
  inputs: { value: optional(anyJson), error: optional(anyJson), values: available(anyJson) },
  outputs: { result: OneClaim },
  // A process takes longer to start than a claim to judge.
  execution: { batchBy: [], batchWaits: false },
});

const isValueAt = (value: unknown): boolean =>
  a.object.accepts(value) && a.output.accepts((value as Partial<ValueAt>).handle);

/** What values are called whose claim does not say it: `slope`, or `small.slope, large.slope`. */
function shownPaths(paths: readonly string[]): string {
  const different = [...new Set(paths)];
  return different.length > 3 ? `${different[0]!}, ..., ${different.at(-1)!}` : different.join(', ');
}

/** What a claim holds. */
const members: Readonly<Record<string, Kind>> = {
  id: {
    expected: 'small letters, digits and "-", such as "slope-is-two"',
    accepts: (value) => typeof value === 'string' && new RegExp(ClaimParams.properties.id.pattern!).test(value),
  },
  sentence: { ...a.text, expected: 'the claim, in a sentence' },
  source: { ...a.text, expected: 'where the claim is made, such as "Eq. 4"' },
  quantity: maybe(a.text),
  why: maybe(a.anyText),
  required: maybe(a.flag),
  acknowledged: maybe({
    expected: 'a verdict, the range of the measured value and the reason: { verdict, low, high, reason }',
    accepts: (value) => firstError(Acknowledgement, structuredClone(value)) === undefined,
  }),
  value: {
    expected: 'from(output, path), or a list of these',
    accepts: (value) => isValueAt(value) || (Array.isArray(value) && value.length > 0 && value.every(isValueAt)),
  },
  error: maybe({ expected: 'from(output, path)', accepts: isValueAt }),
  rule: {
    expected: 'a rule, such as agree(2, 0.1)',
    accepts: (value) => a.object.accepts(value) && Object.hasOwn(rules, (value as Partial<Rule>).name ?? ''),
  },
};

/**
 * A claim about results, judged by a rule when these are there. For example:
 * `claim({ id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 4', value: from(fit, 'slope'), error: from(fit, 'slopeError'), rule: agree(2, 0.1) })`.
 * With a list of values the rule is one of `share`, `mean`, `median`, `largest`. Throws a GraphError for a rule without a bound.
 */
export function claim(declaration: ClaimDeclaration): JudgedClaim {
  checkMembers('claim', declaration, members);
  const { id, sentence, source, rule, why = '', required = true, acknowledged } = declaration;
  const list = Array.isArray(declaration.value) ? (declaration.value as readonly ValueAt[]) : undefined;
  const one = list ? undefined : (declaration.value as ValueAt);
  const error = 'error' in declaration ? declaration.error : undefined;
  if (list && error)
    throw new DeclarationError(
      `claim ${id}: error: a list of numbers has none: expected only value, or one number with its error`,
    );
  if (rule.name.startsWith('interval-') && !error)
    throw new DeclarationError(
      `claim ${id}: the rule "${rule.name}" judges a 95% interval: expected error: from(output, path), its standard error`,
    );
  const unusable = acknowledged && acknowledgementProblem(acknowledged);
  if (unusable !== undefined) throw new DeclarationError(`claim ${id}: acknowledged: ${unusable}`);
  if (rule.of !== (list ? 'cells' : 'estimate'))
    throw new DeclarationError(
      `claim ${id}: the rule "${rule.name}" judges ${rule.of === 'cells' ? 'a list of numbers' : 'one number'}: expected ${list ? 'share, mean, median or largest' : 'agree, within, intervalWithin or intervalContains'}`,
    );
  if (
    rules[rule.name].optional.length > 0 &&
    !rules[rule.name].optional.some((bound) => rule.expectation[bound] !== undefined)
  )
    throw new DeclarationError(`claim ${id}: the rule "${rule.name}" has no bound: expected low, high, above or below`);
  const { result } = judgeClaim(
    {
      ...{ id, sentence, source, why, rule: rule.name, expectation: rule.expectation },
      quantity: declaration.quantity ?? shownPaths((list ?? [one!]).map(({ path }) => path)),
      path: list ? list.map(({ path }) => path) : one!.path,
      ...(error && { errorPath: error.path }),
    },
    {
      value: one && as(one.handle, anyJson),
      error: error && as(error.handle, anyJson),
      values: (list ?? []).map(({ handle }) => as(handle, anyJson)),
    },
  );
  return { id, result, required, acknowledged };
}
