import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { test } from 'node:test';
import { withSharedParts } from '../../src/params/shared-parts.ts';
import { firstError } from '../../src/params/validate.ts';
import { didYouMean, nearest } from '../../src/nearest.ts';

const schema = Type.Object(
  {
    steps: Type.Integer({ minimum: 1 }),
    rate: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    gamma: Type.Array(Type.Number(), { minItems: 1 }),
    decay: Type.Union([Type.Literal('power'), Type.Literal('linear')], { default: 'power' }),
    cap: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    inner: Type.Object({ width: Type.Integer() }, { additionalProperties: false, default: { width: 3 } }),
  },
  { additionalProperties: false },
);
const right = { steps: 10, rate: 0.5, gamma: [1] };

const mistakes: readonly [changes: object, message: string][] = [
  [{ steps: '10' }, 'steps = "10": expected an integer'],
  [{ steps: 1.5 }, 'steps = 1.5: expected an integer'],
  [{ steps: 0 }, 'steps = 0: expected a number >= 1'],
  [{ rate: 0 }, 'rate = 0: expected a number > 0'],
  [{ rate: 2 }, 'rate = 2: expected a number <= 1'],
  [{ gamma: [] }, 'gamma = []: expected at least 1 element'],
  [{ gamma: [1, 'x'] }, 'gamma[1] = "x": expected a number'],
  [{ decay: 'power-law' }, 'decay = "power-law": expected "power" or "linear"'],
  [{ cap: 'x' }, 'cap = "x": expected a number or null'],
  [{ stpes: 3 }, 'stpes: unknown parameter (did you mean "steps"?)'],
  [{ somethingElse: 3 }, 'somethingElse: unknown parameter: expected one of steps, rate, gamma, decay, cap, inner'],
  [{ inner: { widht: 3 } }, 'inner.widht: unknown parameter (did you mean "width"?)'],
  [{ inner: {} }, 'inner.width: missing'],
  [{ steps: undefined }, 'steps: missing'],
];
for (const [changes, message] of mistakes) {
  test(message, () => {
    assert.equal(firstError(schema, JSON.parse(JSON.stringify({ ...right, ...changes }))), message);
  });
}

test('a bound of JSON Schema that is not met is told as what was expected', () => {
  for (const [bounds, value, message] of [
    [Type.Unsafe({ enum: ['a', 2] }), 'b', 'x = "b": expected one of "a", 2'],
    [Type.String({ pattern: '^[a-z]+$' }), 'B', 'x = "B": expected text of the form ^[a-z]+$'],
    [Type.String({ minLength: 1 }), '', 'x = "": expected at least 1 character'],
    [Type.String({ maxLength: 2 }), 'abc', 'x = "abc": expected at most 2 characters'],
    [Type.Array(Type.Number(), { maxItems: 1 }), [1, 2], 'x = [1,2]: expected at most 1 element'],
    [
      Type.Array(Type.Number(), { uniqueItems: true }),
      [1, 2, 1],
      'x = [1,2,1]: elements 0 and 2 are the same: expected each once',
    ],
    [Type.Record(Type.String(), Type.Number(), { minProperties: 1 }), {}, 'x = {}: expected at least 1 member'],
    [Type.Integer({ multipleOf: 4 }), 6, 'x = 6: expected a multiple of 4'],
  ] as const)
    assert.equal(firstError(Type.Object({ x: bounds }), { x: value }), message);
});

test('of a pipeline without parameters none is expected', () => {
  const none = Type.Object({}, { additionalProperties: false });
  assert.equal(firstError(none, { seeds: 3 }), 'seeds: unknown parameter: expected none');
});

test('what is right has no error and gets the defaults', () => {
  const value: Record<string, unknown> = { ...right };
  assert.equal(firstError(schema, value), undefined);
  assert.deepEqual(value, { ...right, decay: 'power', inner: { width: 3 } });
});

test('parts that are equal are checked as one, and errors and defaults are as if each stood where it is', () => {
  const grid = Type.Array(Type.Union([Type.Number({ minimum: 0 }), Type.Literal('all')]), { minItems: 1 });
  const training = Type.Object({ steps: Type.Integer({ minimum: 1 }), grid }, { additionalProperties: false });
  const seeded = Type.Object({ grid, seed: Type.Integer({ default: 7, minimum: 0 }) }, { additionalProperties: false });
  const twice = Type.Object({
    a: { ...training, description: 'the first' },
    b: { ...training, description: 'the second' },
    c: seeded,
    d: seeded,
    e: Type.Union([Type.Null(), seeded, Type.Object({ grid })]),
  });
  const shared = withSharedParts(twice);
  assert.deepEqual(Object.keys(shared['$defs'] as object).length, 2);
  assert.ok(JSON.stringify(shared).length < 0.7 * JSON.stringify(twice).length);

  const right = { steps: 1, grid: [0, 'all'] };
  const value = { a: right, b: right, c: { grid: [1] }, d: { grid: [1], seed: 3 }, e: { grid: [2] } };
  const checked = structuredClone(value) as object;
  assert.equal(firstError(twice, checked), undefined);
  assert.deepEqual(checked, { ...value, c: { grid: [1], seed: 7 } }, 'none in one of several alternatives');
  const wrong: readonly [changes: object, message: string][] = [
    [{ b: { ...right, steps: 0 } }, 'b.steps = 0: expected a number >= 1'],
    [{ a: { ...right, stpes: 1 } }, 'a.stpes: unknown parameter (did you mean "steps"?)'],
    [{ d: { grid: [] } }, 'd.grid = []: expected at least 1 element'],
    [{ b: { ...right, grid: [0, 'none'] } }, 'b.grid[1] = "none": expected "all" or a number'],
  ];
  for (const [changes, message] of wrong)
    assert.equal(firstError(twice, structuredClone({ ...value, ...changes })), message);

  const list = Type.Recursive((self) => Type.Object({ grid, other: grid, rest: Type.Optional(self) }));
  assert.equal(withSharedParts(list), list, 'a schema with references of its own');
});

test('the nearest name is suggested only if it is near', () => {
  const known = ['replicates', 'seed', 'gamma'];
  assert.equal(nearest('replicate', known), 'replicates');
  assert.equal(nearest('SEED', known), 'seed');
  assert.equal(nearest('gama', known), 'gamma');
  assert.equal(nearest('frequencies', known), undefined);
  assert.equal(didYouMean('sede', known), ' (did you mean "seed"?)');
  assert.equal(didYouMean('xyzxyz', known), '');
  assert.equal(nearest('a', []), undefined);
});

test('an optional parameter named as a method of objects is may be left out', () => {
  const named = Type.Object({ constructor: Type.Optional(Type.Number()) } as never);
  assert.equal(firstError(named, {}), undefined);
  assert.match(firstError(named, { constructor: 'x' })!, /^constructor = "x": expected a number/);
});
