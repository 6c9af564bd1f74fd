import type { NumericClass } from '../graph/digest.ts';
import { environmentOf } from '../graph/command.ts';
import { variableDigests } from '../graph/variables.ts';
import type { GraphNode } from '../graph/graph.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { StageCode } from '../code/stage-code.ts';
import { keyScheme } from './key.ts';
import type { InputDigests } from './key.ts';
import type { Trace } from './trace.ts';
import { tracedInputs } from './trace.ts';
import { isObject } from '../is-object.ts';

export type ReasonKind =
  | 'forced'
  | 'input pending'
  | 'never built'
  | 'parameter changed'
  | 'code changed'
  | 'input changed'
  | 'backend changed'
  | 'command changed'
  | 'variable changed'
  | 'key scheme changed'
  | 'declaration changed'
  | 'output damaged'
  | 'output lost'
  | 'result lost'
  | 'bytes needed'
  | 'failed before'
  | 'could not run before';

/** One reason why a node runs, with what to tell the user about it. */
export interface Reason {
  readonly kind: ReasonKind;
  /** A line each: `alpha: 1 -> 1.5`. */
  readonly details: readonly string[];
}

/** What the present and the last build of a node are compared by. */
export interface Comparison {
  readonly node: GraphNode;
  readonly code: StageCode;
  readonly numericClass: NumericClass | undefined;
  readonly inputs: InputDigests;
  readonly previous: Trace;
}

/** What a result is made of, as far as two of them can be compared. A trace has it. */
export type Ingredients = Pick<
  Trace,
  'scheme' | 'backend' | 'environment' | 'variables' | 'params' | 'code' | 'inputs'
>;

/** Small predicates, cheap ones first; each answers with what differs, or nothing. */
const differences: readonly {
  readonly kind: ReasonKind;
  readonly details: (before: Ingredients, after: Ingredients) => string[];
}[] = [
  {
    kind: 'key scheme changed',
    details: (before, after) => (before.scheme === after.scheme ? [] : [`${before.scheme} -> ${after.scheme}`]),
  },
  {
    kind: 'backend changed',
    details: (before, after) =>
      before.backend === after.backend ? [] : [`${before.backend ?? 'none'} -> ${after.backend ?? 'none'}`],
  },
  {
    kind: 'command changed',
    details: (before, after) =>
      before.environment === after.environment || before.variables || after.variables
        ? []
        : ['the program, its arguments, its variables or the processors that it asks for'],
  },
  {
    kind: 'variable changed',
    details: (before, after) =>
      before.environment === after.environment ? [] : changedVariables(before.variables, after.variables),
  },
  { kind: 'parameter changed', details: (before, after) => changedMembers('', before.params, after.params) },
  {
    kind: 'code changed',
    details: (before, after) => (before.code.digest === after.code.digest ? [] : changedCode(before.code, after.code)),
  },
  { kind: 'input changed', details: (before, after) => changedInputs(before.inputs, after.inputs) },
];

/** All the ways in which a node differs from when it was last built. */
export function differencesFrom({ node, code, numericClass, inputs, previous }: Comparison): Reason[] {
  const environment = environmentOf(node);
  const variables = node.stage.command ? undefined : variableDigests(node.stage);
  return differencesBetween(previous, {
    scheme: keyScheme,
    ...(numericClass !== undefined && { backend: numericClass }),
    ...(environment !== undefined && { environment }),
    ...(variables && { variables }),
    params: node.params,
    code,
    inputs: tracedInputs(node, inputs),
  });
}

/** All the ways in which two results of a node differ. */
export function differencesBetween(before: Ingredients, after: Ingredients): Reason[] {
  const reasons: Reason[] = [];
  for (const { kind, details } of differences) {
    const found = details(before, after);
    if (found.length) reasons.push({ kind, details: found });
  }
  return reasons;
}

/** Which variables of a stage differ; their values may be private. */
function changedVariables(before: Trace['variables'], after: Trace['variables']): string[] {
  if (!before && !after) return [];
  const changes = changedEntries(before ?? {}, after ?? {}).map(
    ([name, was, is]) =>
      `${name}: ${was === undefined ? 'now set' : is === undefined ? 'no longer set' : 'another value'}`,
  );
  return changes.length > 0 ? changes : ['which variables the stage declares'];
}

/** Of two lists of different lengths longer texts say nothing. */
const longestLists = 160;

/** `path: old -> new` for each member that differs. */
export function changedMembers(prefix: string, before: unknown, after: unknown): string[] {
  return memberChanges(before, after, prefix).map(({ path, before: was, after: is }) => {
    const areLong = Array.isArray(was) && Array.isArray(is) && canonicalJson([was, is]).length > longestLists;
    return areLong ? `${path}: ${was.length} items -> ${is.length} items` : `${path}: ${shown(was)} -> ${shown(is)}`;
  });
}

/** One member that differs; `undefined` where it is absent. */
export interface MemberChange {
  /** `small.m[2]` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The innermost members in which two values differ; lists of different lengths differ as a whole. */
export function memberChanges(before: unknown, after: unknown, path = ''): MemberChange[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    // Only their own: a member may be named as a method is.
    const own = (of: Record<string, unknown>, key: string): unknown => (Object.hasOwn(of, key) ? of[key] : undefined);
    return keys.flatMap((key) => memberChanges(own(before, key), own(after, key), path ? `${path}.${key}` : key));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((value, i) => memberChanges(value, after[i], `${path}[${i}]`));
  }
  return [{ path, before, after }];
}

function changedCode(before: Trace['code'], after: Trace['code']): string[] {
  const lines = [
    ...changedEntries(before.files, after.files).map(
      ([path, was, is]) => `${path}${was === undefined ? ' is new' : is === undefined ? ' is no longer used' : ''}`,
    ),
    ...changedEntries(before.packages, after.packages).map(
      ([name, was, is]) => `package ${name}: ${packageChange(was, is)}`,
    ),
  ];
  return lines.length ? lines : [`the bundle: ${before.digest.slice(0, 12)} -> ${after.digest.slice(0, 12)}`];
}

/** `1.0.0 -> 1.0.1`; with the integrity only where the version is the same. */
function packageChange(was = 'none', is = 'none'): string {
  const [before, after] = [was.split(' ')[0]!, is.split(' ')[0]!];
  return before === after ? `${was.slice(0, 40)} -> ${is.slice(0, 40)}` : `${before} -> ${after}`;
}

function changedInputs(previous: Trace['inputs'], present: Trace['inputs']): string[] {
  const lines: string[] = [];
  for (const [name, now] of Object.entries(present)) {
    const before = new Map((previous[name] ?? []).map(({ from, digest }) => [from, digest]));
    const order = (previous[name] ?? []).map(({ from }) => from).join('\n');
    const changes: string[] = [];
    for (const { from, digest } of now) {
      if (!before.has(from)) changes.push(`${name}: ${from} is new`);
      else if (before.get(from) !== digest)
        changes.push(`${name}: ${from}: ${short(before.get(from))} -> ${short(digest)}`);
      before.delete(from);
    }
    for (const from of before.keys()) changes.push(`${name}: ${from} is no longer used`);
    if (!changes.length && order !== now.map(({ from }) => from).join('\n')) changes.push(`${name}: another order`);
    lines.push(...changes);
  }
  return lines;
}

function changedEntries(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): [string, string | undefined, string | undefined][] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((key) => before[key] !== after[key])
    .map((key) => [key, before[key], after[key]]);
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length > 80 ? text.slice(0, 77) + '...' : text;
}

function short(digest: string | null | undefined): string {
  return digest ? digest.slice(0, 12) : 'absent';
}
