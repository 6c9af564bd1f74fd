import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { onSignal } from '../../src/cli/verbs/run-on-slurm.ts';
import type { OnInterrupt } from '../../src/cluster/slurm/executor.ts';
import { sumProject } from '../cli/project-fixture.ts';
import type { Project } from '../project.ts';

let project: Project;
let environment: { PATH: string };

/** Programs by the names of Slurm's: sbatch runs the tasks at once, one after another, unless `hold` is there. */
before(async () => {
  project = sumProject();
  mkdirSync(project.path('bin'));
  const programs = {
    sbatch: `for word in "$@"; do
        case $word in --array=0-*) last=\${word#--array=0-};; --output=*) log=\${word#--output=};; esac
      done
      echo "$@" >> ${project.path('submitted')}
      while [ -e ${project.path('slow')} ]; do sleep 0.05; done
      if [ ! -e ${project.path('hold')} ]; then
        for task in $(seq 0 "$last"); do SLURM_JOB_ID=7 SLURM_ARRAY_TASK_ID=$task sh "$word" > "\${log%\\%a}$task" 2>&1; done
      fi
      echo 7`,
    squeue: `[ -e ${project.path('hold')} ] && echo "7_[0-9]|$(basename "$(ls -d ${project.path('artifacts/cluster/repro-*')} | head -n 1)")|PENDING|Priority"; exit 0`,
    sacct: 'exit 1',
    scancel: `echo "$@" >> ${project.path('cancelled')}`,
    scontrol: 'echo "MaxArraySize = 3"',
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(project.path('bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(project.path('bin', name), 0o755);
  }
  environment = { PATH: `${project.path('bin')}:${process.env['PATH']}` };
  const { code, stderr } = await project.run('run', '--store', 'here', '--reports', 'here-reports');
  assert.equal(code, 0, stderr);
});
after(() => project.close());

const onSlurm = ['run', '--executor', 'slurm', '--poll', '0.1', '--slurm', 'partition=cpu', '--log', 'plain'];

test('a run through sbatch: the same lock, arrays as large as they may be, and nothing left', async () => {
  const { code, stdout, stderr } = await project.start(onSlurm, environment).finished;
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^quick: 5 nodes, Slurm, backend none/);
  assert.match(stdout, /done: 5 executed, 0 cached, 0 failed/);
  assert.equal(project.read('reports/quick/lock.json'), project.read('here-reports/quick/lock.json'));
  const submitted = project.read('submitted').trim().split('\n');
  assert.ok(
    submitted.every((line) => line.includes('--partition=cpu')),
    submitted.join('\n'),
  );
  assert.ok(submitted[0]!.includes('--array=0-1 '), 'three nodes in arrays of two tasks');
  assert.deepEqual(readdirSync(project.path('artifacts/cluster')).sort(), ['claims', 'sources']);
  assert.deepEqual(readdirSync(project.path('artifacts/cluster/claims')), []);
});

function isSubmitted(): boolean {
  const directory = project.path('artifacts/cluster');
  return readdirSync(directory).some((name) => name.startsWith('repro-') && existsSync(`${directory}/${name}/id`));
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 20)))
    assert.ok(Date.now() < end, 'it does not come');
}

test('an interrupted run leaves its jobs; cancel ends them', async () => {
  project.write('hold', '');
  const run = project.start([...onSlurm, '--set', 'base=5'], environment);
  await until(isSubmitted);
  run.child.kill('SIGINT');
  const { code, stdout } = await run.finished;
  assert.equal(code, 130, stdout);
  assert.match(stdout, /jobs? in the queue: the next run adopts them/);
  const cancelled = await project.start(['cancel'], environment).finished;
  assert.match(cancelled.stdout, /^cancelled [12] jobs?; what they built is kept/);
  assert.match(readFileSync(project.path('cancelled'), 'utf8'), /^7/);
  assert.deepEqual(readdirSync(project.path('artifacts/cluster')).sort(), ['claims', 'sources']);
});

test('Ctrl-C in a terminal asks what becomes of the jobs; another signal does not, and nobody is asked elsewhere', async () => {
  const answered = async (signal: string, typed: string | undefined, isTTY = true): Promise<[OnInterrupt, number]> => {
    const input = Object.assign(new PassThrough(), { isTTY });
    let questions = 0;
    const decided = onSignal('ask', signal, input, (event) => {
      assert.ok(event.type === 'warning' && event.message.includes('type c and Enter'));
      questions++;
      input.end(typed);
    });
    return [await decided, questions];
  };
  assert.deepEqual(await answered('SIGINT', 'c\n'), ['cancel', 1]);
  assert.deepEqual(await answered('SIGINT', '\n'), ['detach', 1]);
  assert.deepEqual(await answered('SIGINT', undefined), ['detach', 1], 'a terminal that is closed');
  assert.deepEqual(await answered('SIGTERM', 'c\n'), ['detach', 0]);
  assert.deepEqual(await answered('SIGINT', 'c\n', false), ['detach', 0]);
});

// Elsewhere a process has no group that a signal can be sent to.
const onPosix = process.platform === 'win32' ? test.skip : test;
void onPosix(
  'Ctrl-C goes to all programs of a run: sbatch, which is at it, is not one, and its job is cancelled',
  async () => {
    project.write('hold', '');
    project.write('slow', '');
    project.write('submitted', '');
    project.write('cancelled', '');
    const run = project.start([...onSlurm, '--set', 'base=6', '--on-interrupt', 'cancel'], environment, {
      detached: true,
    });
    let said = '';
    run.child.stdout!.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    await until(() => project.read('submitted') !== '');
    process.kill(-run.child.pid!, 'SIGINT');
    await until(() => said.includes('cancelling'));
    rmSync(project.path('slow'));
    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 130, stdout + stderr);
    assert.match(stdout, /cancelling 1 job$/m);
    assert.equal(project.read('cancelled'), '7\n');
    assert.deepEqual(readdirSync(project.path('artifacts/cluster')).sort(), ['claims', 'sources']);
  },
);

test('where Slurm does not answer, cancel says so in a line, and keeps what it knows of the jobs', async () => {
  const kept = 'artifacts/cluster/repro-unsure/job.json';
  project.write(kept, JSON.stringify({ name: 'repro-unsure', head: 'gone', arguments: [], tasks: [] }));
  project.write(
    'down/squeue',
    '#!/bin/sh\necho slurm_load_jobs error: Unable to contact slurm controller >&2\nexit 1\n',
  );
  chmodSync(project.path('down/squeue'), 0o755);
  const { code, stdout, stderr } = await project.start(['cancel'], {
    PATH: `${project.path('down')}:${environment.PATH}`,
  }).finished;
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^repro: cancel: squeue: slurm_load_jobs error: Unable .*: cancel again once Slurm answers\n$/);
  assert.ok(existsSync(project.path(kept)));
  rmSync(project.path('artifacts/cluster/repro-unsure'), { recursive: true });
});

test('settings of jobs are refused where nodes are built here', async () => {
  for (const [given, said] of [
    [['--slurm', 'partition=gpu'], '--slurm partition=gpu'],
    [['--poll', '5'], '--poll 5'],
    [['--array-size', '10'], '--array-size 10'],
    [['--on-interrupt', 'cancel', '--dry-run'], '--on-interrupt cancel'],
  ] as const) {
    const { code, stderr } = await project.run('run', ...given);
    assert.deepEqual([code, stderr], [2, `repro: ${said}: expected --executor slurm as well\n`]);
  }
});

test('settings that are wrong are refused before anything is submitted', async () => {
  const { code, stderr } = await project.run(...onSlurm, '--slurm', 'gen.tiem=1');
  assert.equal(code, 2);
  assert.match(stderr, /--slurm gen\.tiem=1: no setting tiem: expected one of partition, /);
  const both = await project.run(...onSlurm, '--shard', '1/2', '--remote', 'there');
  assert.match(both.stderr, /--shard 1\/2: expected --executor local/);
});
