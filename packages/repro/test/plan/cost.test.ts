import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfText, sha256 } from '../../src/graph/digest.ts';
import { complete } from '../../src/plan/outcome.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import type { Graph, Handle } from '../../src/graph/graph.ts';
import type { GraphNode } from '../../src/graph/node.ts';
import { Feeders } from '../../src/execute/feeders.ts';
import { ReadyQueue, criticalPaths, laneNames } from '../../src/execute/ready-queue.ts';
import { lockText } from '../../src/publish/lock.ts';
import { PuppetProject, puppetStage } from '../puppets.ts';
import type { Text } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const make = puppetStage('make');
const mix = puppetStage('mix');
const none = { from: [], maybe: undefined, read: [] };

/** Two sweeps, sums that only digests tell apart, a long chain, and one node that takes all. */
function build(nodes: number): void {
  const made: Handle<typeof Text>[] = [];
  let last: Handle<typeof Text> | undefined;
  for (let i = 0; i < nodes / 2; i++) {
    made.push(make({ i, j: i % 7 }, { from: [], maybe: undefined, read: [] }).out);
    if (i % 5 === 0) made.push(mix({}, { from: made.slice(-5), maybe: undefined, read: [] }).out);
    last = make({ step: i }, { from: last ? [last] : [], maybe: undefined, read: [] }).out;
  }
  mix({}, { from: made, maybe: undefined, read: [] });
}

/** Seconds of processor time. */
function cost(action: () => void): number {
  const { user, system } = process.cpuUsage();
  action();
  const spent = process.cpuUsage({ user, system });
  return (spent.user + spent.system) / 1e6;
}

const few = 1_000;
const many = 8_000;
/**
 * Compares the least costs that were seen, and measures again while they do not fit: what else runs on the machine, or has
 * warmed this process up, can make one measurement wrong, but not all. A cost that grows as the square never fits, and is
 * measured three times at most.
 */
const linear = (what: string, of: (nodes: number) => () => void): void => {
  test(`the cost of ${what} is in proportion to the number of nodes`, () => {
    const actions = [of(few), of(many)] as const;
    let [small, large] = [Infinity, Infinity];
    let growth = Infinity;
    const most = (2.5 * many) / few;
    for (let round = 0; growth >= most && round < (round > 0 && growth > 2 * most ? 3 : 10); round++) {
      for (let i = 0; i < 4; i++) small = Math.min(small, cost(actions[0]));
      large = Math.min(large, cost(actions[1]));
      growth = large / Math.max(small, 0.002);
    }
    assert.ok(growth < most, `${many / few} times the nodes cost ${growth.toFixed(1)} times as much`);
  });
};

const graphOf = (nodes: number): Graph =>
  buildGraph(
    (_, params) => params,
    () => build(nodes),
  ).graph;
linear('building a graph and naming its nodes', (nodes) => () => void graphOf(nodes));
linear('the states of all nodes', (nodes) => {
  const graph = graphOf(nodes);
  return () => {
    using directory = temporaryDirectory();
    const project = new PuppetProject(directory.path);
    project.graph = graph;
    project.states();
  };
});
linear('the lock', (nodes) => {
  const graph = graphOf(nodes);
  return () =>
    void lockText(
      graph,
      () => complete({ out: { digest: sha256('out'), size: 1 } }),
      ({ name }) => keyOfText(name),
    );
});
linear('the queue', (nodes) => {
  const graph = graphOf(nodes);
  return () => {
    const queue = new ReadyQueue(
      criticalPaths(graph.nodes),
      ({ stage, index }) => `${stage.name} ${index % 3}`,
      ({ index }) => `group ${index % 3}`,
    );
    for (const node of graph.nodes) queue.push(node);
    for (const none = new Set<string>(); queue.pop(none););
  };
});
linear('the queue, where every node has a lane of its own and one more does not fit', (nodes) => {
  const graph = graphOf(nodes);
  return () => {
    const queue = new ReadyQueue(
      criticalPaths(graph.nodes),
      ({ index }) => String(index),
      () => 'one group',
    );
    for (const node of graph.nodes) queue.push(node);
    while (queue.pop(new Set())) {
      const second = queue.pop(new Set());
      if (second) queue.push(second.node);
      assert.equal(queue.pop(new Set(['one group'])), undefined);
    }
  };
});
test('variants of a stage share a batch where they take the same and see the same variables', () => {
  const like = (variant: string, more: object = {}, execution: object = {}): GraphNode =>
    ({ stage: { name: 'figure', variant, execution: { batchBy: [], ...execution }, ...more }, params: {} }) as never;
  const laneOf = laneNames(({ stage }) => stage.execution);
  assert.equal(laneOf(like('1a')), laneOf(like('1b')));
  for (const other of [
    like('1c', { variables: ['A'] }),
    like('1c', { settings: ['A'] }),
    like('1c', {}, { resources: { cpu: 2 } }),
    like('1c', {}, { maximumBatch: 2 }),
    like('1c', {}, { batchBy: undefined }),
  ])
    assert.notEqual(laneOf(like('1a')), laneOf(other));
});
linear('what holds batches back, where every node feeds a lane of its own', (nodes) => {
  const { graph } = buildGraph(
    (_, params) => params,
    () => {
      const feed = puppetStage('feed');
      const train = puppetStage('train', { batchBy: ['m'] });
      for (let m = 0; m < nodes / 2; m++) train({ m }, { ...none, from: [feed({ m }, none).out] });
    },
  );
  const laneOf = laneNames(({ stage }) => stage.execution);
  return () => {
    const feeders = new Feeders(({ stage }) => stage.execution, laneOf, new Set(graph.nodes));
    for (const node of graph.nodes) feeders.expect(node);
    for (const node of graph.nodes) feeders.ended(node);
  };
});
