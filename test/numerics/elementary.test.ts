import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cos, exp, expm1, ln, lnGamma, log10, log1p, pow, sin } from '../../numerics/elementary.ts';

const word = new Float64Array(1);
const bits = new BigInt64Array(word.buffer);

/** Distance in representable numbers. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  if (a !== a || b !== b || a < 0 !== b < 0) return Infinity;
  word[0] = a;
  const first = bits[0]!;
  word[0] = b;
  return Math.abs(Number(first - bits[0]!));
}

let state = 1;
function uniform(): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 4294967296;
}

function worst(f: (x: number) => number, g: (x: number) => number, draw: () => number, count = 50_000): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const x = draw();
    const distance = ulps(f(x), g(x));
    assert.ok(distance <= 2, `${f.name}(${x}) = ${f(x)}: expected ${g(x)}`);
    most = Math.max(most, distance);
  }
  return most;
}

test('within 2 ulp of the engine', (t) => {
  const wide = () => Math.pow(10, uniform() * 600 - 300);
  const nearOne = () => 0.5 + uniform();
  const signedSmall = () => (uniform() - 0.5) * Math.pow(10, -16 * uniform());
  const cases: [string, number][] = [
    ['ln', Math.max(worst(ln, Math.log, wide), worst(ln, Math.log, nearOne))],
    ['log10', Math.max(worst(log10, Math.log10, wide), worst(log10, Math.log10, nearOne))],
    ['log1p', Math.max(worst(log1p, Math.log1p, wide), worst(log1p, Math.log1p, signedSmall))],
    ['exp', worst(exp, Math.exp, () => uniform() * 1450 - 740)],
    [
      'expm1',
      Math.max(
        worst(expm1, Math.expm1, () => uniform() * 740 - 30),
        worst(expm1, Math.expm1, signedSmall),
      ),
    ],
    [
      'sin',
      Math.max(
        worst(sin, Math.sin, () => (uniform() - 0.5) * 2e5),
        worst(sin, Math.sin, () => uniform() * 7),
      ),
    ],
    [
      'cos',
      Math.max(
        worst(cos, Math.cos, () => (uniform() - 0.5) * 2e5),
        worst(cos, Math.cos, () => uniform() * 7),
      ),
    ],
  ];
  for (const [name, distance] of cases) t.diagnostic(`${name}: ${distance} ulp`);
});

test('pow is within 2 ulp of the engine over the whole range', () => {
  for (let i = 0; i < 100_000; i++) {
    const x = Math.pow(10, uniform() * 20 - 10);
    const y = ((uniform() - 0.5) * 600) / Math.max(1, Math.abs(Math.log10(x)));
    assert.ok(ulps(pow(x, y), Math.pow(x, y)) <= 2, `${x}^${y} = ${pow(x, y)}: expected ${Math.pow(x, y)}`);
  }
});

test('exact and exceptional values', () => {
  for (let k = -300; k <= 300; k++) assert.equal(log10(Number(`1e${k}`)), k);
  assert.equal(ln(1), 0);
  assert.equal(ln(0), -Infinity);
  assert.equal(ln(5e-324), -744.4400719213812);
  assert.equal(exp(0), 1);
  assert.equal(exp(-746), 0);
  assert.equal(exp(710), Infinity);
  assert.equal(exp(-745), 5e-324);
  assert.equal(expm1(-100), -1);
  assert.equal(log1p(-1), -Infinity);
  assert.equal(pow(2, 10), 1024);
  assert.equal(pow(2, -1074), 5e-324);
  assert.ok(ulps(pow(2, 0.5), Math.SQRT2) <= 1);
  assert.equal(pow(-2, 3), -8);
  for (const [x, y] of [
    [0, 2],
    [0, -2],
    [-0, 3],
    [-0, -3],
    [0, 0],
    [1, 1e300],
    [Infinity, -1],
    [0.5, Infinity],
    [2, -Infinity],
    [-Infinity, 3],
    [10, 400],
    [10, -400],
  ] as const) {
    assert.ok(Object.is(pow(x, y), Math.pow(x, y)), `${x}^${y} = ${pow(x, y)}`);
  }
  for (const f of [ln, log10, log1p, exp, expm1]) assert.ok(Number.isNaN(f(NaN)), f.name);
  assert.ok(Number.isNaN(ln(-1)) && Number.isNaN(pow(-1, 0.5)));
  assert.throws(() => sin(1e9), /angle 1000000000: expected at most 1e5/);
});

test('lnGamma against factorials and the reflection at one half', () => {
  let factorial = 1;
  for (let k = 1; k < 100; k++) {
    assert.ok(Math.abs(lnGamma(k) - Math.log(factorial)) <= 4e-15 * Math.max(10, Math.log(factorial)), `lnGamma(${k})`);
    factorial *= k;
  }
  assert.ok(Math.abs(lnGamma(0.5) - 0.5 * Math.log(Math.PI)) < 2e-14);
  assert.ok(Math.abs(lnGamma(1e-3) - 6.907178885383853) < 2e-14);
});
