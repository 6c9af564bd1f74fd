// @ts-check
/**
 * Runs of Slurm as it is: what a cluster does to jobs, done to them. Needs slurm-wlm and munge (apt-get install), no root.
 *
 *   node run.mjs                those that CI runs, in less than a minute
 *   node run.mjs --all          also those that wait for Slurm's own limits and for accounting (needs slurmdbd, mariadb-server)
 *   node run.mjs NAME...        some of them
 */
import { spawn, spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster.mjs';
import { makeProject } from './project.mjs';

for (const program of ['slurmctld', 'slurmd', 'munged'])
  if (spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`]).status !== 0) {
    console.error(`${program} is not installed: apt-get install slurm-wlm munge`);
    process.exit(2);
  }

const words = process.argv.slice(2);
const all = words.includes('--all');
const named = words.filter((word) => !word.startsWith('--'));
const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-slurm-')));
const project = join(root, 'project');
const cluster = new Cluster(join(root, 'slurm'));
/** @type {NodeJS.ProcessEnv} */
const environment = { ...process.env, ...cluster.environment };
delete environment['REPRO_STORE'];
const set = (/** @type {Record<string, string | number>} */ values) =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const onSlurm = [
  '--executor',
  'slurm',
  '--poll',
  '0.5',
  '--slurm',
  'memory=300M',
  '--slurm',
  'visibility=5',
  '--log',
  'plain',
];

/** @typedef {{ code: number | null, output: string }} Ended */

/** Starts a run. @param {string[]} given @param {NodeJS.ProcessEnv} [env] */
function start(given, env = environment) {
  const child = spawn(process.execPath, [join(project, 'repro'), ...given], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (/** @type {Buffer} */ piece) => (output += piece.toString('utf8')));
  child.stderr.on('data', (/** @type {Buffer} */ piece) => (output += piece.toString('utf8')));
  /** @type {Promise<Ended>} */
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  return { child, ended, output: () => output };
}

/** @param {string[]} given */
const run = (...given) => start(given).ended;

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {() => unknown} holds @param {string} what */
async function until(holds, what, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; !holds(); await sleep(50))
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
}

/** Whether the store's folder of jobs is empty but for copies of sources. @param {string} store */
function isClean(store) {
  const names = readdirSync(join(project, store, 'cluster')).filter((name) => name.startsWith('repro-'));
  // What a killed head was writing at that moment is no claim: gc removes it.
  const claims = readdirSync(join(project, store, 'cluster/claims')).filter((name) => !name.startsWith('tmp-'));
  return names.length === 0 && claims.length === 0;
}

/** What a log says of nodes: how often each was built. @param {string} log */
function builds(log) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const line of existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [])
    if (line.startsWith('built ')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** @param {string} log @param {number} nodes */
function assertOnce(log, nodes) {
  const counts = builds(log);
  assert.equal(counts.size, nodes, 'nothing is lost');
  assert.deepEqual(
    [...counts].filter(([, count]) => count !== 1),
    [],
    'no node ran twice',
  );
}

const lockOf = (/** @type {string} */ reports) =>
  readFileSync(
    join(project, reports, /** @type {string} */ (readdirSync(join(project, reports))[0]), 'lock.json'),
    'utf8',
  );
const jobs = () => cluster.ask('squeue', '--me', '--noheader', '--format=%i %T').trim().split('\n').filter(Boolean);
let seed = 7;
const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

/** @type {Record<string, { slow?: boolean, accounting?: boolean, body: () => Promise<void> }>} */
const scenarios = {
  'the same lock as here, and more memory for a job that needs it': {
    body: async () => {
      const values = set({ slow: 5, megabytes: 340 });
      const there = await run('run', ...values, ...onSlurm, '--store', 'a', '--reports', 'ra');
      assert.equal(there.code, 0, there.output);
      assert.match(there.output, /ran out of memory \(300 MB\): hungry.* runs again with 600 MB/);
      const here = await start(['run', ...values, '--store', 'b', '--reports', 'rb'], process.env).ended;
      assert.equal(here.code, 0, here.output);
      assert.equal(lockOf('ra'), lockOf('rb'));
      assert.ok(isClean('a'), 'nothing of the jobs is left');
    },
  },
  'sbatch refuses one request: that node fails with its words, the others go on': {
    body: async () => {
      const values = set({ slow: 2, megabytes: 20 });
      const { code, output } = await run(
        'run',
        ...values,
        ...onSlurm,
        '--slurm',
        'hungry.partition=nowhere',
        '--keep-going',
        '--store',
        'refused',
      );
      assert.equal(code, 1, output);
      assert.match(output, /FAILED hungry.*sbatch: invalid partition specified: nowhere/);
      assert.match(output, /done slow\[i=0\]/);
      assert.match(output, /done slow\[i=1\]/);
    },
  },
  'the head is killed at random moments and started again': {
    body: async () => {
      const log = join(root, 'killed.log');
      const given = ['run', ...set({ slow: 14, ms: 700, log }), ...onSlurm, '--array-size', '5', '--store', 'killed'];
      const kills = all ? 5 : 2;
      for (let i = 0; i < kills; i++) {
        const head = start(given);
        await sleep(600 + 2_000 * random());
        head.child.kill('SIGKILL');
        await head.ended;
      }
      // What was submitted ends while no head is there.
      await until(() => jobs().length === 0, 'the end of the jobs');
      const { code, output } = await run(...given);
      assert.equal(code, 0, output);
      assertOnce(log, 14);
      assert.ok(isClean('killed'));
    },
  },
  'an interrupted head detaches; the next one adopts what runs, in the same jobs': {
    body: async () => {
      const log = join(root, 'detached.log');
      const given = ['run', ...set({ slow: 3, ms: 4000, log }), ...onSlurm, '--store', 'detached'];
      const head = start(given);
      await until(() => jobs().filter((line) => line.endsWith('RUNNING')).length >= 3, 'jobs');
      const ids = jobs().map((line) => line.split('_')[0]);
      head.child.kill('SIGINT');
      const { code, output } = await head.ended;
      assert.equal(code, 130, output);
      assert.match(output, /jobs? in the queue: the next run adopts/);
      const again = await run(...given);
      assert.equal(again.code, 0, again.output);
      assertOnce(log, 3);
      const told = cluster.ask('squeue', '--me', '--noheader', '--states=all', '--format=%A %j');
      assert.ok(ids.length > 0 && told.length > 0);
    },
  },
  'two heads on one store': {
    body: async () => {
      const log = join(root, 'two.log');
      const given = (/** @type {string} */ reports) => [
        'run',
        ...set({ slow: 8, ms: 500, log }),
        ...onSlurm,
        '--store',
        'two',
        '--reports',
        reports,
      ];
      const [a, b] = await Promise.all([run(...given('t1')), run(...given('t2'))]);
      assert.equal(a.code, 0, a.output);
      assert.equal(b.code, 0, b.output);
      assertOnce(log, 8);
      assert.equal(lockOf('t1'), lockOf('t2'));
    },
  },
  'a head inside a job: what it submits asks for its own resources': {
    body: async () => {
      const out = join(root, 'inside.txt');
      const line = [
        process.execPath,
        join(project, 'repro'),
        'run',
        ...set({ slow: 1 }),
        ...onSlurm,
        '--store',
        'inside',
      ].join(' ');
      const outer = cluster
        .ask(
          'sbatch',
          '--parsable',
          '--job-name=head',
          '--mem=700M',
          '--cpus-per-task=3',
          `--chdir=${project}`,
          `--output=${out}`,
          `--wrap=${line}`,
        )
        .trim();
      await until(
        () => existsSync(out) && /done: \d+ executed|failed: /.test(readFileSync(out, 'utf8')),
        'the end of the inner run',
        180,
      );
      assert.match(readFileSync(out, 'utf8'), /done: 4 executed/);
      // Cores and memory of each task that it submitted: those of the stage, not those of the job of the head.
      const inner = cluster
        .ask('squeue', '--me', '--noheader', '--states=all', '--sort=-i', '--format=%A|%j|%C|%m')
        .trim()
        .split('\n')
        .filter((each) => each.includes('|repro-') && Number(each.split('|')[0]) > Number(outer));
      assert.ok(inner.length > 0);
      for (const each of inner) assert.match(each, /\|1\|300M$/);
    },
  },
  'scancel from outside': {
    body: async () => {
      const given = [
        'run',
        ...set({ slow: 1, ms: 20_000, text: 'data/words.txt' }),
        ...onSlurm,
        '--store',
        'cancelled',
      ];
      const head = start(given);
      await until(() => jobs().some((line) => line.endsWith('RUNNING')) && /done look/.test(head.output()), 'a job');
      await until(() => jobs().length === 1, 'only the slow one');
      cluster.ask('scancel', /** @type {string} */ (jobs()[0]?.split(' ')[0]));
      const { code, output } = await head.ended;
      assert.equal(code, 1, output);
      assert.match(output, /FAILED slow.*was cancelled from outside \(CANCELLED\)/);
    },
  },
  'cancel ends the jobs of a store': {
    body: async () => {
      const given = ['run', ...set({ slow: 2, ms: 30_000 }), ...onSlurm, '--store', 'ended'];
      const head = start(given);
      await until(() => jobs().filter((line) => line.endsWith('RUNNING')).length >= 2, 'jobs');
      head.child.kill('SIGKILL');
      await head.ended;
      const { code, output } = await run('cancel', '--store', 'ended');
      assert.equal(code, 0, output);
      assert.match(output, /cancelled \d jobs?/);
      await until(() => jobs().every((line) => line.endsWith('COMPLETING')), 'an empty queue', 20);
      assert.ok(isClean('ended'));
    },
  },
  'the controller is down for a while': {
    slow: true,
    body: async () => {
      const log = join(root, 'down.log');
      const head = start([
        'run',
        ...set({ slow: 6, ms: 1500, log }),
        ...onSlurm,
        '--array-size',
        '2',
        '--store',
        'down',
      ]);
      await until(() => jobs().length > 0, 'jobs');
      cluster.kill('slurmctld');
      await sleep(5_000);
      cluster.startController();
      const { code, output } = await head.ended;
      assert.equal(code, 0, output);
      assertOnce(log, 6);
    },
  },
  'a machine goes down under its jobs': {
    slow: true,
    body: async () => {
      const log = join(root, 'machine.log');
      const head = start(['run', ...set({ slow: 6, ms: 12_000, log }), ...onSlurm, '--store', 'machine']);
      await until(() => jobs().filter((line) => line.endsWith('RUNNING')).length >= 6, 'jobs');
      const scratch = join(project, 'machine/scratch');
      const saved = () => readdirSync(scratch).filter((name) => existsSync(join(scratch, name, 'work/done'))).length;
      await until(() => saved() >= 6, 'checkpoints');
      cluster.killMachine('n1');
      await until(
        () => /down/.test(cluster.ask('sinfo', '--noheader', '--nodes=n1', '--format=%t')),
        'the controller to notice',
        90,
      );
      cluster.startNode('n1');
      const { code, output } = await head.ended;
      assert.equal(code, 0, output);
      const counts = builds(log);
      assert.equal(counts.size, 6);
      assert.ok(
        [...counts.values()].every((count) => count === 1),
        'a node is recorded once',
      );
      assert.match(readFileSync(log, 'utf8'), /resumed/);
    },
  },
  'a time limit is reached, and the node goes on from its checkpoint': {
    slow: true,
    body: async () => {
      const log = join(root, 'limit.log');
      const { code, output } = await run(
        'run',
        ...set({ slow: 1, ms: 70_000, log }),
        ...onSlurm,
        '--slurm',
        'slow.time=1',
        '--slurm',
        'warning=10',
        '--store',
        'limit',
      );
      assert.equal(code, 0, output);
      assert.match(output, /reached its time limit: slow.* goes on from its checkpoint/);
      assert.match(readFileSync(log, 'utf8'), /resumed 0 at \d+\nbuilt 0/);
    },
  },
  'a queue that is full, by the limit of the user': {
    slow: true,
    accounting: true,
    body: async () => {
      cluster.ask('sacctmgr', '-i', 'modify', 'account', 'lab', 'set', 'MaxSubmitJobs=3');
      const log = join(root, 'full.log');
      const values = [...set({ slow: 12, ms: 200, log }), '--slurm', 'account=lab'];
      const { code, output } = await run('run', ...values, ...onSlurm, '--store', 'full');
      cluster.ask('sacctmgr', '-i', 'modify', 'account', 'lab', 'set', 'MaxSubmitJobs=-1');
      assert.equal(code, 0, output);
      assert.match(output, /wait until there is room/);
      assertOnce(log, 12);
    },
  },
  'accounting is down for a while': {
    slow: true,
    accounting: true,
    body: async () => {
      const log = join(root, 'accounting.log');
      cluster.kill('slurmdbd');
      const head = start([
        'run',
        ...set({ slow: 6, ms: 1500, log, megabytes: 20 }),
        ...onSlurm,
        '--store',
        'accounting',
      ]);
      await sleep(4_000);
      cluster.startDatabaseDaemon();
      const { code, output } = await head.ended;
      assert.equal(code, 0, output);
      assertOnce(log, 6);
    },
  },
};

const chosen = Object.entries(scenarios).filter(([name, { slow }]) =>
  named.length > 0 ? named.some((word) => name.includes(word)) : all || !slow,
);
if (chosen.length === 0) {
  console.error(`no scenario contains ${named.join(' or ')}: ${Object.keys(scenarios).join('; ')}`);
  process.exit(2);
}
let failed = 0;
const began = Date.now();
makeProject(project);
try {
  cluster.start({ arraySize: 6, accounting: chosen.some(([, { accounting }]) => accounting) });
  await run('status');
  for (const [name, { body }] of chosen) {
    const started = Date.now();
    try {
      await body();
      console.log(`ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(
        `not ok  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    cluster.ask('scancel', `--user=${environment['USER'] ?? 'root'}`);
  }
} finally {
  cluster.stop();
}
console.log(
  `${chosen.length - failed} of ${chosen.length} scenarios hold (${((Date.now() - began) / 1000).toFixed(0)} s)`,
);
if (failed > 0) console.log(`what is left of them: ${root}`);
else rmSync(root, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;
