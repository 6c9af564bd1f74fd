import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { systemClock } from '../../src/cluster/slurm/executor.ts';
import type { NodeEnd } from '../../src/execute/executor.ts';
import { FakeCluster, bareNode, keyOfName, startHead } from './fake-cluster.ts';
import type { Fate, Head } from './fake-cluster.ts';

const memory = { resources: { memoryBytes: 100 * 2 ** 20 } };
let cluster: FakeCluster;
beforeEach(() => (cluster = new FakeCluster()));

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);
const singles = (count: number): string[][] => names(count).map((name) => [name]);
const finish = (head: Head, count: number): Promise<void> =>
  cluster.clock.runUntil(() => head.ends.size === count, 100_000);
const failure = (head: Head, name: string): string => {
  const end = head.ends.get(name) as Extract<NodeEnd, { type: 'failed' }>;
  assert.equal(end.type, 'failed');
  return end.message;
};
/** Each of these keys meets its fates in turn, and then is built. */
const fates = (byName: Readonly<Record<string, readonly Fate[]>>): void => {
  cluster.fateOf = (keys, _, attempt) =>
    Object.entries(byName).find(([name]) => keyOfName(name) === keys[0])?.[1][attempt - 1];
};

test('nodes are built once, in one array of one group, and nothing of the jobs is left', async () => {
  const head = startHead(cluster);
  head.give(singles(30));
  await finish(head, 30);
  assert.deepEqual(new Set([...head.ends.values()].map(({ type }) => type)), new Set(['recorded']));
  assert.deepEqual(
    cluster.submissions.map(({ tasks }) => tasks),
    [30],
  );
  assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
  assert.ok([...cluster.built.values()].every((count) => count === 1));
  assert.equal(head.started.length, 30);
});

test('what asks for the same is one array; arrays have at most the size that Slurm allows', async () => {
  cluster.arraySize = 10;
  const head = startHead(cluster, { settings: ['partition=cpu', 'measure.partition=gpu', 'measure.gpus=2'] });
  head.give(singles(25));
  head.give([['m0'], ['m1']], 'measure', { resources: { cpu: 3, accelerator: 1, memoryBytes: 2 ** 30 } });
  await finish(head, 27);
  assert.deepEqual(
    cluster.submissions.map(({ tasks }) => tasks),
    [10, 10, 5, 2],
  );
  const words = cluster.submissions.at(-1)!.options.join(' ');
  for (const word of ['--partition=gpu', '--gres=gpu:2', '--cpus-per-task=3', '--mem=1024M'])
    assert.ok(words.includes(word), words);
});

test('small nodes are packed until a task takes as long as it should', async () => {
  const head = startHead(cluster, { settings: ['pack=50'], seconds: 10 });
  head.give(singles(640));
  await finish(head, 640);
  assert.equal(
    cluster.submissions.reduce((sum, { tasks }) => sum + tasks, 0),
    128,
  );
});

test('a queue of the run has an end: the rest follows as there is room', async () => {
  cluster.slots = 4;
  const head = startHead(cluster, { settings: ['queue=10'] });
  head.give(singles(60));
  await finish(head, 60);
  assert.ok(cluster.mostQueued <= 10, `${cluster.mostQueued}`);
});

describe('states of jobs:', () => {
  const again: Readonly<Record<string, Fate>> = {
    'NODE_FAIL runs again': { state: 'NODE_FAIL', seconds: 3 },
    'PREEMPTED runs again': { state: 'PREEMPTED', seconds: 3 },
    'BOOT_FAIL runs again': { state: 'BOOT_FAIL', seconds: 0, neverBegan: true },
    'a job that Slurm requeues by itself is waited for': { state: 'PENDING', seconds: 3, requeue: true },
    'a result of which no word was left is found in the store': { state: 'NODE_FAIL', seconds: 3, silent: true },
    'TIMEOUT with a checkpoint goes on': { state: 'TIMEOUT', seconds: 60, saves: true },
    'one that stopped before its limit goes on': { state: 'FAILED', seconds: 60, saves: true, stops: true },
  };
  for (const [what, fate] of Object.entries(again)) {
    test(what, async () => {
      fates({ n1: [fate] });
      const head = startHead(cluster);
      head.give(singles(3));
      await finish(head, 3);
      assert.deepEqual(
        names(3).map((name) => head.ends.get(name)!.type),
        ['recorded', 'recorded', 'recorded'],
      );
      assert.equal(cluster.built.get(keyOfName('n1')), 1);
      assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
    });
  }

  const ends: Readonly<Record<string, readonly [Fate, RegExp]>> = {
    'TIMEOUT without a checkpoint fails': [
      { state: 'TIMEOUT', seconds: 60 },
      /reached its time limit and saved no checkpoint.*train\.time/,
    ],
    'CANCELLED fails': [{ state: 'CANCELLED', seconds: 5 }, /was cancelled from outside/],
    'FAILED without a word fails': [
      { state: 'FAILED', seconds: 5, log: 'Segmentation fault' },
      /ended \(FAILED\) without a result/,
    ],
    'COMPLETED without a result fails': [{ state: 'COMPLETED', seconds: 5 }, /ended \(COMPLETED\) without a result/],
    'one that never began fails': [
      { state: 'FAILED', seconds: 0, neverBegan: true, log: 'node: not found' },
      /before it could begin/,
    ],
    'OUT_OF_MEMORY where no memory was asked for fails': [
      { state: 'OUT_OF_MEMORY', seconds: 5 },
      /ran out of memory: expected memory to be asked for: --slurm train\.memory/,
    ],
    'NODE_FAIL for ever fails': [{ state: 'NODE_FAIL', seconds: 1 }, /lost 5 times/],
  };
  for (const [what, [fate, message]] of Object.entries(ends)) {
    test(`${what}, and the others go on`, async () => {
      fates({ n1: Array<Fate>(9).fill(fate) });
      const head = startHead(cluster);
      head.give(singles(3));
      await finish(head, 3);
      assert.match(failure(head, 'n1'), message);
      assert.equal((head.ends.get('n1') as { log: string }).log, fate.log ?? '');
      assert.deepEqual([head.ends.get('n0')!.type, head.ends.get('n2')!.type], ['recorded', 'recorded']);
      assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
    });
  }

  test('OUT_OF_MEMORY asks once for twice as much, and no more than is allowed', async () => {
    cluster.fateOf = (keys, megabytes) =>
      megabytes! < (keys[0] === keyOfName('n0') ? 150 : 500) ? { state: 'OUT_OF_MEMORY', seconds: 2 } : undefined;
    const head = startHead(cluster);
    head.give(singles(2), 'train', memory);
    await finish(head, 2);
    assert.equal(head.ends.get('n0')!.type, 'recorded');
    assert.match(failure(head, 'n1'), /ran out of memory \(200 MB\)/);
  });

  test('a log that speaks of memory counts, where Slurm calls it FAILED', async () => {
    cluster.fateOf = (_, megabytes) =>
      megabytes! < 150
        ? { state: 'FAILED', seconds: 2, log: 'slurmstepd: error: Exceeded job memory limit' }
        : undefined;
    const head = startHead(cluster, { settings: ['maxMemory=1G'] });
    head.give([['n0']], 'train', memory);
    await finish(head, 1);
    assert.equal(head.ends.get('n0')!.type, 'recorded');
  });

  test('memory is not doubled beyond what is allowed', async () => {
    cluster.fateOf = () => ({ state: 'OUT_OF_MEMORY', seconds: 2 });
    const head = startHead(cluster, { settings: ['maxMemory=150M'] });
    head.give([['n0']], 'train', memory);
    await finish(head, 1);
    assert.match(failure(head, 'n0'), /ran out of memory \(100 MB\)/);
    assert.equal(cluster.calls.submit, 1);
  });

  test('of a packed task, the node that ran fails and those behind it run again', async () => {
    const head = startHead(cluster, { settings: ['pack=500'], seconds: 10 });
    fates({ n0: [{ state: 'FAILED', seconds: 5 }] });
    head.give(singles(128));
    await finish(head, 128);
    assert.match(failure(head, 'n0'), /without a result/);
    assert.equal([...head.ends.values()].filter(({ type }) => type === 'recorded').length, 127);
  });
});

describe('silence:', () => {
  test('squeue forgot the job: accounting says what became of it', async () => {
    cluster.keptSeconds = 0;
    fates({ n0: [{ state: 'TIMEOUT', seconds: 30 }] });
    const head = startHead(cluster);
    head.give([['n0']]);
    await finish(head, 1);
    assert.match(failure(head, 'n0'), /time limit/);
    assert.ok(cluster.calls.accounting > 0);
  });

  test('neither knows it: it is given up after a while, and runs again', async () => {
    cluster.keptSeconds = 0;
    cluster.hasAccounting = false;
    fates({ n0: [{ state: 'FAILED', seconds: 30 }] });
    const head = startHead(cluster);
    head.give([['n0']]);
    await finish(head, 1);
    assert.equal(head.ends.get('n0')!.type, 'recorded');
    assert.match(head.told().join('\n'), /not known to Slurm: n0 runs again/);
  });

  test('accounting goes on calling it running, the queue does not have it: it runs again', async () => {
    cluster.keptSeconds = 0;
    cluster.accounting = (ids) => Promise.resolve(new Map(ids.map((id) => [`${id}_0`, 'RUNNING'])));
    fates({ n0: [{ state: 'FAILED', seconds: 30 }] });
    const head = startHead(cluster);
    head.give([['n0']]);
    await finish(head, 1);
    assert.equal(head.ends.get('n0')?.type, 'recorded');
  });

  test('a state that is UNKNOWN for a moment is waited for', async () => {
    const head = startHead(cluster);
    cluster.secondsOf = () => 100;
    head.give([['n0']]);
    await cluster.clock.runUntil(() => false, 20);
    cluster.tasks[0]!.state = 'UNKNOWN';
    await cluster.clock.runUntil(() => false, 50);
    cluster.tasks[0]!.state = 'RUNNING';
    await finish(head, 1);
    assert.equal(cluster.built.get(keyOfName('n0')), 1);
    assert.equal(cluster.calls.submit, 1);
  });

  test('Slurm is down: the run waits, and says so once', async () => {
    const head = startHead(cluster);
    cluster.secondsOf = () => 400;
    head.give(singles(2));
    await cluster.clock.runUntil(() => false, 20);
    cluster.isDown = true;
    await cluster.clock.runUntil(() => false, 300);
    head.give([['late']]);
    await cluster.clock.runUntil(() => false, 600);
    cluster.isDown = false;
    await finish(head, 3);
    assert.ok([...head.ends.values()].every(({ type }) => type === 'recorded'));
    assert.equal(head.told().filter((text) => text.includes('squeue')).length, 1);
    assert.ok([...cluster.built.values()].every((count) => count === 1));
  });

  test('sbatch took the job and its answer was lost: it is found by its name', async () => {
    cluster.lostAnswers = 1;
    const head = startHead(cluster);
    head.give(singles(3));
    await finish(head, 3);
    assert.equal(cluster.calls.submit, 1);
  });
});

describe('sbatch:', () => {
  test('refuses a request: its nodes fail with its words, the others go on', async () => {
    cluster.refuse = (options) =>
      options.includes('--partition=none')
        ? { type: 'refused', message: 'invalid partition specified: none' }
        : undefined;
    const head = startHead(cluster, { settings: ['measure.partition=none'] });
    head.give([['m0']], 'measure');
    head.give(singles(2));
    await finish(head, 3);
    assert.equal(failure(head, 'm0'), 'sbatch: invalid partition specified: none');
    assert.equal(head.ends.get('n1')!.type, 'recorded');
  });

  test('says that there are too many: smaller arrays wait for room', async () => {
    const limit = 4;
    cluster.refuse = (_, tasks) =>
      cluster.tasks.filter(({ endedAt }) => endedAt === Infinity).length + tasks > limit
        ? { type: 'full', message: 'Job violates accounting/QOS policy (job submit limit)' }
        : undefined;
    const head = startHead(cluster);
    head.give(singles(21));
    await finish(head, 21);
    assert.ok([...head.ends.values()].every(({ type }) => type === 'recorded'));
    assert.equal(head.told().filter((text) => text.includes('until there is room')).length, 1);
    assert.ok(cluster.mostQueued <= limit);
  });

  test('says so of a single task while the queue is empty: then it is the task', async () => {
    cluster.refuse = () => ({
      type: 'full',
      message: "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    });
    const head = startHead(cluster);
    head.give(singles(2));
    await finish(head, 2);
    assert.match(failure(head, 'n0'), /time limits/);
  });
});

describe('runs that come and go:', () => {
  test('a run that died: the next one adopts its jobs, by whatever groups', async () => {
    const first = startHead(cluster);
    cluster.secondsOf = () => 50;
    first.give(singles(6));
    await cluster.clock.runUntil(() => false, 20);
    first.executor.interrupt();
    const second = startHead(cluster, { name: 'run-2' });
    second.give(singles(3));
    second.give([['n5'], ['n4'], ['n3'], ['new']]);
    await finish(second, 7);
    assert.ok([...second.ends.values()].every(({ type }) => type === 'recorded'));
    assert.ok([...cluster.built.values()].every((count) => count === 1));
    assert.deepEqual(
      cluster.submissions.map(({ tasks }) => tasks),
      [6, 1],
    );
    assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
  });

  test('jobs that ended while no run was there, and whose results the next one finds: nothing of them is left', async () => {
    fates({ n1: [{ state: 'NODE_FAIL', seconds: 3, silent: true }] });
    const first = startHead(cluster);
    first.give(singles(2));
    await cluster.clock.runUntil(() => false, 2);
    first.executor.interrupt();
    await cluster.clock.runUntil(() => cluster.results.size === 2);
    await cluster.clock.runUntil(() => false, 60);
    await first.executor.close();
    assert.equal(cluster.spool.records.size, 1, 'a run that was interrupted leaves its jobs');
    await startHead(cluster, { name: 'other', isHeadAlive: () => true }).executor.close();
    assert.equal(cluster.spool.records.size, 1, 'those of a living run are its own');
    await startHead(cluster, { name: 'run-2' }).executor.close();
    assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
  });

  test('a job that is still under way is left, although its results are recorded', async () => {
    const first = startHead(cluster);
    first.give(singles(2));
    await cluster.clock.runUntil(() => false, 2);
    first.executor.interrupt();
    for (const key of names(2).map(keyOfName)) cluster.results.add(key);
    await startHead(cluster, { name: 'run-2' }).executor.close();
    assert.equal(cluster.spool.records.size, 1);
  });

  test('one that died between the record and sbatch: its job is submitted, once', async () => {
    const keys = names(2).map(keyOfName);
    const attempts = { lost: 0, memory: 0, time: 0 };
    cluster.spool.create({
      name: 'repro-left',
      head: 'run-0',
      arguments: ['--nodes=1'],
      tasks: [keys.map((key) => ({ keys: [key], attempts }))],
    });
    for (const key of keys) cluster.spool.claim(key, 'repro-left');
    const head = startHead(cluster, { settings: ['poll=1'] });
    head.give(singles(2));
    await finish(head, 2);
    assert.equal(cluster.calls.submit, 1);
    assert.ok(cluster.submissions[0]!.at >= 10_000, 'an sbatch that was left behind had the time to end');
  });

  test('one that is between the two and lives is waited for', async () => {
    let alive = true;
    const [key] = names(1).map(keyOfName);
    const attempts = { lost: 0, memory: 0, time: 0 };
    cluster.spool.create({ name: 'repro-left', head: 'run-0', arguments: [], tasks: [[{ keys: [key!], attempts }]] });
    cluster.spool.claim(key!, 'repro-left');
    const head = startHead(cluster, { isHeadAlive: (name) => name === 'run-0' && alive });
    head.give(singles(1));
    await cluster.clock.runUntil(() => false, 300);
    assert.equal(cluster.calls.submit, 0);
    alive = false;
    await finish(head, 1);
    assert.equal(cluster.calls.submit, 1);
  });

  test('a node that runs again names the job that builds it now, so that the next run watches that one', async () => {
    fates({ n0: [{ state: 'NODE_FAIL', seconds: 3 }] });
    const head = startHead(cluster);
    head.give(singles(1));
    await cluster.clock.runUntil(() => cluster.submissions.length === 2, 1000);
    assert.deepEqual([...cluster.spool.claims.values()], [cluster.spool.jobs().at(-1)!.name]);
    await finish(head, 1);
  });

  test('claims of a run that died before it wrote its record hold nobody up', async () => {
    cluster.spool.claim(keyOfName('n0'), 'repro-never-written');
    const head = startHead(cluster);
    head.give(singles(2));
    await finish(head, 2);
    assert.equal(cluster.calls.submit, 1);
  });

  test('two runs at once build each node once', async () => {
    const [a, b] = [startHead(cluster, { name: 'a' }), startHead(cluster, { name: 'b' })];
    a.give(singles(5));
    b.give(singles(8));
    await finish(b, 8);
    await finish(a, 5);
    assert.ok([...a.ends.values(), ...b.ends.values()].every(({ type }) => type === 'recorded'));
    assert.ok([...cluster.built.values()].every((count) => count === 1));
  });

  test('a failure while no run was there is told by the next one, once', async () => {
    const first = startHead(cluster);
    first.give(singles(1));
    await cluster.clock.runUntil(() => false, 2);
    const [record] = cluster.spool.jobs();
    first.executor.interrupt();
    cluster.end(cluster.tasks[0]!, 'FAILED');
    cluster.spool.left
      .get(record!.name)!
      .ends.set(keyOfName('n0'), { type: 'failed', message: 'it fell', log: 'the log' });
    const second = startHead(cluster);
    second.give(singles(1));
    await finish(second, 1);
    assert.equal(failure(second, 'n0'), 'it fell');
    const third = startHead(cluster);
    third.give(singles(1));
    await finish(third, 1);
    assert.equal(third.ends.get('n0')!.type, 'recorded');
  });

  test('interrupt cancels, if that is asked for; nothing is left', async () => {
    const head = startHead(cluster);
    head.give(singles(4));
    await cluster.clock.runUntil(() => false, 3);
    head.executor.onInterrupt = 'cancel';
    head.executor.interrupt();
    await head.executor.close();
    await cluster.clock.runUntil(() => false, 60);
    assert.ok([...head.ends.values()].every(({ type }) => type === 'open'));
    assert.deepEqual(new Set(cluster.tasks.map(({ state }) => state)), new Set(['CANCELLED']));
    assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], [0, 0]);
  });

  for (const [answer, left] of [
    ['accepted', [0, 0]],
    ['refused', [0, 0]],
    ['unreachable', [1, 2]],
  ] as const)
    test(`interrupted while sbatch is at it, which then says ${answer}: cancelled, or told of`, async () => {
      cluster.submitSeconds = 5;
      if (answer === 'refused') cluster.refuse = () => ({ type: 'refused', message: 'no' });
      if (answer === 'unreachable') cluster.lostAnswers = 1;
      const head = startHead(cluster);
      head.give(singles(2));
      await cluster.clock.runUntil(() => cluster.calls.submit > 0);
      head.executor.onInterrupt = 'cancel';
      head.executor.interrupt();
      let isClosed = false;
      void head.executor.close().then(() => (isClosed = true));
      await cluster.clock.runUntil(() => isClosed);
      assert.deepEqual([cluster.spool.records.size, cluster.spool.claims.size], left);
      const expected = { accepted: ['CANCELLED', 'CANCELLED'], refused: [], unreachable: ['RUNNING', 'RUNNING'] };
      assert.deepEqual(
        cluster.tasks.map(({ state }) => state),
        expected[answer],
      );
      const told = head.events.some((event) => 'message' in event && event.message.includes('scancel --name=repro-'));
      assert.equal(told, answer === 'unreachable');
    });

  test('interrupted while sbatch is at it, to detach: the next run adopts the job', async () => {
    cluster.submitSeconds = 5;
    const first = startHead(cluster);
    first.give(singles(2));
    await cluster.clock.runUntil(() => cluster.calls.submit > 0);
    first.executor.interrupt();
    let isClosed = false;
    void first.executor.close().then(() => (isClosed = true));
    await cluster.clock.runUntil(() => isClosed);
    const second = startHead(cluster);
    second.give(singles(2));
    await finish(second, 2);
    assert.deepEqual([cluster.calls.submit, ...cluster.built.values()], [1, 1, 1]);
  });

  test('interrupted while Slurm is silent: it is not waited for, and nobody is warned', async () => {
    cluster.secondsOf = () => 1000;
    const head = startHead(cluster);
    head.give(singles(2));
    await cluster.clock.runUntil(() => cluster.calls.submit > 0);
    cluster.isSilent = true;
    await cluster.clock.runUntil(() => cluster.unanswered.length > 0);
    assert.equal(cluster.unanswered.length, 1);
    head.executor.interrupt();
    await head.executor.close();
    assert.deepEqual(
      head.events.filter(({ type }) => type === 'warning'),
      [],
    );
  });

  test('broken while nothing waits for a node: the next one that is handed over is told, not left open', async () => {
    const head = startHead(cluster);
    head.give(singles(1));
    cluster.spool.remove = () => {
      throw new Error('the disk is gone');
    };
    await finish(head, 1);
    await cluster.clock.runUntil(() => false, 60);
    const unit = { nodes: [{ node: bareNode('late', 'train'), key: keyOfName('late'), inputs: {}, force: false }] };
    await assert.rejects(
      head.executor.build({ ...unit, execution: undefined }, () => undefined),
      /the disk is gone/,
    );
  });

  test('once a node failed, what runs ends and nothing more starts', async () => {
    const head = startHead(cluster, { settings: ['queue=2'] });
    head.give(singles(6));
    await cluster.clock.runUntil(() => false, 3);
    head.executor.stop();
    await finish(head, 6);
    const types = [...head.ends.values()].map(({ type }) => type);
    assert.deepEqual(types.filter((type) => type === 'recorded').length, 2);
    assert.deepEqual(types.filter((type) => type === 'open').length, 4);
  });
});

test('a job that waits for what does not come by itself is warned about once', async () => {
  cluster.slots = 0;
  const head = startHead(cluster);
  head.give(singles(2));
  for (const task of cluster.tasks) task.reason = 'PartitionTimeLimit';
  await cluster.clock.runUntil(() => head.told().length > 0, 1000);
  for (const task of cluster.tasks) task.reason = 'PartitionTimeLimit';
  await cluster.clock.runUntil(() => false, 2000);
  assert.deepEqual(head.told(), ['job 100 waits for what will not come by itself: PartitionTimeLimit']);
  cluster.slots = 2;
  await head.executor.close();
});

test('Slurm is asked less and less while nothing changes', async () => {
  cluster.secondsOf = () => 10_000;
  const head = startHead(cluster);
  head.give(singles(3));
  await finish(head, 3);
  assert.ok(cluster.calls.queue < 10_000 / 100, `${cluster.calls.queue} calls in 10000 s`);
});

test('the clock goes on where that of the machine is set back', () => {
  const before = systemClock.now();
  assert.ok(Math.abs(before - Date.now()) < 3_600_000, 'it begins with that of the machine, which files are dated by');
  const setBack = mock.method(Date, 'now', () => 0);
  assert.ok(systemClock.now() >= before);
  setBack.mock.restore();
});
