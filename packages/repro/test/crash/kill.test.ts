import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import type { CommandResult } from '../in-process.ts';
import type { StartedCommand } from '../project.ts';
import { longNodes, longProject, longSteps } from './long-project.ts';

let project: ReturnType<typeof longProject>;
beforeEach(() => void (project = longProject()));
afterEach(() => project.close());

const kills = 4;
const seed = Date.now() % 1e9;
let state = seed;
/** 0 to 1. The seed is told when the test fails. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** In this process. */
const runHere = (): Promise<CommandResult> => {
  Object.assign(process.env, project.telling);
  return project.run('run', '--log', 'json', '--jobs', '2');
};
const run = (): StartedCommand => project.start(['run', '--log', 'json', '--jobs', '2'], project.telling);

test(
  `killed at 4 random moments, runs go on where the killed ones were (seed ${seed})`,
  { timeout: 300_000 },
  async () => {
    assert.equal((await runHere()).code, 0);
    const expected = project.read('reports/quick/lock.json');
    const firstTold = project.told();
    assert.equal(firstTold.filter((line) => line.startsWith('end')).length, longNodes);
    for (const path of ['artifacts', 'reports', 'told/log'])
      rmSync(project.path(path), { recursive: true, force: true });

    project.write('told/hold', '');
    const finished = new Set<string>();
    for (let kill = 0; kill < kills; kill++) {
      const toldBefore = project.told().length;
      const { child, finished: ended } = run();
      let lines = 1 + Math.floor(random() * 14);
      const delay = random() * 25;
      child.stdout!.on('data', (chunk: Buffer) => {
        if (kill === 0) return;
        for (const _ of chunk.toString('utf8').matchAll(/"node-finished"|"run-started"|"node-progress"/g)) {
          if (--lines === 0) setTimeout(() => child.kill('SIGKILL'), delay);
        }
      });
      // The first time within the long node, which waits for it.
      const watch = kill === 0 && setInterval(() => project.told().includes('step 0') && child.kill('SIGKILL'), 5);
      const { code, stdout, stderr } = await ended;
      if (watch) clearInterval(watch);
      rmSync(project.path('told/hold'), { force: true });
      assert.ok(code === null || code === 0, stderr);
      const started = project
        .told()
        .slice(toldBefore)
        .flatMap((line) => (line.startsWith('start ') ? [line.slice(6)] : []));
      for (const node of started) assert.ok(!finished.has(node), `${node} was finished and ran again`);
      assert.equal(new Set(started).size, started.length, 'no node twice in one run');
      for (const line of stdout.split('\n').filter((text) => text.includes('"node-finished"'))) {
        try {
          finished.add((JSON.parse(line) as { node: string }).node);
        } catch {
          // The line that the kill cut short.
        }
      }
    }
    const last = await runHere();
    assert.equal(last.code, 0, last.stderr);
    assert.equal(project.read('reports/quick/lock.json'), expected);
    assert.equal((await runHere()).stdout.match(/"executed":(\d+)/)![1], '0');

    const steps = project.told().flatMap((line) => (line.startsWith('step ') ? [Number(line.slice(5))] : []));
    for (let i = 1; i < steps.length; i++)
      assert.ok(
        steps[i] === steps[i - 1]! + 1 || steps[i] === steps[i - 1]!,
        `step ${steps[i]} after ${steps[i - 1]}: at most the step in flight is done again`,
      );
    assert.ok(steps.length <= longSteps + kills);
    assert.ok(
      project.told().filter((line) => line === 'start long').length > 1,
      'the long node was killed and resumed',
    );
  },
);

test(
  'two runs started together on one store: each node runs once, and both succeed with the same lock',
  { timeout: 300_000 },
  async () => {
    const second = project.start(['run', '--log', 'json', '--jobs', '2', '--reports', 'reports-2'], project.telling);
    const [a, b] = await Promise.all([run().finished, second.finished]);
    assert.deepEqual([a.code, b.code], [0, 0], a.stderr + b.stderr);
    const ends = project.told().filter((line) => line.startsWith('end'));
    assert.deepEqual([ends.length, new Set(ends).size], [longNodes, longNodes]);
    assert.equal(project.read('reports/quick/lock.json'), project.read('reports-2/quick/lock.json'));
    const counts = [a, b].map(({ stdout }) =>
      /"run-finished".*"executed":(\d+),"cached":(\d+)/.exec(stdout)!.slice(1).map(Number),
    );
    assert.equal(counts[0]![0]! + counts[1]![0]!, longNodes);
    for (const [executed, cached] of counts) assert.equal(executed! + cached!, longNodes);
  },
);

test(
  'interrupted by a terminal that is closed, a run lets nodes save what they have, says so, and the next goes on',
  { timeout: 300_000 },
  async () => {
    project.write('told/hold', '');
    const { child, finished } = run();
    let interrupted = false;
    child.stdout!.on('data', (chunk: Buffer) => {
      if (!interrupted && chunk.includes('"node-progress"')) interrupted = child.kill('SIGHUP');
    });
    const { code, stdout } = await finished;
    assert.equal(code, 130);
    assert.match(stdout, /"run-finished"/);
    assert.doesNotMatch(stdout, /"node-failed"/);
    const steps = project.told().filter((line) => line.startsWith('step')).length;
    assert.ok(steps > 0 && steps <= 5, `${steps}`);
    rmSync(project.path('told/hold'));
    assert.equal((await runHere()).code, 0);
    assert.equal(project.told().filter((line) => line.startsWith('step')).length, longSteps, 'no step was done twice');
  },
);
