// @ts-check
/**
 * What a run that has nothing to do costs: `node bench/engine/run.mjs [number of nodes ...]`, 10000 and 100000 unless
 * given, beside ninja and Snakemake on the same graph where they are installed. Whole processes, the best of three.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';
import { trivialGraph, writeNinja, writeProject, writeSnakemake } from './project.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const sizes = process.argv.slice(2).map(Number);
if (!sizes.every((size) => Number.isInteger(size) && size > 0)) {
  console.error('usage: node bench/engine/run.mjs [number of nodes ...]');
  process.exit(2);
}
/** Nodes -> most seconds that planning may take, and most bytes. */
const targets = new Map([
  [10_000, 1],
  [100_000, 8],
]);
const mostBytes = 1.5e9;
let missed = 0;

console.log('nodes    system        seconds   us/node   MB');
for (const nodes of sizes.length ? sizes : [10_000, 100_000]) {
  const root = realpathSync(mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'repro-bench-')));
  try {
    const ours = await measureOurs(root, nodes);
    report(nodes, 'repro', ours.seconds, ours.bytes);
    const limit = targets.get(nodes);
    if (limit !== undefined && (ours.seconds > limit || ours.bytes > mostBytes)) {
      missed++;
      console.log(`         over the target of ${limit} s and ${mostBytes / 1e9} GB`);
    }
    const graph = trivialGraph(nodes);
    others(root, graph);
  } finally {
    rmSync(cacheDirectory(root), { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
}
process.exitCode = missed ? 1 : 0;

/** @param {string} root @param {number} nodes */
async function measureOurs(root, nodes) {
  writeProject(root, repository, nodes);
  const entry = join(root, 'fill.ts');
  writeFileSync(
    entry,
    `import pipeline from './pipeline.ts';
import { fillStore } from ${JSON.stringify(join(repository, 'bench/engine/fill-store.ts'))};
await fillStore(pipeline, ${JSON.stringify(root)});`,
  );
  const outfile = join(root, 'fill.mjs');
  await build({ ...commonOptions(root), entryPoints: [entry], outfile, metafile: false });
  await import(pathToFileURL(outfile).href);

  const usage = join(root, 'usage.json');
  let best = { seconds: Infinity, bytes: Infinity };
  for (let i = 0; i < 4; i++) {
    const started = performance.now();
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        '--import',
        pathToFileURL(join(repository, 'bench/engine/report-usage.mjs')).href,
        join(root, 'repro'),
        'run',
        '--log',
        'plain',
      ],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, USAGE: usage },
      },
    );
    const seconds = (performance.now() - started) / 1000;
    if (status !== 0 || !stdout.includes(`0 executed, ${nodes} cached`))
      throw new Error(`the run was not one without anything to do:\n${stdout}${stderr}`);
    // The first one publishes.
    if (i > 0 && seconds < best.seconds)
      best = { seconds, bytes: JSON.parse(readFileSync(usage, 'utf8')).maxRSS * 1024 };
  }
  return best;
}

/** @param {string} root @param {ReturnType<typeof trivialGraph>} graph */
function others(root, graph) {
  writeNinja(root, graph);
  writeSnakemake(root, graph);
  for (let i = 0; i < graph.length; i++) writeFileSync(join(root, 'out', String(i)), '');
  bestOf(root, graph.length, 'ninja', ['ninja', '-C', root], 3);
  const snakemake = process.env['SNAKEMAKE'] ?? 'snakemake';
  if (graph.length > 10_000) console.log(`${String(graph.length).padEnd(8)} snakemake     left out: it takes minutes`);
  else
    bestOf(
      root,
      graph.length,
      'snakemake',
      [snakemake, '--directory', root, '--snakefile', join(root, 'Snakefile'), '--cores', '1', '--quiet'],
      1,
    );
}

/** @param {string} root @param {number} nodes @param {string} system @param {string[]} command @param {number} times */
function bestOf(root, nodes, system, [program, ...args], times) {
  if (spawnSync(/** @type {string} */ (program), ['--version']).error) {
    console.log(`${String(nodes).padEnd(8)} ${system.padEnd(12)}  not installed`);
    return;
  }
  let best = Infinity;
  // The first one fills the caches of the system.
  for (let i = 0; i < times + 1; i++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(/** @type {string} */ (program), args, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    if (status !== 0) {
      console.log(`${String(nodes).padEnd(8)} ${system.padEnd(12)}  failed: ${stderr.trim().split('\n').at(-1)}`);
      return;
    }
    if (i > 0) best = Math.min(best, (performance.now() - started) / 1000);
  }
  report(nodes, system, best);
}

/** @param {number} nodes @param {string} system @param {number} seconds @param {number} [bytes] */
function report(nodes, system, seconds, bytes) {
  const perNode = ((seconds / nodes) * 1e6).toFixed(0);
  console.log(
    `${String(nodes).padEnd(8)} ${system.padEnd(12)} ${seconds.toFixed(3).padStart(8)} ${perNode.padStart(9)} ${bytes ? (bytes / 1e6).toFixed(0).padStart(4) : ''}`,
  );
}
