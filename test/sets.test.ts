import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import paper from '../pipeline.ts';
import { canonicalJson } from '../packages/repro/src/graph/canonical-json.ts';
import { sha256 } from '../packages/repro/src/graph/digest.ts';
import type { Graph, GraphNode } from '../packages/repro/src/graph/graph.ts';
import { knownSets, loadParameters } from '../packages/repro/src/params/load.ts';
import type { PipelineDefinition } from '../packages/repro/src/pipeline.ts';
import { planGraph } from '../packages/repro/src/session.ts';

/** The paper's parameter sets: which models they train, and the names of nodes, which people read and type. */
const pipeline = paper as unknown as PipelineDefinition;
const root = new URL('..', import.meta.url).pathname;
const sets = knownSets(root);
const plan = (set: string, ...overrides: string[]): ReturnType<typeof planGraph> =>
  planGraph(pipeline, root, loadParameters(root, set, overrides, pipeline.params));
const planned = (set: string, ...overrides: string[]): Graph => plan(set, ...overrides).graph;
/** To plan the larger ones takes seconds. */
const plans = new Map(sets.map((set) => [set, plan(set)]));
const graphs = new Map([...plans].map(([set, { graph }]) => [set, graph]));

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

test('what quick leaves out of the small sweep is not trained', () => {
  const trainedAt = (gamma: number, alpha: number): number =>
    graphs
      .get('quick')!
      .nodes.filter(
        ({ stage, name, params }) =>
          stage.name === 'train' &&
          name.startsWith(`train[small,alpha=${alpha},`) &&
          Math.abs((params['gamma'] as number) - gamma) < 1e-9,
      ).length;
  assert.deepEqual([trainedAt(-1 / 9, 0), trainedAt(-1 / 9, 0.5), trainedAt(-5 / 9, 0.5)], [5, 0, 6]);
  // At some m only: three of six, of alpha = 1 all.
  assert.deepEqual([trainedAt(1 / 3, 0), trainedAt(1 / 3, 1)], [3, 6 + 2 * 3]);
  // Another gamma has no gaps.
  const another = planned('quick', 'small.gamma=[0.3]', 'figures=[]').nodes;
  assert.equal(another.filter(({ name }) => name.startsWith('train[small,')).length, 7 * 6);
});

/** Sentences of the documents, with the counts in them as planned. */
test('the documents say how many models each set trains', () => {
  const trained = (set: string, experiment = ''): number =>
    graphs.get(set)!.nodes.filter(({ name }) => name.startsWith(`train[${experiment}`)).length;
  const text = (path: string): string => readFileSync(join(root, path), 'utf8').replace(/\s+/g, ' ');
  const { nodes } = graphs.get('quick')!;
  const cells = new Set(nodes.filter(({ name }) => /^train\[small,(?!.*replicate)/.test(name)).map(({ name }) => name));
  const readme = text('README.md');
  for (const sentence of [
    `trains ${trained('quick')} small models`,
    `| ${trained('ci')} models as those of \`quick\`, trained for 4,000 steps`,
    `${cells.size} cells;`,
    `${trained('quick')} models in all`,
  ])
    assert.ok(readme.includes(sentence), sentence);
  const toy = trained('paper').toLocaleString('en').replace(',', '');
  assert.ok(text('docs/howto/paper-scale.md').includes(`\`paper\` has ${toy} toy models`), toy);
});

test('parts: every toy model is in one, and each part has what it measures', () => {
  const { graph, publication } = plans.get('paper')!;
  const parts = publication.parts!;
  assert.deepEqual(
    parts.map(({ name }) => name),
    [
      ...['zero-bias-rows', 'small', 'unit-rows-and-breakdown', 'replicates', 'zero-bias-gammas', 'large-zero-bias'],
      ...['large-strong', 'density', 'wide', 'large-weak', 'insensitivity', 'large-widest'],
    ],
  );
  const { decides } = publication.claims!;
  assert.deepEqual(
    parts.flatMap((part) => (part.decides ?? []).filter((id) => !decides.includes(id))),
    [],
  );
  const counts = parts.map(({ outputs }) => outputs.length);
  // 102 models a row and seed; 17 x 10 x 6; a projected model a cell and m up to n, also from zero biases; four more seeds.
  assert.deepEqual(counts.slice(0, 4), [2 * 3 * 102, 1020, 102 + 8 + 8, 2 * 4 * 102]);
  // What each adds to those before it, as docs/howto/paper-scale.md says.
  const seen = new Set<unknown>();
  const added = parts.map(({ outputs }) => {
    const before = seen.size;
    for (const { node } of outputs) seen.add(node);
    return seen.size - before;
  });
  assert.deepEqual(added, [612, 1020, 118, 816, 348 + 12, 36, 54, 480, 306, 18, 54, 12]);
  const inParts = new Set(parts.flatMap(({ outputs }) => outputs.map(({ node }) => node)));
  const left = graph.nodes.filter((node) => node.stage.name === 'measure-geometry' && !inParts.has(node));
  // What only the comparison of text and scripts asks for.
  assert.ok(left.length > 0);
  for (const { name } of left) assert.match(name, /^measure-geometry\[variants,/);
});

test('controls: one thing is changed at a time, from random and from zero biases, and the unchanged models are there', () => {
  for (const set of ['paper', 'quick']) {
    const { nodes, byName } = graphs.get(set)!;
    const all = nodes.filter(({ stage }) => stage.name === 'train');
    const recipe = ({ paramsJson, inputs }: GraphNode): Record<string, unknown> => ({
      ...(JSON.parse(paramsJson) as object),
      samples: inputs[0]!.handles.map(({ node }) => (node.kind === 'node' ? node.index : -1)),
    });
    const unchanged = all.filter(({ name }) => /^train\[small(-zero-bias)?,/.test(name));
    const steps = recipe(unchanged[0]!)['steps'] as number;
    const changes = { epsilon: 1e-6, 'loss-scale': recipe(unchanged[0]!)['n'], steps: 2 * steps };
    for (const [change, value] of Object.entries(changes)) {
      const param = change === 'loss-scale' ? 'lossScale' : change;
      const { inputs } = byName.get(`fit-exponents[control-${change}]`)!;
      const trainings = inputs.flatMap(({ handles }) =>
        handles.flatMap(({ node }) =>
          node.kind === 'node' ? node.inputs.flatMap((input) => input.handles.map((handle) => handle.node)) : [],
        ),
      );
      const models = all.filter((node) => trainings.includes(node)).map(recipe);
      assert.equal(models.length, 4);
      const before = { epsilon: 1e-8, lossScale: 1, steps }[param];
      for (const model of models) {
        assert.equal(model[param], value);
        const same = canonicalJson({ ...model, [param]: before });
        assert.equal(unchanged.filter((node) => canonicalJson(recipe(node)) === same).length, 1, `${set} ${change}`);
      }
    }
  }
});

test('a set that decides a claim trains as many seeds as each part of it asks for', () => {
  const { claims } = JSON.parse(readFileSync(join(root, 'params/claims.json'), 'utf8')) as {
    claims: { id: string; parts: { experiment?: string; seeds?: number }[] }[];
  };
  let asked = 0;
  for (const [set, { publication }] of plans)
    for (const { id, parts } of claims.filter((claim) => publication.claims?.decides.includes(claim.id)))
      for (const { experiment, seeds } of parts.filter((part) => part.seeds !== undefined)) {
        asked++;
        const counts = replicates(graphs.get(set)!, experiment!);
        assert.ok(Math.min(...counts) >= seeds!, `${set}: ${id}: ${counts.join(', ')} seeds of ${seeds}`);
      }
  assert.ok(asked > 0);
});

test('the head of a report counts the models of the small sweep and those that are trained again', () => {
  let repeats = 0;
  for (const [set, graph] of graphs) {
    const { description } = JSON.parse(graph.byName.get('report')!.paramsJson) as { description: string };
    const [, first, again = '0', seeds = '0'] =
      /trains (\d+) models .*?(?:; (\d+) of them again under (\d+|one) other seeds?)?\. Master seed/.exec(description)!;
    const others = seeds === 'one' ? 1 : Number(seeds);
    const { inputs } = graph.byName.get('fit-exponents[small]')!;
    const measured = new Set(
      inputs.flatMap(({ handles }) => handles.flatMap(({ node }) => (node.kind === 'node' ? [node.name] : []))),
    );
    assert.equal(Number(first) + Number(again) * others, measured.size, set);
    repeats += others;
  }
  assert.ok(repeats > 0);
});

/** How many seeds each model of an experiment is trained with. */
function replicates({ byName }: Graph, experiment: string): number[] {
  const fit = byName.get(`fit-exponents[${experiment}]`)!;
  const seeds = new Map<string, Set<number>>();
  for (const { handles } of fit.inputs)
    for (const { node: measured } of handles) {
      if (measured.kind !== 'node') continue;
      for (const { node: model } of measured.inputs.flatMap((input) => input.handles)) {
        if (model.kind !== 'node' || model.stage.name !== 'train') continue;
        const { replicate, ...cell } = JSON.parse(model.paramsJson) as { replicate: number };
        const key = JSON.stringify(cell);
        seeds.set(key, (seeds.get(key) ?? new Set()).add(replicate));
      }
    }
  return [...seeds.values()].map(({ size }) => size);
}

interface Trained {
  readonly node: string;
  readonly params: { readonly n: number; readonly batch: number; readonly steps: number };
}

/** The models that are trained. */
function trained({ nodes }: Graph): Trained[] {
  return nodes
    .filter(({ stage }) => stage.name === 'train')
    .map(({ name, paramsJson }) => ({ node: name, params: JSON.parse(paramsJson) as Trained['params'] }));
}

test('the paper set plans every toy experiment at its own numbers', () => {
  // small 17 x 10 x 6 with 4 more seeds of two rows, the unit-norm models, density less its level that small has,
  // wide, large with 2 more seeds of the strong ones up to m = 256, insensitivity with 5 seeds less what small and large have,
  // breakdown, and the variants: six at 2 gammas and 3 m (their other random numbers are seeds of small and insensitivity);
  // with other initial biases: two rows with 3 seeds and the other gammas at 5 alphas, strong large models with 3 seeds,
  // breakdown, and three biases in between at 3 alphas and 2 gammas; three controls at 2 gammas and 2 biases, of which the
  // variants have one
  const small = 17 * 10 * 6 + 2 * 17 * 6 * 4;
  const large = 3 * 2 * 8 + 3 * 6 * 2;
  // Two changed settings, and the seeds of the unchanged one beyond the one of small and the three of large.
  const insensitivity = 3 * (2 * 5 + 4) + (2 * 5 + 2);
  const otherBiases = 2 * 17 * 6 * 3 + 8 * 5 * 6 + 3 * 4 * 3 + 8 + 3 * 3 * 2 * 6 + 3 * 2 * 2 - 1;
  assert.equal(
    trained(graphs.get('paper')!).length,
    small + 17 * 6 + 8 * 10 * 6 + 17 * 3 * 6 + large + insensitivity + 8 + 6 * 6 + otherBiases,
  );
});

test("the scripts' parameter set differs from the paper's in its large models alone", () => {
  // They are not trained again with other initial biases, and have no figures of those.
  const text = trained(planned('paper', 'initialBias=null', 'figures=["6e"]'));
  const scripts = trained(graphs.get('paper-scripts')!);
  const isLarge = ({ params }: Trained): boolean => params.n === 10240;
  const others = (all: readonly Trained[]): string[] =>
    all.filter((one) => !isLarge(one)).map(({ node, params }) => `${node} ${JSON.stringify({ ...params, warmup: 0 })}`);
  assert.deepEqual(others(scripts), others(text));
  const large = scripts.filter(isLarge);
  // The text's are also trained with a larger batch and for more steps (App. B.1), with five seeds of which the large models have
  // three: the scripts' take that much anyway.
  assert.equal(large.length, text.filter(isLarge).length - (2 * 5 + 2));
  for (const { params } of large) assert.deepEqual([params.batch, params.steps], [8192, 40000]);
  const ofFirstIndex = (index: number): number =>
    large.filter(({ node }) => node.includes(`firstIndex=${index}`)).length;
  assert.equal(ofFirstIndex(0), (large.length * 2) / 3);
});
