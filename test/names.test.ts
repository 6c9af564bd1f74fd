import assert from 'node:assert/strict';
import { test } from 'node:test';
import paper from '../pipeline.ts';
import { canonicalJson } from '../packages/repro/src/graph/canonical-json.ts';
import { sha256 } from '../packages/repro/src/graph/digest.ts';
import type { Graph } from '../packages/repro/src/graph/graph.ts';
import { knownSets, loadParameters } from '../packages/repro/src/params/load.ts';
import type { PipelineDefinition } from '../packages/repro/src/pipeline.ts';
import { planGraph } from '../packages/repro/src/session.ts';

/** Node names of the paper's parameter sets: what people read and type. */
const pipeline = paper as unknown as PipelineDefinition;
const root = new URL('..', import.meta.url).pathname;
const sets = knownSets(root);
const graphs = new Map(
  sets.map((set) => [set, planGraph(pipeline, root, loadParameters(root, set, [], pipeline.params)).graph]),
);

/** By what a node is made from, whatever the set: its name. */
function namesByIdentity({ nodes }: Graph): Map<string, string> {
  const identities: string[] = [];
  return new Map(
    nodes.map(({ stage, paramsJson, inputs, name }) => {
      const places = inputs.map(({ name: input, handles }) => [
        input,
        handles.map(({ node, output }) => (node.kind === 'node' ? [identities[node.index]!, output] : node.path)),
      ]);
      const identity = sha256(canonicalJson([stage.name, stage.variant, paramsJson, places]));
      identities.push(identity);
      return [identity, name];
    }),
  );
}

for (const [set, { nodes, byName }] of graphs) {
  test(`${set}: names are unique, short, and have gamma and m at their ends`, () => {
    assert.equal(byName.size, nodes.length);
    const lengths = nodes.map(({ name }) => name.length).sort((a, b) => a - b);
    assert.ok(lengths[lengths.length >> 1]! <= 60, `median ${lengths[lengths.length >> 1]!}`);
    assert.ok(lengths.at(-1)! <= 100, `longest ${lengths.at(-1)!}`);
    for (const { name, stage } of nodes) if (stage.name === 'train') assert.match(name, /,gamma=[^,]+,m=\d+\]$/);
  });
}

test('a node that two sets have in common has one name', () => {
  const known = new Map<string, string>();
  let shared = 0;
  for (const graph of graphs.values()) {
    for (const [identity, name] of namesByIdentity(graph)) {
      const before = known.get(identity);
      if (before === undefined) known.set(identity, name);
      else {
        shared++;
        assert.equal(name, before);
      }
    }
  }
  assert.ok(shared > 100, `${shared} nodes in common`);
});

test('a list of the small sweep changed renames only what the small sweep no longer asks for', () => {
  const changed = loadParameters(
    root,
    'quick',
    ['small.m=[8, 17]', 'small.alpha=[0, 1]', 'figures=[]'],
    pipeline.params,
  );
  const after = namesByIdentity(planGraph(pipeline, root, changed).graph);
  const before = namesByIdentity(graphs.get('quick')!);
  const renamed = [...after].filter(([identity, name]) => before.has(identity) && before.get(identity) !== name);
  for (const [identity, name] of renamed) assert.match(`${before.get(identity)!} ${name}`, /^[\w-]+\[small,/);
});

test('seeds, rows of unit norm and zero biases are trained only at the alphas and m that a set lists', () => {
  const params = loadParameters(
    root,
    'quick',
    [
      'replicates.small={"gamma":["-5/9"],"alpha":[1],"m":[8,17],"count":3}',
      'small.unitRows={"alpha":[2]}',
      'initialBias={"rows":{"gamma":["1/3"],"alpha":[0],"m":[8],"seeds":2},"alpha":[],"breakdown":false}',
      'variants=null',
    ],
    pipeline.params,
  );
  const trained = planGraph(pipeline, root, params).graph.nodes.filter(({ stage }) => stage.name === 'train');
  const count = (wanted: object): number =>
    trained.filter(({ params: of }) => Object.entries(wanted).every(([name, value]) => of[name] === value)).length;
  assert.equal(count({ n: 320, replicate: 2 }), 2);
  assert.equal(count({ n: 320, projection: 'unit-rows' }), 6);
  const zero = trained.filter(({ params: { initialBias } }) =>
    canonicalJson(initialBias).includes('"mean":0,"standardDeviation":0'),
  );
  assert.equal(zero.length, 2);
});
