import { cpuUsage } from 'node:process';
import { ambiguity } from '../geometry/ambiguity.ts';
import { featureFrequencies } from '../features/frequencies.ts';
import { initialWeights } from './initial-weights.ts';
import { ToyModelTrainer } from './wasm/toy-model-trainer.ts';
import { overlapStatistics, unitRows } from '../geometry/overlaps.ts';
import { drawSamples } from '../random/sampler.ts';
import { samplerTables } from '../random/sampler-tables.ts';
import { streamTag } from '../random/streams.ts';
import { singleFeatureLosses } from './single-feature-loss.ts';
import { evaluateLoss } from './loss.ts';
import { batchActivity, heldOutWork, overlapWork, trainingStepCost } from './work.ts';

export interface TimedWork {
  /** Floating-point operations. */
  readonly work: number;
  readonly seconds: number;
}

/** Models whose steps are timed. */
interface Models {
  readonly n: number;
  readonly batch: number;
  readonly widths: readonly number[];
  /** What a step of these silent models takes of a step on average over a training. */
  readonly silentShare: number;
}

/**
 * The paper's small models, and those of `quick`, of which a unit of cost takes a quarter less time: with both, estimates
 * of `quick` are some 15% high and those of the paper's rows as much low.
 */
const paperModels: Models = { n: 1000, batch: 2048, widths: [10, 39, 100], silentShare: 0.9 };
const quickModels: Models = { n: 320, batch: 320, widths: [8, 17, 32], silentShare: 0.8 };

const { n, batch, widths } = paperModels;
const lawOf = (size: number) => ({ frequencies: 'power-law', n: size, alpha: 1, density: 1 }) as const;
const law = lawOf(n);
const key = { k0: 1, k1: 2 };
const rounds = 4;
const enoughSeconds = 0.03;

/**
 * Steps of both kinds of models, timed here and now, in a second in all. Weights are random and biases so negative that
 * a step takes about what it does after the first hundreds of a training; the learning rate is 0, so that this stays so.
 */
export function timeTrainingSteps(): TimedWork[] {
  return [paperModels, quickModels].flatMap(timeStepsOf);
}

function timeStepsOf({ n, batch, widths, silentShare }: Models): TimedWork[] {
  const law = lawOf(n);
  const p = featureFrequencies(law);
  const tables = samplerTables(p);
  return widths.map((m) => {
    const settings = {
      n,
      m,
      batch,
      gamma: -1,
      lossScale: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      projection: 'none',
    } as const;
    const trainer = new ToyModelTrainer(settings, p, tables, key, silentModel(n, m));
    let step = 0;
    return {
      work:
        silentShare *
        trainingStepCost(batchActivity(law, batch), { ...settings, initialBias: { standardDeviation: 1 } }),
      seconds: secondsOf(() => trainer.step(++step, 0, 0)),
    };
  });
}

/** The same for what is measured on a model: its held-out loss, the overlaps of its rows, its ambiguity. */
export function timeMeasurements(): TimedWork[] {
  const samples = drawSamples(samplerTables(featureFrequencies(law)), key, streamTag.evaluation, 0, 8 * batch);
  return widths.map((m) => {
    const model = silentModel(n, m);
    const rows = Array.from({ length: n }, (_, i) => i);
    const seconds = secondsOf(() => {
      evaluateLoss({ ...model, n, m }, samples, batch);
      overlapStatistics(unitRows(model.W, m, rows), m);
      singleFeatureLosses(model.W, model.b, n, m);
      ambiguity(model.W, n, m);
    });
    return { work: heldOutWork(batchActivity(law, 8 * batch), n, m) + overlapWork(n, m), seconds };
  });
}

function silentModel(n: number, m: number): { W: Float32Array; b: Float32Array } {
  const model = initialWeights(n, m, key);
  model.b.fill(-4 / Math.sqrt(m));
  return model;
}

/**
 * Processor time of one call in the fastest of a few rounds: what else runs on the machine makes some of them slower, and
 * so does code that is not compiled yet.
 */
function secondsOf(call: () => unknown): number {
  for (let warmUp = 0; warmUp < 3; warmUp++) call();
  return Math.min(...Array.from({ length: rounds }, () => secondsOfRound(call)));
}

function secondsOfRound(call: () => unknown): number {
  const begun = cpuUsage();
  for (let calls = 1; ; calls++) {
    call();
    const { user, system } = cpuUsage(begun);
    const seconds = (user + system) / 1e6;
    if (seconds >= enoughSeconds) return seconds / calls;
  }
}
