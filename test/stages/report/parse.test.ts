import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from 'repro';
import { ClaimsFile } from '../../../stages/report/claims/definition.ts';
import { parseClaims } from '../../../stages/report/claims/parse.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const good = {
  id: 'weak-slow',
  sentence: 'Slow.',
  source: 'Fig. 4b',
  quantity: 'model-exponent',
  rule: 'mean',
  expectation: { high: 0.5 },
};

function refused(claims: unknown[], message: RegExp): void {
  assert.throws(
    () => parseClaims(JSON.stringify({ claims }), 'params/claims.json'),
    (error) => error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
  );
}

test('the claims of the paper are well formed, and the published schema is that of the code', () => {
  const claims = parseClaims(read('params/claims.json'), 'params/claims.json');
  assert.equal(claims.length, 36);
  const published = JSON.parse(read('params/claims.schema.json')) as Record<string, unknown>;
  assert.deepEqual(
    published,
    JSON.parse(JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...ClaimsFile })),
  );
});

test('every kind of mistake is one line that names it', () => {
  refused([good, { ...good }], /claims\[1\]\.id = "weak-slow": there is a claim of this id already/);
  refused(
    [{ ...good, quantity: 'model-exponnet' }],
    /claims\[0\]\.quantity = "model-exponnet": unknown quantity \(did you mean "model-exponent"\?\)/,
  );
  refused([{ ...good, rule: 'meen' }], /claims\[0\]\.rule = "meen": unknown rule \(did you mean "mean"\?\)/);
  refused(
    [{ ...good, also: [{ quantity: 'x'.repeat(30), rule: 'mean', expectation: {} }] }],
    /claims\[0\]\.also\[0\]\.quantity = "x+": unknown quantity: expected one of/,
  );
  refused([{ ...good, expectation: { high: 'half' } }], /claims\[0\]\.expectation\.high = "half": expected a number/);
  refused(
    [{ ...good, expectation: { hihg: 0.5 } }],
    /claims\[0\]\.expectation\.hihg: unknown parameter \(did you mean "high"\?\)/,
  );
  refused([{ ...good, expectation: {} }], /weak-slow\.expectation: a bound is missing/);
  refused(
    [{ ...good, expectation: { high: 1, share: 0.5 } }],
    /weak-slow\.expectation\.share: the rule "mean" does not use it/,
  );
  refused(
    [{ ...good, rule: 'agree', expectation: { value: 1, uncertainty: 1 } }],
    /weak-slow\.rule = "agree": "model-exponent" is a value in each of many cells/,
  );
  refused([{ ...good, rule: 'share' }], /weak-slow\.expectation\.share: missing/);
  refused([{ ...good, acknowledged: { quick: { verdict: 'wrong', reason: 'x' } } }], /acknowledged\.quick\.verdict/);
  refused([{ ...good, sentence: 3 }], /claims\[0\]\.sentence = 3: expected a string/);
  refused([7], /claims\[0\]/);
});

test('text that is not JSON is located', () => {
  assert.throws(
    () => parseClaims('{\n  "claims": [,]\n}', 'params/claims.json'),
    /^InputError: params\/claims\.json:2:14: /,
  );
});
