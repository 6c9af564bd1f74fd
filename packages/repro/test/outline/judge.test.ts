import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildGraph } from '../../src/graph/graph.ts';
import { agree, claim, command, from, json, mean, Type } from '../../src/index.ts';
import { judgeClaim } from '../../src/outline/claim.ts';
import type { ValueAt } from '../../src/outline/claim.ts';
import { run } from '../../src/outline/run/judge.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const Fit = json('fit', Type.Any());

/** The result of a claim about the members of a file. */
async function judged(text: string, declare: (at: (path: string) => ValueAt) => Parameters<typeof claim>[0]) {
  using place = temporaryDirectory();
  const [given, made] = ['fit.json', 'result.json'].map((name) => join(place.path, name)) as [string, string];
  writeFileSync(given, text);
  const { graph } = buildGraph(
    (_, params) => params,
    () => {
      const { fit } = command({ name: 'fit', outputs: { fit: Fit }, run: ['sh'] });
      return claim(declare((path) => from(fit, path)));
    },
  );
  const { params, inputs } = graph.nodes[1]!;
  const file = { path: given, type: 'any-json', node: 'fit' };
  const files = Object.fromEntries(
    inputs.map(({ name, arity, handles }) => [
      name,
      arity === 'available' ? handles.map(() => file) : handles[0] && file,
    ]),
  );
  await run({
    node: 'claim',
    params,
    inputs: files,
    outputs: { result: { path: made, type: 'claim-result' } },
  } as never);
  return (JSON.parse(readFileSync(made, 'utf8')) as { parts: Record<string, unknown>[] }).parts[0]!;
}

const facts = { id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1' };

test('an error that is undefined leaves a claim open: it neither holds nor fails', async () => {
  const part = await judged('{ "slope": 2, "error": null }', (at) => ({
    ...{ ...facts, value: at('slope'), error: at('error'), rule: agree(2, 0.1) },
  }));
  assert.equal(part['verdict'], 'inconclusive');
  assert.match(String(part['detail']), /The standard error is undefined\./);
});

test('a path that leads nowhere: what it could go on with', async () => {
  await assert.rejects(
    judged('{ "fits": { "slope": 2, "error": 1 } }', (at) => ({
      ...facts,
      value: at('fits.slop'),
      rule: agree(2, 0.1),
    })),
    { message: 'fit: fits.slop: there is no such member: expected one of slope, error', stack: '' },
  );
});

test('claims of a run share a process, which takes longer to start than one takes to judge', () => {
  assert.deepEqual(judgeClaim.declaration.execution, { batchBy: [], batchWaits: false });
});

test('what a list of different members is called', async () => {
  const part = await judged('{ "small": 1, "large": 3 }', (at) => ({
    ...{ ...facts, value: [at('small'), at('large')], rule: mean({ low: 2 }) },
  }));
  assert.equal(part['verdict'], 'reproduced');
  assert.equal(part['expected'], 'mean small, large ≥ 2');
});
