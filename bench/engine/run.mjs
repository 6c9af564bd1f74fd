// @ts-check
/**
 * What the engine itself costs, in turn with ninja on the same graph where that is installed:
 * `node bench/engine/run.mjs [noop] [run] [batched] [plan] [verbs] [--nodes N,N]`, all five unless named.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { checksum } from '../../packages/repro/src/checksum.mjs';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';
import { shapes, trivialGraph, writeNinja, writeProject } from './project.mjs';

// Node 20 reads these certificates at each start, if there are any: no work of ours.
delete process.env['NODE_EXTRA_CA_CERTS'];

const repository = fileURLToPath(new URL('../..', import.meta.url));
const parts = { noop, run, batched, plan, verbs };
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string' }, shapes: { type: 'string' }, times: { type: 'string', default: '20' } },
});
const unknown = positionals.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`${unknown}: expected some of ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const ninjaThere = !spawnSync('ninja', ['--version']).error;
if (!ninjaThere) console.log('ninja is not installed: only our own times are measured');

for (const [name, part] of Object.entries(parts)) {
  if (positionals.length === 0 || positionals.includes(name)) await part();
}

/** A run that has nothing to do. */
async function noop() {
  console.log('\nnothing to do        user s   system s   wall s   MB      user, user + system, wall against ninja');
  for (const nodes of (options.nodes ?? '10000,100000').split(',').map(Number)) {
    for (const shape of shapes) {
      if (options.shapes && !options.shapes.split(',').includes(shape)) continue;
      await inProject(memoryFolder(), nodes, { shape }, async (root) => {
        await fill(root);
        writeNinja(root, trivialGraph(nodes, shape));
        const graph = trivialGraph(nodes, shape);
        for (let i = 0; i < graph.length; i++) writeFileSync(join(root, 'out', String(i)), '');
        // The first publishes. Until one leaves its footprint, each is a run in full, of a second: some of those among the
        // measured ones once made a mean twice its median.
        for (let i = 0; i < 2 || (i < 10 && !leftFootprint(root)); i++)
          check(repro(root, 'run', '--log', 'plain'), `0 executed, ${nodes} cached`);
        compare(
          `${nodes} ${shape}`,
          () => check(repro(root, 'run', '--log', 'plain'), `0 executed, ${nodes} cached`),
          // On a chain of 100,000 ninja overflows its stack.
          shape === 'chain' && nodes > 20_000 ? undefined : () => timed('ninja', ['-C', root], root),
        );
      });
    }
  }
}

/** @param {string} root */
function leftFootprint(root) {
  const folder = join(repository, 'node_modules/.cache/repro/footprints');
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(checksum(root)));
}

/** Trivial nodes, each a job, on a disk. */
async function run() {
  console.log('\nrun                  user s   system s   wall s   MB      user, user + system, wall against ninja');
  for (const nodes of (options.nodes ?? '2000').split(',').map(Number)) {
    await inProject(tmpdir(), nodes, {}, (root) => {
      writeNinja(root, trivialGraph(nodes, 'wide'));
      repro(root, 'status');
      const ninja = () => {
        rmSync(join(root, 'out'), { recursive: true });
        rmSync(join(root, '.ninja_log'), { force: true });
        return timed('ninja', ['-C', root, '-j2'], root);
      };
      const ours = () => {
        rmSync(join(root, 'artifacts'), { recursive: true, force: true });
        return check(repro(root, 'run', '--log', 'plain', '--jobs', '2'), `${nodes} executed`);
      };
      compare(`${nodes} wide`, ours, ninja, 2);
    });
  }
}

/** Nodes that may run in one job with those of their shape, where each has a shape of its own. */
async function batched() {
  console.log('\nbatched              user s   system s   wall s   MB');
  for (const nodes of (options.nodes ?? '1000,2000,4000').split(',').map(Number)) {
    await inProject(memoryFolder(), nodes, { batched: true }, (root) => {
      repro(root, 'status');
      print(`${nodes} shapes`, check(repro(root, 'run', '--log', 'plain'), `${nodes} executed`));
    });
  }
}

/** Planning alone, with an empty store. */
async function plan() {
  console.log('\nplan                 user s   system s   wall s   MB');
  for (const nodes of (options.nodes ?? '300000').split(',').map(Number)) {
    for (const shape of shapes) {
      await inProject(memoryFolder(), nodes, { shape }, (root) =>
        print(`${nodes} ${shape}`, check(repro(root, 'run', '--dry-run'), String(nodes))),
      );
    }
  }
}

/** Verbs that look at all nodes. */
async function verbs() {
  console.log('\nverbs                user s   system s   wall s   MB');
  for (const nodes of (options.nodes ?? '100000').split(',').map(Number)) {
    await inProject(memoryFolder(), nodes, {}, async (root) => {
      await fill(root);
      repro(root, 'run');
      for (const args of [['status'], ['why', 'make[i=99]'], ['graph'], ['gc']])
        print(
          `${args.join(' ')} ${nodes}`,
          best(() => repro(root, ...args), 3),
        );
    });
  }
}

/**
 * @param {string} folder @param {number} nodes @param {Parameters<typeof writeProject>[3]} kind
 * @param {(root: string) => void | Promise<void>} action
 */
async function inProject(folder, nodes, kind, action) {
  const root = realpathSync(mkdtempSync(join(folder, 'repro-bench-')));
  try {
    writeProject(root, repository, nodes, kind);
    await action(root);
  } finally {
    rmSync(cacheDirectory(root), { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
}

function memoryFolder() {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

/** Fills the store with all results. @param {string} root */
async function fill(root) {
  const entry = join(root, 'fill.ts');
  writeFileSync(
    entry,
    `import pipeline from './pipeline.ts';
import { fillStore } from ${JSON.stringify(join(repository, 'bench/engine/fill-store.ts'))};
await fillStore(pipeline, ${JSON.stringify(root)});`,
  );
  const outfile = join(cacheDirectory(root), 'fill.mjs');
  await build({ ...commonOptions(root), entryPoints: [entry], outfile, metafile: false });
  const { status, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** @typedef {{ user: number, system: number, wall: number, bytes: number, output: string }} Cost */

/** @param {string} root @param {...string} args */
function repro(root, ...args) {
  return timed(process.execPath, [join(root, 'repro'), ...args], root);
}

/** @param {string} program @param {string[]} args @param {string} root @returns {Cost} */
function timed(program, args, root) {
  const [times, memory] = [join(root, 'times'), join(root, 'memory')];
  // The times of bash have three digits, those of the program time two.
  const script = 'TIMEFORMAT="%3U %3S %3R"; { time /usr/bin/time -f %M -o "$0" "${@:2}" 2>&3; } 3>&2 2> "$1"';
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', script, memory, times, program, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (error || !existsSync(memory)) throw new Error('expected the programs bash and /usr/bin/time');
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ended with ${status}:\n${stdout.slice(-500)}${stderr}`);
  const [user = 0, system = 0, wall = 0] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
  const kilobytes = Number(readFileSync(memory, 'utf8'));
  return { user, system, wall, bytes: kilobytes * 1024, output: stdout };
}

/** @param {Cost} cost @param {string} expected @returns {Cost} */
function check(cost, expected) {
  if (!cost.output.includes(expected)) throw new Error(`expected "${expected}" in:\n${cost.output.slice(-500)}`);
  return cost;
}

/** @param {() => Cost} action @param {number} times @returns {Cost} */
function best(action, times) {
  const costs = Array.from({ length: times }, action);
  return costs.reduce((least, cost) => ({
    user: Math.min(least.user, cost.user),
    system: Math.min(least.system, cost.system),
    wall: Math.min(least.wall, cost.wall),
    bytes: Math.min(least.bytes, cost.bytes),
    output: '',
  }));
}

/**
 * The system counts a process's time exactly and divides it into user and system by ticks of 10 ms, which is what ninja
 * takes in all: only the mean of many runs says how much of each there was. @param {readonly Cost[]} costs @returns {Cost}
 */
function mean(costs) {
  const of = (/** @type {'user' | 'system' | 'wall' | 'bytes'} */ what) =>
    costs.reduce((sum, cost) => sum + cost[what], 0) / costs.length;
  return { user: of('user'), system: of('system'), wall: of('wall'), bytes: of('bytes'), output: '' };
}

/** In turn, so that what else the machine does meets both alike. @param {string} name @param {() => Cost} ours @param {(() => Cost) | undefined} theirs @param {number} [times] */
function compare(name, ours, theirs, times = Number(options.times)) {
  /** @type {[Cost[], Cost[]]} */
  const [mine, others] = [[], []];
  for (let i = 0; i < times; i++) {
    mine.push(ours());
    if (ninjaThere && theirs) others.push(theirs());
  }
  const cost = mean(mine);
  if (others.length === 0) return print(name, cost);
  const other = mean(others);
  const ratio = (/** @type {(cost: Cost) => number} */ of) => `${(of(cost) / Math.max(of(other), 0.001)).toFixed(1)}x`;
  const ratios = [ratio(({ user }) => user), ratio(({ user, system }) => user + system), ratio(({ wall }) => wall)];
  print(name, cost, `   ${ratios.join(', ')}`);
  print('  ninja', other);
}

/** @param {string} name @param {Cost} cost @param {string} [more] */
function print(name, { user, system, wall, bytes }, more = '') {
  const numbers = [user, system, wall].map((seconds) => seconds.toFixed(3).padStart(9)).join('');
  console.log(`${name.padEnd(18)}${numbers} ${(bytes / 1e6).toFixed(0).padStart(5)} ${more}`);
}
