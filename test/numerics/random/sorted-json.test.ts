import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from 'repro';
import { sortedJson } from '../../../numerics/random/sorted-json.ts';
import type { PlainValue } from '../../../numerics/random/sorted-json.ts';

test('plain values are spelled as in canonical JSON', () => {
  const name = fc.string({ unit: 'grapheme-ascii' }).filter((text) => text !== '__proto__');
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const { value } = fc.letrec<{ value: PlainValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.constant(null),
      number,
      name,
      fc.array(tie('value')),
      fc.dictionary(name, tie('value')),
    ),
  }));
  fc.assert(fc.property(value, (plain) => sortedJson(plain) === canonicalJson(plain)));
});

test('what JSON cannot hold is refused', () => {
  assert.throws(() => sortedJson({ a: [1, NaN] }), {
    name: 'TypeError',
    message: 'NaN: JSON holds finite numbers only',
  });
});
