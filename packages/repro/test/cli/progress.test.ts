import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfText } from '../../src/graph/digest.ts';
import { colours } from '../../src/cli/reporters/colours.ts';
import { clock, roughly } from '../../src/cli/reporters/duration.ts';
import { bar, frame } from '../../src/cli/reporters/frame.ts';
import { writtenBy } from '../../src/cli/reporters/index.ts';
import { Progress } from '../../src/cli/reporters/progress.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { withNode } from '../../src/plan/pace.ts';

const key = keyOfText('some key');

/** Ten nodes of `slow` (cost 100 each) and one of `quick` (cost 1), two at a time, as far as reporters look at nodes. */
function scene(earlier: Record<string, number> = {}): {
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
    () => new Map(Object.entries(earlier).map(([stage, seconds]) => [stage, withNode(undefined, 1, seconds)!])),
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

test('time left: seconds for each unit of cost, as nodes that ran had them, shared among the workers', () => {
  const { progress, node, clockAt } = scene({ quick: 4 });
  for (const i of [0, 1]) progress.apply({ type: 'node-started', node: node('slow', i), key, reasons: [] });
  clockAt(20);
  for (const i of [0, 1]) progress.apply({ type: 'node-finished', node: node('slow', i), key, seconds: 20 });
  const { fraction, secondsLeft, everyPaceKnown } = progress.estimate();
  // Eight of 20 s by two workers, and one of 4 s that only one can do.
  assert.equal(secondsLeft, 84);
  assert.ok(Math.abs(fraction - 40 / 204) < 1e-12);
  assert.equal(everyPaceKnown, true);
});

test('the fractions that running nodes tell count, and give a pace before any has finished', () => {
  const { progress, node, clockAt } = scene();
  progress.apply({ type: 'node-started', node: node('slow', 0), key, reasons: [] });
  clockAt(10);
  progress.apply({ type: 'node-progress', node: node('slow', 0), fraction: 0.5 });
  const { secondsLeft, everyPaceKnown } = progress.estimate();
  assert.ok(Math.abs(secondsLeft! - 95) < 0.1, String(secondsLeft));
  assert.equal(everyPaceKnown, false, 'nothing is known of the other stage');
});

test('a node that was cached and runs after all, for its bytes, is work again, and counts once', () => {
  for (const begins of ['node-started', 'node-waiting'] as const) {
    const { progress, node, clockAt } = scene({ slow: 20 / 100, quick: 4 });
    for (let i = 0; i < 10; i++) progress.apply({ type: 'node-cached', node: node('slow', i), key });
    assert.deepEqual([progress.ended, progress.count('cached')], [10, 10]);
    const recalled = node('slow', 3);
    progress.apply(
      begins === 'node-started' ? { type: begins, node: recalled, key, reasons: [] } : { type: begins, node: recalled },
    );
    assert.deepEqual([progress.ended, progress.count('cached')], [9, 9], begins);
    clockAt(10);
    if (begins === 'node-started') assert.equal(progress.estimate().secondsLeft, 20);
    progress.apply({ type: 'node-finished', node: recalled, key, seconds: 20 });
    assert.deepEqual([progress.ended, progress.count('cached'), progress.count('executed')], [10, 9, 1]);
    // Another run may have built it, or it may be there after all.
    progress.apply({ type: 'node-cached', node: node('slow', 4), key });
    assert.deepEqual([progress.ended, progress.count('cached')], [10, 9]);
  }
});

test('no time left is told in the first seconds, nor before anything is known', () => {
  const { progress, node, clockAt } = scene();
  progress.apply({ type: 'node-started', node: node('slow', 0), key, reasons: [] });
  clockAt(2);
  progress.apply({ type: 'node-progress', node: node('slow', 0), fraction: 0.5 });
  assert.equal(progress.estimate().secondsLeft, undefined);
  const unknown = scene();
  unknown.clockAt(60);
  assert.equal(unknown.progress.estimate().secondsLeft, undefined);
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
  for (let i = 0; i < 10; i++) assert.ok(all.includes(`slow i=${i}`));
});

test('bars and durations', () => {
  assert.equal(bar(0.5, 4), '▕██  ▏');
  assert.equal(bar(0.5 + 1 / 8 / 4, 4), '▕██▏ ▏');
  assert.equal(bar(2, 4), '▕████▏');
  assert.deepEqual([0.44, 12.4, 59.6, 65, 3723].map(clock), ['0.4 s', '12 s', '1:00', '1:05', '1:02:03']);
  assert.deepEqual([0.2, 47, 600, 9000, 400000].map(roughly), ['1 s', '45 s', '10 min', '2.5 h', '5 days']);
});

test('this run decides how fast it is, whatever earlier ones were: twenty nodes later they hardly count', () => {
  const { progress, node, clockAt } = scene({ slow: 0.1, quick: 4 });
  progress.apply({ type: 'node-started', node: node('slow', 0), key, reasons: [] });
  clockAt(40);
  progress.apply({ type: 'node-finished', node: node('slow', 0), key, seconds: 40, cpuSeconds: 20 });
  // The earlier pace was of one unit of cost, this is of 100: (0.95 * 0.1 + 20) / (0.95 + 100).
  const rate = 20.095 / 100.95;
  assert.ok(Math.abs(progress.estimate().secondsLeft! - ((900 * rate) / 2 + 4 / 2)) < 2.01);
});

test('what a stage printed reaches no terminal as it is, in any format; of a line that was written over, its end', () => {
  const { node } = scene();
  // A long line costs no more than its length.
  const log = `\u001b]0;title\u0007red\n10%\r20%\rend\r\nlast\u009b1m\n${'x'.repeat(2_000_000)}`;
  for (const format of ['plain', 'tty', 'json'] as const) {
    const text = writtenBy(format, { report: undefined, summary: () => [] }, (emit) => {
      const stages = [{ stage: 'slow', nodes: 1, cost: 1, slots: 1 }];
      emit({ type: 'run-started', set: 'quick', nodes: 1, backend: 'none', store: '', jobs: 1, stages });
      emit({ type: 'node-failed', node: node('slow', 1), key, message: 'a\u001b[2J\u202eb', log, rerun: 'x' });
    });
    // Of its own, the live view has colours and moves the cursor.
    assert.doesNotMatch(text, /\u001b(\]|\[2J)|[\u0007\u009b\u202e]/, format);
    if (format === 'plain') assert.match(text, /a\\x1b\[2J\\u202eb\n    \\x1b\]0;title\\x07red\n    end\n    last/);
  }
});
