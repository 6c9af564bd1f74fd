import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PuppetProject, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { sha256 } from '../../src/graph/digest.ts';
import { costOf } from '../../src/travel/audit.ts';
import { drawSample, upperBound, withinBudget } from '../../src/travel/sampling.ts';

const candidates = (weights: readonly number[], strata = 4) =>
  weights.map((weight, i) => ({ item: i, id: sha256(String(i)), stratum: `stage ${i % strata}`, weight }));

test('the same seed draws the same nodes, another draws others, and each stratum has its share', () => {
  const all = candidates(new Array<number>(200).fill(1));
  const drawn = drawSample(all, 40, 'seed');
  assert.deepEqual(drawSample([...all].reverse(), 40, 'seed').sort(), [...drawn].sort());
  assert.notDeepEqual(drawSample(all, 40, 'other'), drawn);
  assert.equal(drawn.length, 40);
  for (let stratum = 0; stratum < 4; stratum++) assert.equal(drawn.filter((i) => i % 4 === stratum).length, 10);
  assert.equal(drawSample(all, 500, 'seed').length, 200);
});

test('one forged node of 20 is drawn by a sample of 5 as often as theory says, and by work in proportion to its work', () => {
  const runs = 400;
  const frequency = (weights: readonly number[]): number => {
    const all = candidates(weights, 3);
    let found = 0;
    for (let seed = 0; seed < runs; seed++) if (drawSample(all, 5, String(seed)).includes(7)) found++;
    return found / runs;
  };
  // Four standard deviations of a binomial of 400.
  assert.ok(Math.abs(frequency(new Array<number>(20).fill(1)) - 5 / 20) < 4 * Math.sqrt(0.1875 / runs));
  const heavy = new Array<number>(20).fill(1);
  heavy[7] = 3;
  assert.ok(Math.abs(frequency(heavy) - (5 * 3) / 22) < 4 * Math.sqrt(0.22 / runs));
});

test('the bound is the exact one of a binomial', () => {
  assert.ok(Math.abs(upperBound(0, 24) - (1 - 0.05 ** (1 / 24))) < 1e-9);
  // Tables of Clopper and Pearson (1934), one-sided at 95%.
  assert.ok(Math.abs(upperBound(1, 10) - 0.3942) < 1e-4);
  assert.ok(Math.abs(upperBound(3, 30) - 0.239) < 1e-3);
  assert.equal(upperBound(5, 5), 1);
  assert.equal(upperBound(0, 0), 1);
});

test('what is drawn for a budget fits into it, and is not drawn from what takes longer; most of the budget is used', () => {
  // A few that take long, many that take a moment: as trainings and their measurements.
  const seconds = Array.from({ length: 1200 }, (_, i) => (i % 150 === 0 ? 760 : i % 2 === 0 ? 20 + (i % 7) * 20 : 0.5));
  for (const byWork of [false, true]) {
    const all = candidates(seconds).map((each, i) => ({
      ...each,
      item: i,
      cost: seconds[i]!,
      weight: byWork ? seconds[i]! : 1,
    }));
    const { candidates: some, count } = withinBudget(all, 300, 2);
    assert.ok(some.length === 1192 && some.every((each) => each.cost <= 300));
    const works = Array.from({ length: 100 }, (_, seed) =>
      drawSample(some, count, String(seed)).reduce((sum, i) => sum + seconds[i]!, 0),
    );
    const over = works.filter((work) => work > 600).length;
    assert.ok(over <= 8, `${over} of 100 draws take longer`);
    assert.ok(works.reduce((sum, work) => sum + work, 0) / 100 > 300, 'half of the budget');
  }
  assert.deepEqual(withinBudget([], 1, 1), { candidates: [], count: 0 });
});

test('to compute a node again takes what it needs and is not here, too, each once', () => {
  using directory = temporaryDirectory();
  const project = new PuppetProject(directory.path);
  const make = puppetStage('make');
  const mix = puppetStage('mix');
  project.build(() => {
    const made = [0, 1, 2].map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
    const mixed = mix({}, { from: made, maybe: undefined, read: [] }).out;
    mix({ last: true }, { from: [mixed, made[0]!], maybe: undefined, read: [] });
  });
  const { nodes } = project.graph;
  const last = nodes.find(({ dependents }) => dependents.length === 0)!;
  const seconds = (): number => 1;
  assert.equal(nodes.length, 5);
  assert.equal(
    costOf(last, seconds, () => true),
    1,
  );
  assert.equal(
    costOf(last, seconds, () => false),
    5,
  );
  assert.equal(
    costOf(last, seconds, ({ stage }) => stage.name !== 'mix'),
    2,
    'what it is made of is here',
  );
});
