/** Whether three trainers agree on what zero biases do: ours, the dense reference in double precision, PyTorch. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import { featureFrequencies } from '../../numerics/features/frequencies.ts';
import { learningRateShare } from '../../numerics/toy-model/learning-rate.ts';
import { ReferenceTrainer } from '../../numerics/toy-model/reference/reference-trainer.ts';
import { generator } from '../power/simulate.ts';
import type { Configuration } from './configurations.ts';
import { describePeer, findPeer, runPeer } from './peer.ts';
import { startTraining } from './training.ts';

const [n, batch, steps] = [64, 128, 1000];
const seeds = [1, 2, 3, 4, 5];
/** A final loss is the mean over the last so many steps. */
const lastSteps = 100;
/** Of the difference of two means of five seeds: Student's t with 8 degrees of freedom, 99%. */
const agreeErrors = 3.36;

const { values } = parseArgs({ options: { python: { type: 'string' }, json: { type: 'string' } } });
const peer = findPeer(values.python);
console.log(peer ? describePeer(peer) : 'No Python with PyTorch found (--python PATH names one): without it');
console.log('cell | biases | ours | double precision | PyTorch | agrees');
const cells: object[] = [];
for (const [gamma, m] of [
  [-5 / 9, 4],
  [-5 / 9, 8],
  [1 / 3, 8],
] as const)
  // prettier-ignore
  for (const standardDeviation of [0, 1]) await compare(cell(gamma, m, standardDeviation));
if (values.json !== undefined) {
  if (!peer) throw new Error('--json: no Python with PyTorch found: --python PATH names one');
  const source = `node bench/train/zero-bias.mjs --json, ${describePeer(peer)}`;
  const table = { source, pytorch: peer.torch, n, alpha: 1, batch, steps, seeds: seeds.length, agreeErrors, cells };
  writeFileSync(values.json, `${JSON.stringify(table, null, 2)}\n`);
}

function cell(gamma: number, m: number, standardDeviation: number): Configuration {
  return {
    name: `n = ${n}, alpha = 1, gamma = ${gamma.toFixed(3)}, m = ${m} | ${standardDeviation ? 'N(0, 1)' : 'zero'}`,
    ...{ group: 'small', n, m, law: { frequencies: 'power-law', n, alpha: 1, density: 1 }, gamma, batch, steps },
    ...{ warmup: steps / 10, peakRateW: 0.02, peakRateB: 0.02, lossScale: 1 },
    initialBias: { mean: 0, standardDeviation },
  };
}

/** Final losses of each trainer over the seeds: from the same first weights, on samples that each draws for itself. */
async function compare(configuration: Configuration): Promise<void> {
  const ours = seeds.map((seed) => {
    const training = startTraining(configuration, seed);
    return meanOfLast((k) => training.step(k));
  });
  const reference = seeds.map((seed) => doublePrecision(configuration, seed));
  const dense = peer ? await byPeer(configuration) : undefined;
  const agrees = [reference, ...(dense ? [dense] : [])].every((theirs) => agree(ours, theirs));
  if (!agrees) process.exitCode = 1;
  const { gamma, m, initialBias } = configuration;
  const place = { gamma, m, initialBias: initialBias?.standardDeviation ? 'normal' : 'zero' };
  const finals = { ours: summary(ours), doublePrecision: summary(reference), pytorch: dense && summary(dense) };
  cells.push({ ...place, ...finals });
  console.log(
    [configuration.name, show(ours), show(reference), dense ? show(dense) : '-', agrees ? 'yes' : 'NO'].join(' | '),
  );
}

function meanOfLast(step: (k: number) => number): number {
  let sum = 0;
  for (let k = 1; k <= steps; k++) {
    const loss = step(k);
    if (k > steps - lastSteps) sum += loss / lastSteps;
  }
  return sum;
}

function doublePrecision(configuration: Configuration, seed: number): number {
  const { m, law, gamma, warmup, peakRateW, peakRateB, lossScale } = configuration;
  const { W, b } = startTraining(configuration, seed).initial;
  const rows = Array.from({ length: n }, (_, i) => [...W.subarray(i * m, (i + 1) * m)]);
  const settings = { n, m, gamma, lossScale, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projection: 'none' as const };
  const trainer = new ReferenceTrainer(settings, rows, [...b]);
  const p = featureFrequencies(law);
  const random = generator(1000 + seed);
  return meanOfLast((k) => {
    const X = Array.from({ length: batch }, () => Array.from(p, (q) => (random() < q ? 2 * random() : 0)));
    const share = learningRateShare(k, steps, warmup);
    return trainer.step(k, X, peakRateW * share, peakRateB * share);
  });
}

async function byPeer(configuration: Configuration): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'zero-bias-'));
  try {
    const files = seeds.map((seed) => {
      const { W, b } = startTraining(configuration, seed).initial;
      const file = join(directory, `weights-${seed}.safetensors`);
      const weights = { W: { dtype: 'F32', shape: [n, configuration.m], data: W }, b: { dtype: 'F32', shape: [n], data: b } } as const; // prettier-ignore
      writeFileSync(file, encodeSafetensors(weights));
      return file;
    });
    const run = runPeer<{ final: number }>(peer!, configuration, ['--finals', ...files]);
    const finals: number[] = [];
    while (finals.length < seeds.length) finals.push((await run.next()).final);
    await run.finish();
    return finals;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function agree(a: readonly number[], b: readonly number[]): boolean {
  const error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  return Math.abs(mean(a) - mean(b)) <= agreeErrors * error;
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function variance(list: readonly number[]): number {
  const centre = mean(list);
  return list.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (list.length - 1);
}

function summary(list: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const rounded = (value: number): number => Number(value.toFixed(4));
  return { mean: rounded(mean(list)), standardError: rounded(Math.sqrt(variance(list) / list.length)) };
}

function show(list: readonly number[]): string {
  const { mean: centre, standardError } = summary(list);
  return `${centre.toFixed(4)} +- ${standardError.toFixed(4)}`;
}
