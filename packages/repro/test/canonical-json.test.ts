import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byCodePoint, canonicalJson } from '../src/graph/canonical-json.ts';

test('keys are sorted by code point, numbers in shortest form, absent members left out', () => {
  assert.equal(canonicalJson({ b: 1.0, a: [1e21, -0, 0.1], c: undefined }), '{"a":[1e+21,0,0.1],"b":1}');
  assert.ok(byCodePoint('\u{ff5e}', '\u{1f600}') < 0, 'a surrogate pair sorts after the basic plane');
});

test('what JSON cannot hold is refused, with its place', () => {
  assert.throws(() => canonicalJson({ a: [1, Number.NaN] }), /\$\.a\[1\] = NaN/);
  assert.throws(() => canonicalJson({ f: () => 0 }), /\$\.f: JSON cannot hold a function/);
});
