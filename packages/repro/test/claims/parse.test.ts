import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsSchema } from '../../src/claims/definition.ts';
import { parseClaims } from '../../src/claims/parse.ts';
import { defineQuantity, quantitiesOf } from '../../src/claims/quantity.ts';
import { InputError } from '../../src/errors.ts';

interface Results {
  readonly values: readonly number[];
}

const exponent = defineQuantity<Results>({
  id: 'model-exponent',
  label: 'e',
  kind: 'cells',
  measure: (_, { values }) => ({
    kind: 'cells',
    cells: values.map((value) => ({ value })),
    excluded: 0,
    detail: '',
  }),
});

const vocabulary = {
  quantities: [exponent],
  coordinates: { size: { symbol: 's', of: () => 1, tolerance: 0 } },
  themes: ['Growth'],
};

const part = { quantity: 'model-exponent', rule: 'mean', expectation: { high: 0.5 }, design: 3, why: 'Half.' };
const good = {
  id: 'weak-slow',
  sentence: 'Slow.',
  source: 'Fig. 4b',
  by: 'paper',
  theme: 'Growth',
  parts: [part],
};
const withPart = (change: object) => ({ ...good, parts: [{ ...part, ...change }] });

function refused(claims: unknown[], message: RegExp): void {
  assert.throws(
    () => parseClaims(JSON.stringify({ claims }), 'params/claims.json', vocabulary),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return !error.message.includes('\n');
    },
  );
}

test('a well-formed file is read; its schema lists what is registered', () => {
  assert.equal(parseClaims(JSON.stringify({ claims: [good] }), 'c.json', vocabulary).length, 1);
  const text = JSON.stringify(claimsSchema(vocabulary));
  assert.match(text, /"enum":\["model-exponent"\]/);
  assert.match(text, /"size"/);
  assert.match(text, /"enum":\["Growth"\]/);
});

test('quantities are found among the exports of modules, once each', () => {
  assert.deepEqual(quantitiesOf({ exponent, other: 3, nothing: null }), [exponent]);
  assert.throws(
    () => quantitiesOf({ exponent }, { again: { ...exponent } }),
    /two quantities are called "model-exponent"/,
  );
});

test('every kind of mistake is one line that names it', () => {
  refused([good, { ...good }], /claims\[1\]\.id = "weak-slow": there is a claim of this id already/);
  refused(
    [withPart({ quantity: 'model-exponnet' })],
    /claims\[0\]\.parts\[0\]\.quantity = "model-exponnet": unknown quantity \(did you mean "model-exponent"\?\)/,
  );
  refused(
    [withPart({ rule: 'meen' })],
    /claims\[0\]\.parts\[0\]\.rule = "meen": unknown rule \(did you mean "mean"\?\)/,
  );
  refused(
    [{ ...good, parts: [part, { ...part, quantity: 'x'.repeat(30) }] }],
    /claims\[0\]\.parts\[1\]\.quantity = "x+": unknown quantity: expected one of/,
  );
  refused(
    [withPart({ expectation: { high: 'half' } })],
    /claims\[0\]\.parts\[0\]\.expectation\.high = "half": expected a number/,
  );
  refused(
    [withPart({ expectation: { hihg: 0.5 } })],
    /claims\[0\]\.parts\[0\]\.expectation\.hihg: unknown parameter \(did you mean "high"\?\)/,
  );
  refused([withPart({ expectation: {} })], /weak-slow\.parts\[0\]\.expectation: a bound is missing/);
  refused(
    [withPart({ expectation: { high: 1, share: 0.5 } })],
    /weak-slow\.parts\[0\]\.expectation\.share: the rule "mean" does not use it/,
  );
  refused(
    [withPart({ rule: 'agree', expectation: { value: 1, uncertainty: 1 } })],
    /weak-slow\.parts\[0\]\.rule = "agree": "model-exponent" is a value in each of many cells/,
  );
  for (const [expectation, problem] of [
    [{ low: 2, high: 1 }, 'low = 2 and high = 1: no number is within these'],
    [{ above: 1, high: 1 }, 'above = 1 and high = 1: no number is within these'],
    [{ low: 1, below: 1 }, 'low = 1 and below = 1: no number is within these'],
    [{ low: 0, above: 0.5 }, 'low and above: expected one of them'],
    [{ high: 1, below: 0.5 }, 'high and below: expected one of them'],
  ] as const)
    refused([withPart({ expectation })], new RegExp(`weak-slow\\.parts\\[0\\]\\.expectation: ${problem}`));
  refused(
    [withPart({ rule: 'share', expectation: { low: 1, share: 0 } })],
    /expectation: share = 0: it holds whatever is measured: expected more than 0/,
  );
  const point = JSON.stringify({ claims: [withPart({ expectation: { low: 1, high: 1 } })] });
  assert.equal(parseClaims(point, 'params/claims.json', vocabulary).length, 1);
  refused([withPart({ rule: 'share' })], /weak-slow\.parts\[0\]\.expectation\.share: missing/);
  refused([withPart({ acknowledged: { quick: { verdict: 'wrong', reason: 'x' } } })], /acknowledged\.quick\.verdict/);
  refused(
    [withPart({ acknowledged: { quick: { verdict: 'not-reproduced', reason: 'x' } } })],
    /weak-slow\.parts\[0\]\.acknowledged\.quick: low and high are missing/,
  );
  refused(
    [withPart({ acknowledged: { quick: { verdict: 'reproduced', low: 1, reason: 'x' } } })],
    /acknowledged\.quick: verdict = "reproduced": expected another verdict/,
  );
  refused(
    [withPart({ acknowledged: { quick: { verdict: 'not-reproduced', low: 2, high: 1, reason: 'x' } } })],
    /acknowledged\.quick: low = 2: expected at most high = 1/,
  );
  refused([withPart({ cells: { sise: { is: 1 } } })], /cells\.sise/);
  refused([{ ...good, parts: [] }], /claims\[0\]\.parts/);
  refused([{ ...good, sentence: 3 }], /claims\[0\]\.sentence = 3: expected a string/);
  refused([7], /claims\[0\]/);
});

test('text that is not JSON is located', () => {
  assert.throws(
    () => parseClaims('{\n  "claims": [,]\n}', 'params/claims.json', vocabulary),
    /^InputError: params\/claims\.json:2:14: /,
  );
});
