// @ts-check
/**
 * A Slurm of one's own on this machine, from Debian's packages slurm-wlm and munge: a controller and two node daemons, all
 * as the user who starts it, in a directory of its own. With accounting also slurmdbd and mariadb.
 *
 *   node cluster.mjs start DIR    then: export SLURM_CONF=DIR/slurm.conf
 *   node cluster.mjs stop DIR
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodes = ['n1', 'n2'];
/** No containers and no cgroups: they are not allowed everywhere. Memory is watched by Slurm itself. @param {string} directory @param {{ accounting: boolean, arraySize: number, jobs: number, port: number }} options */
function configuration(directory, { accounting, arraySize, jobs, port }) {
  const host = hostname().split('.')[0];
  const user = userInfo().username;
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${directory}/munge.sock
SlurmctldPort=${port}
SlurmdParameters=config_overrides
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool-%n
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/slurmd-%n.pid
SlurmctldLogFile=${directory}/slurmctld.log
SlurmdLogFile=${directory}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000
ReturnToService=2
MaxArraySize=${arraySize + 1}
MaxJobCount=${jobs}
KillWait=5
SlurmdTimeout=10
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
SwitchType=switch/none
${accounting ? `AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=127.0.0.1\nAccountingStoragePort=${port + 1}\nAccountingStoragePass=${directory}/munge.sock\nAccountingStorageEnforce=associations,limits` : 'AccountingStorageType=accounting_storage/none'}
NodeName=n[1-2] NodeHostname=${host} NodeAddr=127.0.0.1 Port=[${port + 11}-${port + 12}] CPUs=4 RealMemory=4000
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=60 DefMemPerCPU=300 State=UP
`;
}

/** Where daemons are is not on the PATH of everybody. */
const paths = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** @param {string} program @param {string[]} words @param {NodeJS.ProcessEnv} [env] */
function start(program, words, env = {}) {
  execFileSync(program, words, { env: { ...paths, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
}

export class Cluster {
  /** @param {string} directory */
  constructor(directory) {
    this.directory = directory;
    this.environment = { SLURM_CONF: join(directory, 'slurm.conf') };
  }

  /**
   * Starts all daemons and waits until the nodes are idle.
   * @param {{ accounting?: boolean, arraySize?: number, jobs?: number, port?: number }} [options]
   */
  start({ accounting = false, arraySize = 1000, jobs = 10_000, port = 16_817 } = {}) {
    const { directory } = this;
    mkdirSync(directory, { recursive: true });
    // munged wants nobody else to be able to write above its socket.
    chmodSync(directory, 0o755);
    for (const part of ['state', ...nodes.map((node) => `spool-${node}`)])
      mkdirSync(join(directory, part), { recursive: true });
    const at = (/** @type {string} */ name) => join(directory, name);
    if (!existsSync(at('munge.key'))) writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o400 });
    start('munged', [
      '--force',
      ...Object.entries({
        socket: 'munge.sock',
        'key-file': 'munge.key',
        'pid-file': 'munged.pid',
        'log-file': 'munged.log',
        'seed-file': 'munge.seed',
      }).map(([option, name]) => `--${option}=${at(name)}`),
    ]);
    writeFileSync(at('slurm.conf'), configuration(directory, { accounting, arraySize, jobs, port }));
    if (accounting) this.startAccounting(port + 1);
    this.startController();
    for (const node of nodes) this.startNode(node);
    this.waitFor(
      () => this.ask('sinfo', '--noheader', '--format=%D %t').trim() === `${nodes.length} idle`,
      'idle nodes',
    );
  }

  startController() {
    start('slurmctld', [], this.environment);
  }

  /** @param {string} node */
  startNode(node) {
    start('slurmd', ['-N', node], this.environment);
  }

  /** @param {number} port */
  startAccounting(port) {
    const at = (/** @type {string} */ name) => join(this.directory, name);
    const user = userInfo().username;
    if (!existsSync(at('mysql'))) {
      mkdirSync(at('mysql'));
      start('mariadb-install-db', [
        `--datadir=${at('mysql')}`,
        `--user=${user}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ]);
    }
    const words = [
      `--datadir=${at('mysql')}`,
      `--socket=${at('mysql.sock')}`,
      `--pid-file=${at('mysql.pid')}`,
      '--skip-networking=0',
      '--bind-address=127.0.0.1',
      `--port=${port + 1}`,
      `--log-error=${at('mysql.log')}`,
      `--user=${user}`,
      '--innodb-buffer-pool-size=64M',
    ];
    spawn('mariadbd', words, { env: paths, stdio: 'ignore', detached: true }).unref();
    const query = (/** @type {string} */ sql) =>
      spawnSync('mariadb', [`--socket=${at('mysql.sock')}`, '--user=root', '-e', sql], { encoding: 'utf8' });
    this.waitFor(() => query('select 1').status === 0, 'mariadb');
    query(
      "create user if not exists 'slurm'@'127.0.0.1' identified by 'slurm'; grant all on *.* to 'slurm'@'127.0.0.1'; create user if not exists 'slurm'@'localhost' identified by 'slurm'; grant all on *.* to 'slurm'@'localhost'",
    );
    writeFileSync(
      at('slurmdbd.conf'),
      `AuthType=auth/munge
AuthInfo=socket=${at('munge.sock')}
DbdHost=localhost
DbdPort=${port}
SlurmUser=${user}
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${port + 1}
StorageUser=slurm
StoragePass=slurm
LogFile=${at('slurmdbd.log')}
PidFile=${at('slurmdbd.pid')}
`,
      { mode: 0o600 },
    );
    this.startDatabaseDaemon();
    const manager = (/** @type {string[]} */ ...words) =>
      spawnSync('sacctmgr', ['-i', ...words], { env: { ...paths, ...this.environment }, encoding: 'utf8' });
    this.waitFor(() => manager('show', 'cluster').status === 0, 'slurmdbd');
    manager('add', 'cluster', 'test');
    manager('add', 'account', 'lab');
    manager('add', 'user', user, 'account=lab');
    manager('modify', 'user', user, 'set', 'DefaultAccount=lab');
  }

  startDatabaseDaemon() {
    start('slurmdbd', [], this.environment);
  }

  /** What a program of Slurm prints. @param {string} program @param {string[]} words */
  ask(program, ...words) {
    return spawnSync(program, words, { env: { ...paths, ...this.environment }, encoding: 'utf8' }).stdout ?? '';
  }

  /** Waits until the condition holds. @param {() => boolean} holds @param {string} what @param {number} [seconds] */
  waitFor(holds, what, seconds = 60) {
    for (const until = Date.now() + 1000 * seconds; !holds();) {
      if (Date.now() > until) throw new Error(`${what}: not within ${seconds} s: see the logs in ${this.directory}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }

  /** Ends a daemon as a crash would: `slurmctld`, `slurmd-n1`, `slurmdbd`. @param {string} daemon @param {NodeJS.Signals} [signal] */
  kill(daemon, signal = 'SIGKILL') {
    const path = join(this.directory, `${daemon}.pid`);
    if (!existsSync(path)) return;
    const pid = Number(readFileSync(path, 'utf8'));
    try {
      process.kill(pid, signal);
      this.waitFor(() => !existsSync(`/proc/${pid}`), `the end of ${daemon}`);
    } catch {
      // It has ended.
    }
    rmSync(path, { force: true });
  }

  /** Ends a machine as a power cut would: its daemon, and all that runs there. @param {string} node */
  killMachine(node) {
    this.kill(`slurmd-${node}`);
    /** @param {string} pid @param {string} name */
    const told = (pid, name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'latin1');
      } catch {
        // It has ended, or is another user's.
        return '';
      }
    };
    const isOfTheMachine = (/** @type {string} */ pid) => {
      const environment = told(pid, 'environ');
      const isOurs = environment.includes(`SLURM_CONF=${this.environment.SLURM_CONF}\0`);
      return isOurs && environment.includes(`SLURMD_NODENAME=${node}\0`);
    };
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOfTheMachine(name));
    // Those that watch the jobs first: they would tell the controller.
    const parents = processes.map((pid) => told(pid, 'stat').replace(/^.*\)/s, '').split(' ')[2] ?? '');
    const watchers = new Set(parents.filter((pid) => told(pid, 'cmdline').startsWith('slurmstepd')));
    for (const pid of [...watchers, ...processes]) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }

  stop() {
    const jobs = this.ask('squeue', '--me', '--noheader', '--format=%A').split('\n').filter(Boolean);
    if (jobs.length > 0) this.ask('scancel', ...new Set(jobs));
    for (const node of nodes) this.kill(`slurmd-${node}`);
    for (const daemon of ['slurmctld', 'slurmdbd', 'mysql', 'munged']) this.kill(daemon);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [verb, directory = ''] = process.argv.slice(2);
  if ((verb !== 'start' && verb !== 'stop') || directory === '') {
    console.error('usage: node cluster.mjs start|stop DIR');
    process.exit(2);
  }
  const cluster = new Cluster(directory);
  if (verb === 'start') cluster.start();
  else cluster.stop();
}
