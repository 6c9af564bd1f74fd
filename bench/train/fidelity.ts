/** Whether ours trains what dense PyTorch trains: see README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SparseSamples } from '../../numerics/random/sampler.ts';
import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import { compressed, small } from './configurations.ts';
import type { Configuration } from './configurations.ts';
import { describePeer, findPeer, runPeer } from './peer.ts';
import type { Peer } from './peer.ts';
import { startTraining } from './training.ts';

const followedSteps = 200;
const followedTolerance = 1e-3;
/** Steps of the schedules: of that whose beginning is followed, and of those that are run to their end. */
const followedSchedule = 1000;
const finalSchedule = 400;
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
/** A final loss is the mean over the last so many steps; the script has the same number. */
const lastSteps = 100;
const finalTolerance = 0.02;

const { values } = parseArgs({
  options: {
    finals: { type: 'boolean' },
    configuration: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
  },
});
const chosen = [small(0, -1, 10), small(1, 1 / 3, 39), small(2, -1, 100)].filter(
  ({ name }) => !values.configuration || name.includes(values.configuration),
);
if (!chosen.length) throw new Error(`--configuration ${values.configuration}: no such one`);
const peer = findPeer(values.python);
if (!peer) throw new Error('No Python with PyTorch found: --python PATH names one');
console.log(describePeer(peer));

const results = [];
for (const configuration of chosen) {
  results.push(
    values.finals
      ? await compareFinals(compressed(configuration, finalSchedule), peer)
      : await compareCurves(compressed(configuration, followedSchedule), peer),
  );
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`);
if (results.some(({ agrees }) => !agrees)) process.exitCode = 1;

/** The losses of the first steps, from the same weights on the same samples. */
async function compareCurves(configuration: Configuration, from: Peer) {
  const { name, batch } = configuration;
  const training = startTraining(configuration, 1);
  const samples = joined(
    Array.from({ length: followedSteps }, (_, i) => training.samples(i + 1)),
    batch,
  );
  return withDirectory(async (directory) => {
    const file = join(directory, 'samples.safetensors');
    writeFileSync(
      file,
      encodeSafetensors({
        ...weightsOf(training.initial, configuration),
        offsets: { dtype: 'U32', shape: [samples.offsets.length], data: samples.offsets },
        indices: { dtype: 'U32', shape: [samples.indices.length], data: samples.indices },
        values: { dtype: 'F32', shape: [samples.values.length], data: samples.values },
      }),
    );
    const dense = runPeer<{ step: number; loss: number }>(from, configuration, [`--samples=${file}`]);
    const curve: { ours: number; dense: number }[] = [];
    let largest = 0;
    let at = 0;
    for (let k = 1; k <= followedSteps; k++) {
      const pair = { ours: training.step(k), dense: (await dense.next()).loss };
      curve.push(pair);
      const deviation = Math.abs(pair.ours / pair.dense - 1);
      if (deviation > largest || Number.isNaN(deviation)) {
        largest = deviation;
        at = k;
      }
    }
    await dense.finish();
    const agrees = largest <= followedTolerance;
    const { ours: first } = curve[0]!;
    const { ours: last } = curve.at(-1)!;
    console.log(
      `${name}: over ${followedSteps} steps on the same samples the loss goes from ${first.toPrecision(4)} to ${last.toPrecision(4)}; ` +
        `largest relative deviation ${largest.toExponential(1)}, at step ${at}: ${agrees ? 'agrees' : `EXCEEDS ${followedTolerance}`}`,
    );
    return { configuration, largest, at, curve, agrees };
  });
}

/**
 * Final losses of a shortened schedule over seeds: from the same weights, which decide most of how far a short training
 * gets, on samples that each trainer draws for itself.
 */
async function compareFinals(configuration: Configuration, from: Peer) {
  const { name, steps } = configuration;
  return withDirectory(async (directory) => {
    const trainings = seeds.map((seed) => startTraining(configuration, seed));
    const files = trainings.map(({ initial }, i) => {
      const file = join(directory, `weights-${seeds[i]!}.safetensors`);
      writeFileSync(file, encodeSafetensors(weightsOf(initial, configuration)));
      return file;
    });
    const dense = runPeer<{ final: number }>(from, configuration, ['--finals', ...files]);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const training of trainings) {
      let sum = 0;
      for (let k = 1; k <= steps; k++) {
        const loss = training.step(k);
        if (k > steps - lastSteps) sum += loss;
      }
      ours.push(sum / lastSteps);
    }
    while (theirs.length < seeds.length) theirs.push((await dense.next()).final);
    await dense.finish();
    const [a, b, apart] = [
      meanWithError(ours),
      meanWithError(theirs),
      meanWithError(ours.map((loss, i) => loss - theirs[i]!)),
    ];
    const deviation = a.mean / b.mean - 1;
    const agrees = Math.abs(deviation) <= finalTolerance;
    console.log(
      `${name}: final loss after ${steps} steps, ${seeds.length} seeds: ours ${show(a)}, PyTorch ${show(b)}: ` +
        `${(100 * deviation).toFixed(2)}% +- ${((100 * apart.error) / b.mean).toFixed(2)}% apart: ${agrees ? 'agrees' : `EXCEEDS ${100 * finalTolerance}%`}`,
    );
    return { configuration, ours, theirs, deviation, agrees };
  });
}

function weightsOf({ W, b }: { readonly W: Float32Array; readonly b: Float32Array }, { n, m }: Configuration) {
  return { W: { dtype: 'F32', shape: [n, m], data: W }, b: { dtype: 'F32', shape: [n], data: b } } as const;
}

async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'fidelity-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function meanWithError(losses: readonly number[]): { mean: number; error: number } {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (losses.length - 1);
  return { mean, error: Math.sqrt(variance / losses.length) };
}

function show({ mean, error }: { mean: number; error: number }): string {
  return `${mean.toFixed(5)} +- ${error.toFixed(5)}`;
}

function joined(batches: readonly SparseSamples[], batch: number): SparseSamples {
  const entries = batches.reduce((sum, { indices }) => sum + indices.length, 0);
  const all = {
    offsets: new Uint32Array(batches.length * batch + 1),
    indices: new Uint32Array(entries),
    values: new Float32Array(entries),
  };
  let entry = 0;
  batches.forEach(({ offsets, indices, values: drawn }, i) => {
    for (let s = 1; s <= batch; s++) all.offsets[i * batch + s] = entry + offsets[s]!;
    all.indices.set(indices, entry);
    all.values.set(drawn, entry);
    entry += indices.length;
  });
  return all;
}
