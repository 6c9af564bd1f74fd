import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineStage } from '../../src/graph/stage.ts';
import { withRecalled } from '../../src/plan/recalled.ts';
import { planAll, Scan } from '../../src/plan/scan.ts';
import type { Decision } from '../../src/plan/scan.ts';
import type { Session } from '../../src/session-parts.ts';
import { TimeBudget } from '../../src/time-budget.ts';
import { PuppetProject, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };

test('what a node that is to run needs runs before it where its bytes are not here, as far back as they are not', async () => {
  using directory = temporaryDirectory();
  const project = new PuppetProject(directory.path);
  const stage = puppetStage('make').declaration;
  const train = defineStage({ ...stage, name: 'train', calibrate: () => Promise.resolve([{ cost: 1, seconds: 7 }]) });
  const [measure, draw, other] = ['measure', 'draw', 'other'].map((name) => puppetStage(name));
  project.build(() => {
    const made = train({}, none).out;
    other!({}, { ...none, from: [made] });
    draw!({}, { ...none, from: [measure!({}, { ...none, from: [made] }).out] });
  });
  await project.start().finishAll();
  const store = project.openStore();
  for (const name of ['train', 'measure']) {
    const { result } = project.states(store)[name] as Extract<Decision, { state: 'fresh' }>;
    store.elsewhere.add([result.outputs['out']!.digest]);
    rmSync(store.blobPath(result.outputs['out']!.digest));
  }
  const context = { ...project.context(store), graph: project.graph };
  const toRun = (forced: string, published: string): string[] => {
    const decisions = planAll(project.graph, new Scan(context), ({ name }) => name === forced);
    const taken = withRecalled(
      project.graph.nodes,
      decisions,
      ({ name }) => (name === published ? ['out'] : []),
      (blob) => store.verify(blob) !== 'absent',
    );
    return project.graph.nodes.filter(({ index }) => taken[index]!.state !== 'fresh').map(({ name }) => name);
  };
  assert.deepEqual(toRun('', ''), []);
  assert.deepEqual(toRun('', 'draw'), []);
  assert.deepEqual(toRun('', 'train'), ['train']);
  assert.deepEqual(toRun('other', ''), ['train', 'other']);
  assert.deepEqual(
    toRun('draw', ''),
    ['train', 'draw', 'measure'].sort((a, b) => indexOf(a) - indexOf(b)),
  );

  const session = {
    ...context,
    publication: { files: {} },
    reportDirectory: join(directory.path, 'none'),
  } as unknown as Session;
  const budget = new TimeBudget(session, 60);
  await budget.estimate(new Set(project.graph.nodes), ({ name }) => name === 'other');
  assert.equal(budget.secondsOf(project.node('train')), 7, 'a budget knows how long that takes');
  budget.end();

  function indexOf(name: string): number {
    return project.node(name).index;
  }
});
