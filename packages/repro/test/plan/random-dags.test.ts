import assert from 'node:assert/strict';
import fc from 'fast-check';
import { join } from 'node:path';
import { test } from 'node:test';
import { PuppetProject, settled } from '../puppets.ts';
import type { PuppetRun } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import {
  ModelStore,
  applyEdit,
  lose,
  loseMemory,
  randomEdit,
  randomLoss,
  randomWorld,
  realize,
  textOf,
} from './random-worlds.ts';
import type { World } from './random-worlds.ts';

const step = fc.record({
  edits: fc.array(randomEdit, { maxLength: 3 }),
  losses: fc.array(randomLoss, { maxLength: 2 }),
  forgetful: fc.boolean(),
  /** Positions of the nodes asked for; all if none. */
  wanted: fc.array(fc.nat(20), { maxLength: 2 }),
  jobs: fc.integer({ min: 1, max: 4 }),
  /** Two runs at once on the same store. */
  twins: fc.boolean(),
  /** How many nodes may end before the run is interrupted. */
  interruptAfter: fc.option(fc.nat(4)),
  /** Which puppet is released next. */
  choices: fc.infiniteStream(fc.nat(100)),
});

test('after any edits, losses and interruptions a run executes just the nodes whose result is not there, once, and ends as a clean run does', async () => {
  await fc.assert(
    fc.asyncProperty(randomWorld, fc.array(step, { minLength: 1, maxLength: 5 }), async (start, steps) => {
      using directory = temporaryDirectory();
      const project = new PuppetProject(directory.path);
      const model = new ModelStore();
      let world = start;
      for (const { edits, losses, forgetful, wanted, jobs, twins, interruptAfter, choices } of steps) {
        world = edits.reduce(applyEdit, world);
        const names = realize(project, world);
        const positions = new Set(wanted.length ? wanted.map((at) => at % names.length) : names.keys());
        const before = model.plan(world, positions);
        for (const { position, how } of losses)
          lose(project.openStore(), model, before.texts[position % names.length]!, how);
        if (forgetful) loseMemory(join(directory.path, 'artifacts'));

        const { run: expected, add } = model.plan(world, positions);
        const settings = { jobs, wanted: [...positions].map((at) => names[at]!) };
        const runs = twins ? [project.start(settings), project.start(settings)] : [project.start(settings)];
        const executed = await drive(runs, world, choices, interruptAfter ?? Infinity);
        for (const name of executed) add(names.indexOf(name));

        assert.equal(new Set(executed).size, executed.length, 'nothing runs twice');
        const foreseen = [...expected].map((at) => names[at]!).sort();
        if (interruptAfter === null) assert.deepEqual([...executed].sort(), foreseen, 'just what has to run');
        else for (const name of executed) assert.ok(foreseen.includes(name), `${name} need not run`);
      }

      const names = realize(project, world);
      const { run: expected } = model.plan(world, new Set(names.keys()));
      const incremental = project.start({ jobs: 2 });
      const executed = await drive([incremental], world, [], Infinity);
      assert.deepEqual(executed.sort(), [...expected].map((at) => names[at]!).sort());
      const clean = project.start({ jobs: 3 }, 'clean');
      await drive([clean], world, reversed, Infinity);
      assert.equal(incremental.lock(), clean.lock());
      assert.equal(incremental.lock().match(/"key"/g)!.length, names.length);
    }),
    { numRuns: 60 },
  );
});

test('a run of a fresh store, right after, executes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(randomWorld, async (world) => {
      using directory = temporaryDirectory();
      const project = new PuppetProject(directory.path);
      realize(project, world);
      await drive([project.start()], world, [], Infinity);
      const again = project.start();
      await settled();
      const summary = await again.finished;
      assert.deepEqual([summary.executed, summary.cached], [0, world.nodes.length]);
      assert.ok(Object.values(project.states()).every(({ state }) => state === 'fresh'));
    }),
    { numRuns: 20 },
  );
});

const reversed = {
  *[Symbol.iterator]() {
    for (;;) yield 99;
  },
};

/** Releases puppets of the runs in the order that `choices` says until all are over; returns the nodes that ended well. */
async function drive(
  runs: readonly PuppetRun[],
  world: World,
  choices: Iterable<number>,
  interruptAfter: number,
): Promise<string[]> {
  const executed: string[] = [];
  const choice = choices[Symbol.iterator]();
  const text = textOf(world);
  let over = 0;
  for (const { finished } of runs) void finished.finally(() => over++).catch(() => undefined);
  for (await settled(); over < runs.length;) {
    const puppets = runs.flatMap(({ runner }) => runner.running);
    const puppet = puppets[(choice.next().value ?? 0) % puppets.length];
    if (puppet) {
      await puppet.finish(text);
      executed.push(...puppet.nodes);
    }
    if (executed.length >= interruptAfter) {
      for (const { scheduler } of runs) scheduler.interrupt();
      for (const { runner } of runs) for (const left of [...runner.running]) await left.fail('aborted');
    }
    for (const { poll } of runs) await poll();
    assert.ok(
      puppet ||
        over === runs.length ||
        executed.length >= interruptAfter ||
        runs.some(({ runner }) => runner.running.length > 0),
      'the runs wait for each other',
    );
  }
  await Promise.all(runs.map(({ finished }) => finished));
  return executed;
}
