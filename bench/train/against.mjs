// @ts-check
/**
 * `node bench/train/against.mjs CHECKOUT [--stride N | --small]`: the wasm trainer here against that of another checkout
 * of this repository (`git worktree add`), in user CPU seconds, on every N-th training of quick's mix (default 29), or on
 * the 18 small configurations of the comparison with PyTorch, compressed to 1000 steps.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheDirectory } from '../../packages/repro/src/code/bundler.mjs';

/** Steps that one takes before the other takes the same ones: what else runs on the machine meets both alike. */
const turn = 50;

const { values, positionals } = parseArgs({
  options: { stride: { type: 'string', default: '29' }, small: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const stride = Number(values.stride);
if (positionals.length !== 1 || !(Number.isInteger(stride) && stride >= 1)) {
  console.error(
    'node bench/train/against.mjs CHECKOUT [--stride N | --small]: expected one directory, and an integer from 1',
  );
  process.exit(2);
}
const here = fileURLToPath(new URL('../..', import.meta.url));
const {
  startTraining: ours,
  quickMix,
  smallMix,
} = await load(here, "export { quickMix, smallMix } from './bench/train/quick-mix.ts';");
const { startTraining: theirs } = await load(resolve(/** @type {string} */ (positionals[0])), '');

let total = [0, 0];
let differing = 0;
console.log(`${'training'.padEnd(48)}  there   here  ratio`);
for (const configuration of values.small ? smallMix() : quickMix(stride)) {
  const { name, steps } = configuration;
  const sides = [theirs, ours].map((start) => ({
    training: start(configuration, 1),
    losses: new Float64Array(steps),
    seconds: 0,
  }));
  for (let first = 1; first <= steps; first += turn) {
    // each is first in every other turn
    for (const side of ((first - 1) / turn) % 2 ? [...sides].reverse() : sides) {
      const begun = process.cpuUsage();
      for (let k = first; k < first + turn && k <= steps; k++) side.losses[k - 1] = side.training.step(k);
      side.seconds += process.cpuUsage(begun).user / 1e6;
    }
  }
  const seconds = sides.map((side) => side.seconds);
  const digests = sides.map(({ training: { trainer }, losses }) =>
    createHash('sha256').update(losses).update(trainer.weights()).update(trainer.biases()).digest('hex'),
  );
  const same = digests[0] === digests[1];
  if (!same) differing++;
  total = total.map((sum, i) => sum + (seconds[i] ?? 0));
  console.log(row(name, seconds), same ? '' : 'other bytes');
}
console.log(row('all', total));
console.log(differing ? `${differing} came to other weights or losses` : 'All came to the same weights and losses.');

/** @param {string} name @param {number[]} seconds */
function row(name, seconds) {
  const [there, here] = /** @type {[number, number]} */ (seconds);
  return `${name.padEnd(48)} ${there.toFixed(2).padStart(6)} ${here.toFixed(2).padStart(6)} ${(here / there).toFixed(3).padStart(6)}`;
}

/**
 * `startTraining` of a checkout, compiled by its own bundler.
 * @param {string} root @param {string} more @returns {Promise<any>}
 */
async function load(root, more) {
  const bundler = join(root, 'packages/repro/src/code/bundler.mjs');
  const { commonOptions } = await import(pathToFileURL(bundler).href);
  const outfile = join(cacheDirectory(here), `against-${process.pid}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}.mjs`); // prettier-ignore
  const contents = `export { startTraining } from './bench/train/training.ts';${more}`;
  await build({ ...commonOptions(root), stdin: { contents, resolveDir: root, loader: 'ts' }, outfile });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}
