/** Reads `params/claims.json`. Called while planning, hence light: no quantity is computed here. */
import { InputError, didYouMean, firstError, parseJson } from 'repro';
import { ClaimsFile } from './definition.ts';
import type { ClaimDefinition, Criterion } from './definition.ts';
import { quantities, rules } from './names.ts';

/**
 * The claims in the text of a claims file, checked: every rule and quantity is known, they fit each other, and the
 * expectation has the numbers that the rule needs and no others. Throws an InputError of one line that says where.
 */
export function parseClaims(text: string, fileName: string): ClaimDefinition[] {
  const value = parseJson(text, fileName) as { claims?: readonly unknown[] } | null;
  const fail = (message: string): never => {
    throw new InputError(`${fileName}: ${message}`);
  };
  const raw = Array.isArray(value?.claims) ? value.claims : [];
  raw.forEach((claim, i) =>
    eachCriterion(claim as Partial<ClaimDefinition>, `claims[${i}]`, (criterion, where) =>
      checkNames(criterion, where, fail),
    ),
  );
  const error = firstError(ClaimsFile, value);
  if (error) fail(error);
  const { claims } = value as { claims: ClaimDefinition[] };
  const seen = new Set<string>();
  claims.forEach((claim, i) => {
    if (seen.has(claim.id)) fail(`claims[${i}].id = ${JSON.stringify(claim.id)}: there is a claim of this id already`);
    seen.add(claim.id);
    eachCriterion(claim, claim.id, (criterion, where) => checkExpectation(criterion as Criterion, where, fail));
  });
  return claims;
}

type Fail = (message: string) => never;

function eachCriterion(
  claim: Partial<ClaimDefinition>,
  where: string,
  visit: (criterion: Partial<Criterion>, where: string) => void,
): void {
  if (typeof claim !== 'object' || claim === null) return;
  visit(claim, where);
  if (Array.isArray(claim.also)) claim.also.forEach((criterion, i) => visit(criterion, `${where}.also[${i}]`));
}

/** Before the schema, which could only list all names. */
function checkNames(criterion: Partial<Criterion>, where: string, fail: Fail): void {
  for (const [member, known] of [
    ['quantity', quantities],
    ['rule', rules],
  ] as const) {
    const name = criterion?.[member];
    if (typeof name !== 'string' || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    fail(
      `${where}.${member} = ${JSON.stringify(name)}: unknown ${member}${didYouMean(name, names) || `: expected one of ${names.join(', ')}`}`,
    );
  }
}

function checkExpectation({ quantity, rule, expectation }: Criterion, where: string, fail: Fail): void {
  const { kind, required, optional } = rules[rule];
  if (quantities[quantity] !== kind) {
    const fitting = Object.entries(rules).filter(([, { kind }]) => kind === quantities[quantity]);
    fail(
      `${where}.rule = "${rule}": "${quantity}" is ${quantities[quantity] === 'cells' ? 'a value in each of many cells' : 'one estimate'}: expected one of ${fitting.map(([name]) => name).join(', ')}`,
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
}
