import { parseArgs } from 'node:util';
import { OutOfDeviceMemory } from '../../numerics/webgpu/buffers.ts';
import { NoGpu, openGpu } from '../../numerics/webgpu/device.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { modelActivity } from '../../numerics/toy-model/webgpu/merged-widths.ts';
import { initialState } from '../../numerics/toy-model/webgpu/state.ts';
import { stepSeconds } from '../../numerics/toy-model/webgpu/step-cost.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { densitiesOf } from '../../test/gpu/inspect.ts';
import { checks } from './check.ts';
import { paperGroups, tinyGroups } from './groups.ts';
import type { BenchGroup } from './groups.ts';
import { productRate } from './product-rate.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '60' },
    share: { type: 'string', default: '1' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const gpu = await openGpu().catch((error: unknown) => {
  if (!(error instanceof NoGpu)) throw error;
  console.error(error.message);
  process.exit(1);
});
console.log(
  `device: ${gpu.name}${isSoftware(gpu) ? ' (played by the processor: the numbers show that it runs, and no more)' : ''}`,
);
if (values.check) {
  for await (const { passed, text } of checks(gpu)) {
    console.log(`${passed ? 'passed' : 'FAILED'}: ${text}`);
    if (!passed) process.exitCode = 1;
  }
} else await timeGroups();
gpu.device.destroy();

function isSoftware({ software, name }: Gpu): boolean {
  return software || /swiftshader|llvmpipe|lavapipe/i.test(name);
}

async function timeGroups(): Promise<void> {
  const part = isSoftware(gpu) && values.part === 'all' ? 'tiny' : values.part;
  const seconds = Number(values.seconds);
  const share = Number(values.share);
  const steps = 20000;
  const parts: Readonly<Record<string, () => BenchGroup[]>> = {
    all: () => [...paperGroups('small', share, steps), ...paperGroups('large', share, steps)],
    small: () => paperGroups('small', share, steps),
    large: () => paperGroups('large', share, steps),
    tiny: () => tinyGroups(steps),
  };
  const groups = parts[part]?.();
  if (!groups || !(seconds > 0) || !(share >= 1)) {
    console.error(
      `--part ${part} --seconds ${values.seconds} --share ${values.share}: expected all, small, large or tiny, a number of seconds, and one that says every how-manieth model`,
    );
    process.exitCode = 2;
    return;
  }
  const peak = await productRate(gpu);
  console.log(`fp32 product of square matrices, the same tiles: ${peak.toFixed(peak < 1 ? 5 : 1)} TFLOP/s`);
  for (const group of groups) {
    const each = seconds / groups.length;
    // at random biases half of M is not zero; at such negative ones little is but what stands for the active features themselves
    for (const bias of [undefined, -2.5 / Math.sqrt(group.shape.m)]) {
      try {
        console.log(row(group, bias, await timeGroup(group, bias, each / 2), peak));
      } catch (error) {
        if (!(error instanceof OutOfDeviceMemory)) throw error;
        console.log(`${group.name}: ${error.message}`);
      }
    }
  }
}

interface Timed {
  readonly secondsAStep: number;
  /** Share of the entries of M that are not zero: the mean over models. */
  readonly density: number | undefined;
}

/** Steps for about as long as `seconds`; not counted: compiling, and the first steps. Throws an OutOfDeviceMemory. */
async function timeGroup({ shape, models }: BenchGroup, bias: number | undefined, seconds: number): Promise<Timed> {
  const group = await TrainingGroup.create(gpu, shape, models);
  try {
    const random = normalDeviates(shape.n * shape.m);
    const b = new Float32Array(shape.n).map((_, i) => bias ?? random[i]!);
    const state = initialState(shape, { W: random.map((value) => value / Math.sqrt(shape.m)), b });
    models.forEach((_, i) => group.setState(i, state));
    let done = 0;
    const submit = (count: number): Promise<Float32Array> => {
      done += count;
      return group.submit(done - count + 1, count);
    };
    let begun = performance.now();
    await submit(4);
    const first = (performance.now() - begun) / 4;
    const portion = Math.max(1, Math.min(64, Math.round(250 / first)));
    begun = performance.now();
    let timed = 0;
    let waiting = submit(portion);
    while (performance.now() - begun < 1000 * seconds || timed === 0) {
      const next = submit(portion);
      await waiting;
      timed += portion;
      waiting = next;
    }
    const losses = await waiting;
    timed += portion;
    const took = (performance.now() - begun) / 1000;
    if (!losses.every(Number.isFinite)) throw new Error('a training diverged');
    if (gpu.errors.length) throw new Error(gpu.errors[0]!.message);
    const densities = group.layout.numbers.sparseRatio > 0 ? await densitiesOf(gpu, group) : undefined;
    return {
      secondsAStep: took / timed,
      density: densities && densities.reduce((sum, share) => sum + share, 0) / densities.length,
    };
  } finally {
    group.destroy();
  }
}

/** Sums of uniform deviates: near enough to normal ones where only times count. */
function normalDeviates(count: number): Float32Array {
  let word = 1;
  const uniform = (): number => {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    return word / 4294967296 - 0.5;
  };
  return new Float32Array(count).map(() => 2 * (uniform() + uniform() + uniform()));
}

function row({ name, shape, models }: BenchGroup, bias: number | undefined, found: Timed, peak: number): string {
  const { n, m, batch } = shape;
  const { secondsAStep, density } = found;
  const activities = models.map(({ frequency }) => modelActivity(frequency, batch));
  const sparse = density !== undefined;
  const predicted = stepSeconds(
    { n, m, density: sparse && density < 1 / 16 ? density : 1, ring: 4, splits: Math.ceil(n / 1024), sparse },
    activities,
  );
  const told = {
    group: name,
    models: models.length,
    biases: bias === undefined ? 'random' : 'negative',
    ...(sparse && { density: Number(density.toFixed(4)) }),
    stepsPerSecond: Number((1 / secondsAStep).toPrecision(4)),
    milliseconds: Number((1e3 * secondsAStep).toPrecision(4)),
    predictedMilliseconds: Number((1e3 * predicted).toPrecision(4)),
    timesPredicted: Number((secondsAStep / predicted).toPrecision(3)),
    productTeraflops: Number(peak.toPrecision(3)),
  };
  if (values.json) return JSON.stringify(told);
  return Object.entries(told)
    .map(([key, value]) => `${key} ${value}`)
    .join('  ');
}
