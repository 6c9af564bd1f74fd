import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import { canonicalJson } from '../../src/graph/canonical-json.ts';
import { asNumericClass, codeDigestOfText, sha256 } from '../../src/graph/digest.ts';
import type { CodeDigest, NumericClass } from '../../src/graph/digest.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { keyScheme, nodeKey } from '../../src/plan/key.ts';
import type { InputDigests, KeyContext } from '../../src/plan/key.ts';
import { puppetStage } from '../puppets.ts';

const code = codeDigestOfText('code');
const digest = fc.integer().map((i) => sha256(String(i)));
const inputs: fc.Arbitrary<InputDigests> = fc.record({
  from: fc.array(digest, { maxLength: 3 }),
  maybe: fc.option(digest),
  read: fc.array(digest, { maxLength: 2 }),
});
const context: fc.Arbitrary<KeyContext> = fc.record({
  code: fc.string().map(codeDigestOfText),
  numericClass: fc.option(fc.constantFrom('wasm', 'f32').map(asNumericClass), { nil: undefined }),
});
const params = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,4}$/),
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean()),
);

function nodeOf(given: Record<string, unknown>, name = 'make'): GraphNode {
  return buildGraph(
    (_, checked) => checked,
    () => puppetStage(name)(given, { from: [], maybe: undefined, read: [] }).node,
  ).result;
}

test('a key is the digest of its components as canonical JSON', () => {
  fc.assert(
    fc.property(params, context, inputs, (given, { code, numericClass }, sorted) => {
      const digests = Object.fromEntries(Object.entries(sorted).reverse());
      const components = {
        backend: numericClass,
        code,
        inputs: digests,
        params: given,
        scheme: keyScheme,
        stage: 'make',
      };
      assert.equal(nodeKey(nodeOf(given), { code, numericClass }, digests), sha256(canonicalJson(components)));
    }),
  );
});

test('each component changes it, and the order of parameters does not', () => {
  const [a, b] = [sha256('a'), sha256('b')];
  const base = nodeKey(
    nodeOf({ n: 1, m: 2 }),
    { code, numericClass: undefined },
    { from: [a, b], maybe: null, read: [] },
  );
  interface Components {
    given?: Record<string, unknown>;
    stage?: string;
    code?: CodeDigest;
    numericClass?: NumericClass;
    digests?: InputDigests;
    environment?: string;
  }
  const keyOf = ({
    given = { n: 1, m: 2 },
    stage = 'make',
    code: digestOfCode = code,
    numericClass,
    digests = { from: [a, b], maybe: null, read: [] },
    environment,
  }: Components = {}): string =>
    nodeKey(nodeOf(given, stage), { code: digestOfCode, numericClass, environment }, digests);
  assert.equal(keyOf({ given: { m: 2, n: 1 } }), base);
  const others = [
    keyOf({ given: { n: 1, m: 3 } }),
    keyOf({ given: { n: 1 } }),
    keyOf({ given: { n: '1', m: 2 } }),
    keyOf({ stage: 'mix' }),
    keyOf({ code: codeDigestOfText('other code') }),
    keyOf({ numericClass: asNumericClass('wasm') }),
    keyOf({ environment: 'wasm' }),
    keyOf({ digests: { from: [b, a], maybe: null, read: [] } }),
    keyOf({ digests: { from: [a], maybe: b, read: [] } }),
    keyOf({ digests: { from: [a], maybe: null, read: [b] } }),
    keyOf({ digests: { from: [], maybe: null, read: [a, b] } }),
  ];
  assert.equal(new Set([base, ...others]).size, others.length + 1);
});

test('keys are what they were when this was written: a change needs another scheme', () => {
  const [a, b] = [sha256('a'), sha256('b')];
  assert.equal(keyScheme, 2);
  assert.equal(
    nodeKey(
      nodeOf({ alpha: 0.1, m: 39 }),
      { code, numericClass: asNumericClass('wasm-simd') },
      { from: [a, b], maybe: null, read: [] },
    ),
    sha256(
      `{"backend":"wasm-simd","code":"${code}","inputs":{"from":["${a}","${b}"],"maybe":null,"read":[]},"params":{"alpha":0.1,"m":39},"scheme":2,"stage":"make"}`,
    ),
  );
});
