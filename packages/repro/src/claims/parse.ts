/** Reads a claims file. Called while planning: nothing is measured here. */
import { InputError, oneOf } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { parseJson } from '../params/parse-json.ts';
import { firstError } from '../params/validate.ts';
import { claimsSchema } from './definition.ts';
import type { Claim, Part, Vocabulary } from './definition.ts';
import { acknowledgementProblem, expectationProblem } from './problems.ts';
import { rules } from './rules.ts';

/**
 * The claims in the text of a claims file, checked: every rule and quantity is known, they fit each other, and the
 * expectation has the numbers that the rule needs and no others. Throws an InputError of one line that says where.
 */
export function parseClaims(text: string, fileName: string, vocabulary: Vocabulary): Claim[] {
  const value = parseJson(text, fileName) as { claims?: readonly unknown[] } | null;
  const fail = (message: string): never => {
    throw new InputError(`${fileName}: ${message}`);
  };
  const raw = Array.isArray(value?.claims) ? (value.claims as readonly Partial<Claim>[]) : [];
  raw.forEach((claim, i) =>
    eachPart(claim, `claims[${i}]`, (part, where) => checkNames(part, where, vocabulary, fail)),
  );
  const error = firstError(claimsSchema(vocabulary), value);
  if (error) fail(error);
  const claims = raw as readonly Claim[];
  const seen = new Set<string>();
  claims.forEach((claim, i) => {
    if (seen.has(claim.id)) fail(`claims[${i}].id = ${JSON.stringify(claim.id)}: there is a claim of this id already`);
    seen.add(claim.id);
    eachPart(claim, claim.id, (part, where) => checkExpectation(part as Part, where, vocabulary, fail));
  });
  return [...claims];
}

type Fail = (message: string) => never;

function eachPart(claim: Partial<Claim> | null, where: string, visit: (part: Partial<Part>, where: string) => void) {
  if (Array.isArray(claim?.parts)) claim.parts.forEach((part: Partial<Part>, i) => visit(part, `${where}.parts[${i}]`));
}

/** Before the schema, which could only list all names. */
function checkNames(part: Partial<Part>, where: string, { quantities }: Vocabulary, fail: Fail): void {
  for (const [member, names] of [
    ['quantity', quantities.map(({ id }) => id)],
    ['rule', Object.keys(rules)],
  ] as const) {
    const name: unknown = part?.[member];
    if (typeof name !== 'string' || names.includes(name)) continue;
    const hint = didYouMean(name, names) || `: ${oneOf(names)}`;
    fail(`${where}.${member} = ${JSON.stringify(name)}: unknown ${member}${hint}`);
  }
}

function checkExpectation(part: Part, where: string, { quantities }: Vocabulary, fail: Fail): void {
  const { quantity, rule, expectation } = part;
  const { kind, required, optional } = rules[rule];
  const found = quantities.find(({ id }) => id === quantity)!.kind;
  if (found !== kind) {
    const fitting = Object.entries(rules).filter((entry) => entry[1].kind === found);
    fail(
      `${where}.rule = "${rule}": "${quantity}" is ${found === 'cells' ? 'a value in each of many cells' : 'one estimate'}: expected one of ${fitting.map(([name]) => name).join(', ')}`,
    );
  }
  const given = Object.keys(expectation);
  const allowed: readonly string[] = [...required, ...optional];
  for (const name of required)
    if (!given.includes(name)) fail(`${where}.expectation.${name}: missing, the rule "${rule}" needs it`);
  for (const name of given) {
    if (!allowed.includes(name))
      fail(`${where}.expectation.${name}: the rule "${rule}" does not use it: expected ${allowed.join(', ')}`);
  }
  if (optional.length && !given.some((name) => (optional as readonly string[]).includes(name))) {
    fail(`${where}.expectation: a bound is missing: expected ${optional.join(', ')}`);
  }
  const problem = expectationProblem(expectation);
  if (problem !== undefined) fail(`${where}.expectation: ${problem}`);
  for (const [set, known] of Object.entries(part.acknowledged ?? {})) {
    const wrong = acknowledgementProblem(known);
    if (wrong !== undefined) fail(`${where}.acknowledged.${set}: ${wrong}`);
  }
}
