import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfText } from '../../src/graph/digest.ts';
import { colours } from '../../src/cli/reporters/colours.ts';
import { clock, roughly } from '../../src/cli/reporters/duration.ts';
import { bar, frame } from '../../src/cli/reporters/frame.ts';
import { Progress } from '../../src/cli/reporters/progress.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import type { TimeModel } from '../../src/plan/time-model.ts';

const key = keyOfText('some key');

/** Ten nodes of `slow` (cost 100 each) and one of `quick` (cost 1), two at a time, as far as reporters look at nodes. */
function scene(earlier: Record<string, number | TimeModel> = {}): {
  progress: Progress;
  node: (stage: 'slow' | 'quick', i: number) => GraphNode;
  clockAt: (seconds: number) => void;
} {
  let now = 0;
  const stages = { slow: { name: 'slow', cost: () => 100 }, quick: { name: 'quick' } };
  const nodes = new Map<string, GraphNode>();
  const node = (stage: 'slow' | 'quick', i: number): GraphNode => {
    const name = `${stage}[i=${i}]`;
    if (!nodes.has(name))
      nodes.set(name, { name, stage: stages[stage], params: {}, inputs: [] } as unknown as GraphNode);
    return nodes.get(name)!;
  };
  const progress = new Progress(
    () => now * 1000,
    () =>
      new Map(
        Object.entries(earlier).map(([stage, time]) => [
          stage,
          typeof time === 'number' ? { fixedSeconds: 0, secondsPerCost: time } : time,
        ]),
      ),
  );
  progress.apply({
    type: 'run-started',
    set: 'quick',
    nodes: 11,
    backend: 'wasm',
    store: '',
    jobs: 2,
    stages: [
      { stage: 'slow', nodes: 10, cost: 1000, slots: 2 },
      { stage: 'quick', nodes: 1, cost: 1, slots: 2 },
    ],
  });
  return { progress, node, clockAt: (seconds) => (now = seconds) };
}

test('time left: cost per second of what ran, shared among the workers', () => {
  const { progress, node, clockAt } = scene({ quick: 4 });
  for (const i of [0, 1]) progress.apply({ type: 'node-started', node: node('slow', i), key, reasons: [] });
  clockAt(20);
  for (const i of [0, 1]) progress.apply({ type: 'node-finished', node: node('slow', i), key, seconds: 20 });
  const { fraction, secondsLeft, everyRateKnown } = progress.estimate();
  // Eight of 20 s by two workers, and one of 4 s that only one can do.
  assert.equal(secondsLeft, 84);
  assert.ok(Math.abs(fraction - 40 / 204) < 1e-12);
  assert.equal(everyRateKnown, true);
});

test('the fractions that running nodes tell count, and give a rate before any has finished', () => {
  const { progress, node, clockAt } = scene();
  progress.apply({ type: 'node-started', node: node('slow', 0), key, reasons: [] });
  clockAt(10);
  progress.apply({ type: 'node-progress', node: node('slow', 0), fraction: 0.5 });
  const { secondsLeft, everyRateKnown } = progress.estimate();
  assert.ok(Math.abs(secondsLeft - 95) < 0.1, String(secondsLeft));
  assert.equal(everyRateKnown, false, 'nothing is known of the other stage');
});

test('cached nodes are no work done: the bar starts empty', () => {
  const { progress, node } = scene();
  for (let i = 0; i < 9; i++) progress.apply({ type: 'node-cached', node: node('slow', i), key });
  assert.equal(progress.estimate().fraction, 0);
  assert.equal(progress.count('cached'), 9);
});

test('a frame keeps to the rows of the terminal, and says what it leaves out', () => {
  const { progress, node } = scene();
  for (let i = 0; i < 10; i++) progress.apply({ type: 'node-started', node: node('slow', i), key, reasons: [] });
  for (let rows = 4; rows <= 30; rows++) {
    const lines = frame(progress, { columns: 80, rows, now: 0, colour: colours(false) });
    assert.ok(lines.length <= rows, `${lines.length} lines in ${rows} rows`);
    if (rows >= 8 && rows < 15) assert.match(lines.at(-1)!, /and \d+ more/);
  }
  const all = frame(progress, { columns: 80, rows: 30, now: 0, colour: colours(false) }).join('\n');
  assert.match(all, /^quick wasm {2}0 done, 0 cached, 11 left\n/);
  for (let i = 0; i < 10; i++) assert.ok(all.includes(`slow[i=${i}]`));
});

test('bars and durations', () => {
  assert.equal(bar(0.5, 4), '▕██  ▏');
  assert.equal(bar(0.5 + 1 / 8 / 4, 4), '▕██▏ ▏');
  assert.equal(bar(2, 4), '▕████▏');
  assert.deepEqual([0.44, 12.4, 59.6, 65, 3723].map(clock), ['0.4 s', '12 s', '1:00', '1:05', '1:02:03']);
  assert.deepEqual([0.2, 47, 600, 9000, 400000].map(roughly), ['1 s', '45 s', '10 min', '2.5 h', '5 days']);
});

test('what every node takes is not scaled with its cost; this run makes all of it faster or slower', () => {
  const { progress, node, clockAt } = scene({ slow: { fixedSeconds: 10, secondsPerCost: 0.1 }, quick: 4 });
  progress.apply({ type: 'node-started', node: node('slow', 0), key, reasons: [] });
  // Ten of 10 s + 100 x 0.1 s by two workers.
  assert.equal(progress.estimate().secondsLeft, 104);
  clockAt(40);
  progress.apply({ type: 'node-finished', node: node('slow', 0), key, seconds: 40 });
  assert.equal(progress.estimate().secondsLeft, (9 * 40) / 2 + 4);
});
