import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { restoreCheckpoint, saveCheckpoint } from '../../stages/toy/train/checkpoint.ts';
import type { Configuration } from './configurations.ts';
import { neededWork } from './needed-work.ts';
import type { NeededWork } from './needed-work.ts';
import { measurePeak } from './peak.ts';
import { runPeer } from './peer.ts';
import type { Peer } from './peer.ts';
import { startTraining } from './training.ts';

/** Wall and processor time of a step, in milliseconds: they differ where others take the core. */
export interface StepTime {
  readonly wall: number;
  readonly cpu: number;
}

export interface Measurement {
  readonly configuration: Configuration;
  readonly ours: StepTime;
  /** Mean wall milliseconds of a step in each tenth of the schedule. */
  readonly tenths: readonly number[];
  readonly peer: StepTime | undefined;
  /** The same, round by round: ours changes as the model learns, the peer's should not. */
  readonly rounds: readonly Round[];
  /** Means over the schedule, by step. */
  readonly work: {
    readonly distinct: number;
    readonly density: number;
    readonly products: number;
    readonly samples: number;
  };
  /** GFLOP/s of the register-resident loop, median of the rounds. */
  readonly peak: number;
  readonly memoryBytes: number;
}

interface Round {
  readonly ours: StepTime;
  readonly peer: StepTime | undefined;
  readonly peak: number;
  readonly lastLoss: number;
}

/** What a step needs, found at one step that stands for `weight` of them. */
interface Look {
  readonly weight: number;
  readonly work: NeededWork;
}

interface PeerLine {
  readonly msPerStep: number;
  readonly cpuMsPerStep: number;
}

const looks = 40;
/** For each look at what a step needs. */
const multiplyAdds = { small: 2e7, large: 1e8 };

/**
 * Trains the whole schedule in rounds; in each, the peak is measured, then we step, then the peer. With `kept`, a
 * directory, the state is kept there after each round, and the rounds found there are not done again.
 */
export async function measure(
  configuration: Configuration,
  peer: Peer | undefined,
  rounds: number,
  kept?: string,
): Promise<Measurement> {
  const { name, steps, group, m } = configuration;
  const training = startTraining(configuration, 1);
  const perRound = group === 'small' ? 5 : 1;
  const firstOf = (round: number) => Math.round((round * steps) / rounds) + 1;

  const walls = new Float64Array(steps);
  const { done, works } = kept
    ? restore(kept, training.trainer.state, walls, rounds, firstOf)
    : { done: [] as Round[], works: [] as Look[] };
  const paced =
    peer &&
    runPeer<PeerLine>(peer, configuration, [
      '--paced',
      `--rounds=${rounds - done.length}`,
      `--steps-per-round=${perRound}`,
    ]);
  await paced?.next();
  for (let round = done.length; round < rounds; round++) {
    const peak = measurePeak(30);
    const first = firstOf(round);
    const last = firstOf(round + 1) - 1;
    let cpu = 0;
    let lastLoss = NaN;
    for (let k = first; k <= last; k++) {
      const weight = stretchAt(k, steps);
      if (weight > 0) {
        works.push({
          weight,
          work: neededWork(
            training.trainer.weights(),
            training.trainer.biases(),
            m,
            training.samples(k),
            multiplyAdds[group],
          ),
        });
      }
      const usage = process.cpuUsage();
      const begun = performance.now();
      lastLoss = training.step(k);
      walls[k - 1] = performance.now() - begun;
      const { user, system } = process.cpuUsage(usage);
      cpu += (user + system) / 1000;
    }
    if (!Number.isFinite(lastLoss)) throw new Error(`${name}: the loss at step ${last} is ${lastLoss}`);
    paced?.proceed();
    const line = await paced?.next();
    done.push({
      peak,
      ours: { wall: mean(walls.subarray(first - 1, last)), cpu: cpu / (last - first + 1) },
      peer: line && { wall: line.msPerStep, cpu: line.cpuMsPerStep },
      lastLoss,
    });
    if (kept) {
      keep(kept, last, training.trainer.state, walls, { done, works });
      const { ours, peer: dense } = done.at(-1)!;
      console.error(
        `${name}: step ${last} of ${steps}, ours ${ours.cpu.toFixed(0)} ms${dense ? `, PyTorch ${dense.cpu.toFixed(0)} ms` : ''} of processor time, loss ${lastLoss.toPrecision(5)}, density ${(100 * (works.at(-1)?.work.density ?? NaN)).toFixed(1)}%`,
      );
    }
  }
  await paced?.finish();

  const average = (quantity: 'distinct' | 'density' | 'products' | 'samples') =>
    works.reduce((sum, { weight, work }) => sum + weight * work[quantity], 0) / steps;
  const peers = done.flatMap((round) => (round.peer ? [round.peer] : []));
  return {
    configuration,
    ours: { wall: mean(walls), cpu: mean(done.map(({ ours }) => ours.cpu)) },
    tenths: Array.from({ length: 10 }, (_, i) =>
      mean(walls.subarray(Math.floor((i * steps) / 10), Math.max(Math.floor(((i + 1) * steps) / 10), 1))),
    ),
    peer: peers.length
      ? { wall: mean(peers.map(({ wall }) => wall)), cpu: mean(peers.map(({ cpu }) => cpu)) }
      : undefined,
    rounds: done,
    work: {
      distinct: average('distinct'),
      density: average('density'),
      products: average('products'),
      samples: average('samples'),
    },
    peak: done.map((round) => round.peak).sort((a, b) => a - b)[done.length >> 1]!,
    memoryBytes: training.memoryBytes,
  };
}

function restore(
  directory: string,
  state: Float32Array,
  walls: Float64Array,
  rounds: number,
  firstOf: (round: number) => number,
): { done: Round[]; works: Look[] } {
  const path = join(directory, 'measured.json');
  const stepsDone = existsSync(path) ? restoreCheckpoint(directory, { state, losses: walls }) : 0;
  if (stepsDone === 0) return { done: [], works: [] };
  const { done, works } = JSON.parse(readFileSync(path, 'utf8')) as { done: Round[]; works: Look[] };
  const count = done.findIndex((_, round) => firstOf(round + 1) - 1 === stepsDone) + 1;
  if (count === 0)
    throw new Error(
      `${directory}: ${stepsDone} steps done do not end one of ${rounds} rounds; expected what the same command kept`,
    );
  // a run that ended between the two files measured more than its checkpoint holds
  const steps = walls.length;
  const looksDone = Array.from({ length: stepsDone }, (_, i) => stretchAt(i + 1, steps)).filter(
    (weight) => weight > 0,
  ).length;
  return { done: done.slice(0, count), works: works.slice(0, looksDone) };
}

function keep(
  directory: string,
  stepsDone: number,
  state: Float32Array,
  walls: Float64Array,
  measured: { readonly done: readonly Round[]; readonly works: readonly Look[] },
): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'measured.json'), JSON.stringify(measured));
  saveCheckpoint(directory, stepsDone, { state, losses: walls });
}

/**
 * How many steps a look at step k stands for, 0 for no look. The boundaries of the stretches are 1 + (steps) (i /
 * looks)^2, closer at the start, where M empties fast; the look is in the middle of its stretch.
 */
export function stretchAt(k: number, steps: number): number {
  const boundary = (i: number) => Math.round(steps * (i / looks) ** 2);
  let i = Math.min(looks - 1, Math.floor(looks * Math.sqrt((k - 1) / steps)));
  while (i > 0 && boundary(i) > k - 1) i--;
  while (boundary(i + 1) <= k - 1) i++;
  const begin = boundary(i);
  const end = boundary(i + 1);
  return k - 1 === (begin + end - 1) >> 1 ? end - begin : 0;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
