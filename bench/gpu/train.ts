import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { OutOfDeviceMemory } from '../../numerics/webgpu/buffers.ts';
import { NoGpu, openGpu } from '../../numerics/webgpu/device.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { windowSteps } from '../../numerics/toy-model/webgpu/layout.ts';
import { initialState } from '../../numerics/toy-model/webgpu/state.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../numerics/toy-model/learning-rate.ts';
import { paperGroups, tinyGroups } from './groups.ts';
import type { BenchGroup } from './groups.ts';
import { productRate } from './product-rate.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'all' },
    steps: { type: 'string', default: '20000' },
    share: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
    json: { type: 'boolean', default: false },
  },
});
const gpu = await openGpu().catch((error: unknown) => {
  if (!(error instanceof NoGpu)) throw error;
  console.error(error.message);
  process.exit(1);
});
const part = gpu.software && values.part === 'all' ? 'tiny' : values.part;
const steps = Number(gpu.software && values.steps === '20000' ? 20 : values.steps);
const share = Number(values.share);
const parts: Readonly<Record<string, () => BenchGroup[]>> = {
  all: () => [...paperGroups('small', share), ...paperGroups('large', share)],
  small: () => paperGroups('small', share),
  large: () => paperGroups('large', share),
  tiny: tinyGroups,
};
const groups = parts[part]?.();
if (!groups || !(steps >= 1) || !(share >= 1)) {
  console.error(
    `--part ${part} --steps ${values.steps}: --share ${values.share}: expected all, small, large or tiny, a number of steps, and one that says every how-manieth model`,
  );
  process.exit(2);
}

console.log(
  `device: ${gpu.name}${gpu.software ? ' (played by the processor: the numbers show that it runs, and no more)' : ''}`,
);
const peak = await productRate(gpu);
console.log(`fp32 product of square matrices, the same tiles: ${peak.toFixed(peak < 1 ? 5 : 1)} TFLOP/s`);
console.log(
  'group'.padEnd(14) +
    'models'.padStart(7) +
    'steps/s'.padStart(9) +
    'model steps/s'.padStart(15) +
    'of product rate'.padStart(17) +
    'GB/s at least'.padStart(15) +
    'x eager'.padStart(9) +
    'x compiled'.padStart(12),
);
for (const group of groups) console.log(row(group, await timeGroup(gpu, group), torchRates(group)));
gpu.device.destroy();

/** Steps per second of a whole training, in as many parts as the device has room for; not counted: compiling, and the first steps. */
async function timeGroup(device: Gpu, group: BenchGroup): Promise<number> {
  let parts = 1;
  for (;;) {
    try {
      let seconds = 0;
      const size = Math.ceil(group.models.length / parts);
      for (let first = 0; first < group.models.length; first += size)
        seconds += await timePart(device, { ...group, models: group.models.slice(first, first + size) });
      return steps / seconds;
    } catch (error) {
      if (!(error instanceof OutOfDeviceMemory) || parts >= group.models.length) throw error;
      parts *= 2;
    }
  }
}

/** Seconds for all steps. */
async function timePart(
  device: Gpu,
  { shape, models, warmupShare, peakRateW, peakRateB }: BenchGroup,
): Promise<number> {
  const group = await TrainingGroup.create(device, shape, models);
  try {
    models.forEach(({ key }, i) => group.setState(i, initialState(shape, initialWeights(shape.n, shape.m, key))));
    const submit = (first: number, count: number) =>
      group.submit(first, count, (_, step) => {
        const share = learningRateShare(step, steps, Math.round(warmupShare * steps));
        return { W: peakRateW * share, b: peakRateB * share };
      });
    const untimed = Math.min(4, Math.ceil(steps / 4));
    await submit(1, untimed);
    const begun = performance.now();
    let waiting: Promise<Float32Array> | undefined;
    const portion = Math.min(windowSteps, 64);
    for (let first = untimed + 1; first <= steps; first += portion) {
      const next = submit(first, Math.min(portion, steps - first + 1));
      await waiting;
      waiting = next;
    }
    const losses = await waiting!;
    if (!losses.every(Number.isFinite)) throw new Error('a training diverged');
    if (device.errors.length) throw new Error(device.errors[0]!.message);
    return ((performance.now() - begun) / 1000 / (steps - untimed)) * steps;
  } finally {
    group.destroy();
  }
}

/** Steps per second of one model in dense PyTorch on the same card; undefined where there is none. */
function torchRates({ shape: { n, m, batch } }: BenchGroup): { eager: number; compiled?: number } | undefined {
  const script = join(dirname(process.argv[1]!), 'dense_toy_model_gpu.py');
  const { status, stdout } = spawnSync(values.python, [script, ...[n, m, batch, gpu.software ? 5 : 200].map(String)], {
    encoding: 'utf8',
  });
  return status === 0
    ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as { eager: number; compiled?: number })
    : undefined;
}

function row(
  { name, models, work, traffic }: BenchGroup,
  rate: number,
  torch: { eager: number; compiled?: number } | undefined,
): string {
  const count = models.length;
  if (values.json)
    return JSON.stringify({
      name,
      models: count,
      stepsPerSecond: rate,
      teraflops: (work * rate) / 1e12,
      productTeraflops: peak,
      torch,
    });
  const ratio = (other: number | undefined): string =>
    other === undefined ? 'no torch' : ((count * rate) / other).toPrecision(3);
  return (
    name.padEnd(14) +
    String(count).padStart(7) +
    rate.toPrecision(3).padStart(9) +
    (count * rate).toPrecision(4).padStart(15) +
    `${((100 * work * rate) / (peak * 1e12)).toPrecision(3)}%`.padStart(17) +
    ((traffic * rate) / 1e9).toPrecision(3).padStart(15) +
    ratio(torch?.eager).padStart(9) +
    ratio(torch?.compiled).padStart(12)
  );
}
