import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../../src/errors.ts';
import {
  cleanEnvironment,
  expandRange,
  parseAccounting,
  parseQueue,
  refusal,
  slurmByCommands,
} from '../../src/cluster/slurm/commands.ts';
import { megabytes, requestFor, seconds, slurmOptions } from '../../src/cluster/slurm/options.ts';
import { hopelessReason, verdictOf } from '../../src/cluster/slurm/states.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => directory[Symbol.dispose]());

/** Puts a program on the PATH that the returned environment has. */
function programs(scripts: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(directory.path, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }
  return {
    PATH: `${directory.path}:/usr/bin:/bin`,
    SLURM_JOB_ID: '7',
    SLURM_MEM_PER_NODE: '900',
    SLURM_CONF: '/etc/own.conf',
    SLURMD_NODENAME: 'n1',
    SBATCH_ACCOUNT: 'lab',
  };
}

test('sbatch does not see the job that the run itself is in; what the user set for sbatch stays', async () => {
  const seen = join(directory.path, 'seen');
  const slurm = slurmByCommands(
    programs({ sbatch: `env | grep -E '^(SLURM|SBATCH)' | sort > ${seen}; echo "$@" >> ${seen}; echo '42;main'` }),
  );
  assert.deepEqual(await slurm.submit(['--array=0-3'], 'script.sh'), { type: 'accepted', id: '42' });
  assert.deepEqual(readFileSync(seen, 'utf8').trim().split('\n'), [
    'SBATCH_ACCOUNT=lab',
    'SLURM_BITSTR_LEN=0',
    'SLURM_CONF=/etc/own.conf',
    '--parsable --array=0-3 script.sh',
  ]);
  assert.deepEqual(Object.keys(cleanEnvironment({ SLURM_JOB_ID: '1', SLURM_CONF: 'c', HOME: 'h', SRUN_DEBUG: '3' })), [
    'SLURM_CONF',
    'HOME',
  ]);
});

test('what sbatch says is told apart', () => {
  const says = (text: string): string =>
    refusal(`sbatch: error: ${text}\nsbatch: error: Batch job submission failed: ${text}`).type;
  assert.equal(says('Invalid partition name specified'), 'refused');
  assert.equal(says('Requested node configuration is not available'), 'refused');
  assert.equal(says("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"), 'full');
  assert.equal(says('QOSMaxSubmitJobPerUserLimit'), 'full');
  assert.equal(says('Resource temporarily unavailable'), 'full');
  assert.equal(says('Unable to contact slurm controller (connect failure)'), 'unreachable');
  assert.equal(says('Socket timed out on send/recv operation'), 'unreachable');
  assert.equal(
    refusal(
      'sbatch: error: invalid partition specified: x\nsbatch: error: Batch job submission failed: Invalid partition name specified',
    ).message,
    'invalid partition specified: x; Batch job submission failed: Invalid partition name specified',
  );
});

test('a program that is not there, fails, or prints something else', async () => {
  const absent = slurmByCommands({ PATH: directory.path });
  assert.deepEqual(await absent.submit([], 's'), { type: 'refused', message: 'not found on PATH' });
  await assert.rejects(absent.queue(), /squeue: squeue: not found on PATH/);
  assert.deepEqual(await absent.accounting(['1']), new Map());
  assert.deepEqual(await absent.limits(), { arraySize: 1000 });
  const odd = slurmByCommands(
    programs({
      sbatch: 'echo what; exit 0',
      squeue: 'echo slurm_load_jobs error: Unable to contact >&2; exit 1',
      scancel: 'echo Invalid job id >&2; exit 1',
      scontrol: 'echo "MaxArraySize            = 51"',
    }),
  );
  assert.equal((await odd.submit([], 's')).type, 'refused');
  await assert.rejects(odd.queue(), /squeue: slurm_load_jobs error/);
  await odd.cancel(['1']);
  assert.deepEqual(await odd.limits(), { arraySize: 50 });
});

test('an sbatch that did not come to an end may have submitted its job', async () => {
  const ended = slurmByCommands(programs({ sbatch: 'kill -9 $$' }));
  assert.deepEqual(await ended.submit([], 's'), { type: 'unreachable', message: 'was ended by the signal SIGKILL' });
  const closed = slurmByCommands({ ...programs({ sbatch: 'echo 42' }), PATH: directory.path });
  chmodSync(join(directory.path, 'sbatch'), 0o644);
  assert.deepEqual(await closed.submit([], 's'), { type: 'refused', message: 'permission denied' });
});

test('a job that Slurm holds after it was put back waits for ever', () => {
  const of = (state: string, reason: string): string | undefined => hopelessReason({ state, reason });
  assert.equal(of('PENDING', 'launch failed requeued held'), 'launch failed requeued held');
  assert.equal(of('PENDING', 'JobHoldMaxRequeue'), 'JobHoldMaxRequeue');
  assert.equal(of('REQUEUE_HOLD', 'None'), 'REQUEUE_HOLD');
  assert.equal(of('SPECIAL_EXIT', 'JobHeldUser'), 'JobHeldUser');
  for (const [state, reason] of [
    ['PENDING', 'Priority'],
    ['PENDING', 'BeginTime'],
    ['REQUEUED', 'None'],
    ['RUNNING', 'JobHeldUser'],
  ] as const)
    assert.equal(of(state, reason), undefined, reason);
});

test('queues and accounts are read, ranges of tasks too', () => {
  assert.deepEqual(
    parseQueue(
      '12_[0-1,5%2]|repro-a|PENDING|Priority\n12_3|repro-a|RUNNING|None\n13|other|COMPLETED|None\nnonsense\n14_7|x|PENDING|(odd | reason)\n',
    ).map(({ id, task, name, state }) => `${id}_${task} ${name} ${state}`),
    [
      '12_0 repro-a PENDING',
      '12_1 repro-a PENDING',
      '12_5 repro-a PENDING',
      '12_3 repro-a RUNNING',
      '13_0 other COMPLETED',
      '14_7 x PENDING',
    ],
  );
  assert.deepEqual(expandRange('0-6:3,9'), [0, 3, 6, 9]);
  assert.deepEqual(
    Object.fromEntries(parseAccounting('12_0|CANCELLED by 1000\n12_[1-2]|PENDING\n12.batch|FAILED\n13|TIMEOUT')),
    { '12_0': 'CANCELLED', '12_1': 'PENDING', '12_2': 'PENDING', '13_0': 'TIMEOUT' },
  );
  assert.deepEqual(
    ['REQUEUED', 'COMPLETING', 'UNKNOWN', undefined, 'OUT_OF_MEMORY', 'PREEMPTED', 'DEADLINE'].map(verdictOf),
    ['active', 'active', 'unknown', 'unknown', 'out-of-memory', 'lost', 'ended'],
  );
});

test('settings: package.json, then flags; a stage has its own', () => {
  const stages = new Set(['train', 'fit']);
  const options = slurmOptions(
    { partition: 'cpu', time: 30, scratch: '$TMPDIR', stages: { train: { time: '2:00:00', memory: '4G' } } },
    ['partition=gpu', 'train.gpus=2'],
    stages,
    { poll: 5 },
  );
  assert.deepEqual([options.all.partition, options.poll, options.scratch], ['gpu', 5, '$TMPDIR']);
  const train = requestFor(options, 'train', { resources: { accelerator: 1, cpu: 0.5 } });
  assert.deepEqual(train, {
    words: [
      '--partition=gpu',
      '--time=2:00:00',
      '--nodes=1',
      '--ntasks=1',
      '--cpus-per-task=1',
      '--gres=gpu:2',
      '--signal=B:TERM@60',
    ],
    memory: 4096,
    seconds: 7200,
  });
  assert.equal(requestFor(options, 'fit', undefined).memory, undefined);
  // What is said of one stage is meant, whatever it declares.
  const declares = { resources: { memoryBytes: 2 ** 30 } };
  assert.equal(requestFor(options, 'train', declares).memory, 4096);
  assert.ok(requestFor(options, 'train', declares).words.includes('--gres=gpu:2'));
  const general = slurmOptions(undefined, ['memory=8G', 'gpus=2'], stages);
  assert.equal(requestFor(general, 'train', declares).memory, 1024);
  assert.ok(!requestFor(general, 'train', declares).words.some((word) => word.startsWith('--gres')));
  const refused: readonly (readonly [unknown, readonly string[], RegExp])[] = [
    [
      { partitions: 'x' },
      [],
      /package\.json: repro\.slurm\.partitions: no setting partitions: expected one of partition,/,
    ],
    [{ stages: { trian: {} } }, ['x'], /--slurm x: expected name=value/],
    [undefined, ['trian.time=1'], /--slurm trian\.time=1: no stage trian: expected one of train, fit/],
    [undefined, ['memory=0'], /memory 0: expected a size such as 4G/],
    [undefined, ['train.scratch=/x'], /no setting scratch/],
    [undefined, ['memory=much'], /memory much: expected a size such as 4G/],
    [undefined, ['time=soon'], /time soon: expected a limit/],
    [undefined, ['gpus=0'], /gpus = 0: expected a whole number from 1/],
    [undefined, ['queue=none'], /queue = none: expected a number from 1/],
    [undefined, ['partition='], /expected a value of one line/],
    [{ time: true }, [], /expected text or a number/],
    ['x', [], /repro\.slurm: expected an object/],
  ];
  for (const [configured, settings, message] of refused)
    assert.throws(
      () => slurmOptions(configured, settings, stages),
      (error) => error instanceof InputError && message.test(error.message),
      String(message),
    );
  assert.deepEqual(['30', '1:30', '2:00:00', '1-12', '1-0:30'].map(seconds), [1800, 90, 7200, 129_600, 88_200]);
  assert.deepEqual(['500', '4G', '1024K', '2T'].map(megabytes), [500, 4096, 1, 2_097_152]);
});

test('what asks Slurm is ended when nobody waits for it any more; what submits and cancels is not', async () => {
  const asked = join(directory.path, 'asked');
  const silent = `echo >> ${asked}; sleep 1000`;
  const told = `while [ ! -e ${asked}.over ]; do sleep 0.05; done; echo 42`;
  const slurm = slurmByCommands(
    programs({ squeue: silent, sacct: silent, scontrol: silent, sbatch: told, scancel: told }),
  );
  const queue = assert.rejects(slurm.queue(), /squeue was not waited for/);
  const asking = [slurm.accounting(['1']), slurm.limits()];
  const telling = [slurm.submit([], 'script.sh'), slurm.cancel(['1'])];
  while (!existsSync(asked) || statSync(asked).size < 3) await setTimeout(10);
  slurm.stopAsking();
  await queue;
  await Promise.all(asking);
  await assert.rejects(slurm.queue(), /squeue was not asked/);
  writeFileSync(`${asked}.over`, '');
  assert.deepEqual(await Promise.all(telling), [{ type: 'accepted', id: '42' }, undefined]);
});
