import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
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

/** A run in a terminal of its own, which has begun, and what it prints. */
async function inTerminal(
  base: number,
  begun = isSubmitted,
): Promise<{ child: ChildProcess; output: () => string; ended: Promise<void> }> {
  const words = [process.execPath, project.path('repro'), ...onSlurm, '--set', `base=${base}`];
  const child = spawn('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], {
    cwd: project.path('.'),
    env: { ...process.env, ...environment },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  await until(begun);
  return { child, output: () => output, ended };
}

// `script` has other options elsewhere.
const onLinux = process.platform === 'linux' ? test : test.skip;
void onLinux('Ctrl-C in a terminal asks what becomes of the jobs; another signal does not', async () => {
  project.write('hold', '');
  project.write('slow', '');
  project.write('submitted', '');
  project.write('cancelled', '');
  // The terminal sends Ctrl-C to all programs of the run; sbatch, which is at it, is not one of them.
  const asked = await inTerminal(6, () => project.read('submitted') !== '');
  asked.child.stdin!.write('\x03');
  await until(() => asked.output().includes('type c and Enter'));
  asked.child.stdin!.write('c\r');
  await until(() => asked.output().includes('cancelling'));
  rmSync(project.path('slow'));
  await asked.ended;
  assert.match(asked.output(), /cancelling 1 job\r\n/);
  assert.equal(project.read('cancelled'), '7\n');
  assert.deepEqual(readdirSync(project.path('artifacts/cluster')).sort(), ['claims', 'sources']);

  const told = await inTerminal(7);
  const [head] = readdirSync(`/proc/${told.child.pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${told.child.pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  process.kill(Number(head!), 'SIGTERM');
  await told.ended;
  assert.match(told.output(), /jobs? in the queue: the next run adopts them/);
  assert.doesNotMatch(told.output(), /type c/);
});

test('settings that are wrong are refused before anything is submitted', async () => {
  const { code, stderr } = await project.run(...onSlurm, '--slurm', 'gen.tiem=1');
  assert.equal(code, 2);
  assert.match(stderr, /--slurm gen\.tiem=1: no setting tiem: expected one of partition, /);
  const both = await project.run(...onSlurm, '--shard', '1/2', '--remote', 'there');
  assert.match(both.stderr, /--shard 1\/2: expected --executor local/);
});
