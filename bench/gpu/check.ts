import { isDeepStrictEqual } from 'node:util';
import type { GroupModel, GroupShape } from '../../numerics/toy-model/webgpu/layout.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { model, relativeDeviation, trainOnCpu, trainOnGpu } from '../../test/gpu/models.ts';
import type { Trained } from '../../test/gpu/models.ts';

/** What a card must show before its times count: a line each. */
export interface Check {
  readonly passed: boolean;
  readonly text: string;
}

/**
 * Trains small models of several widths: near those of the processor; of the same bytes again, in groups and one by one,
 * and whether or not zeros of M are left out. The last two rest on how the driver compiles products of different tiles.
 */
export async function* checks(gpu: Gpu): AsyncGenerator<Check> {
  const shape: GroupShape = { n: 200, m: 14, batch: 192 };
  const steps = 25;
  const models: GroupModel[] = [
    model(shape, 0, -1, 1),
    model(shape, 1, -0.5, 2, { m: 3 }),
    model(shape, 2, 1 / 3, 3, { m: 7 }),
    model(shape, 0.5, -1, 4, { projection: 'unit-rows' }),
  ];
  const grouped = await trainOnGpu(gpu, shape, models, steps);
  const deviation = Math.max(
    ...models.flatMap((own, i) => {
      const expected = trainOnCpu(shape, own, steps);
      const found = grouped[i]!;
      return (['W', 'b', 'losses'] as const).map((name) => relativeDeviation(found[name], expected[name]));
    }),
  );
  yield {
    passed: deviation <= 1e-5,
    text: `${steps} steps of ${models.length} models: within ${deviation.toExponential(1)} of the processor's (expected 1e-5)`,
  };
  const again = await trainOnGpu(gpu, shape, models, steps, { window: 10 });
  yield { passed: isDeepStrictEqual(again, grouped), text: 'the same bytes again, handed over in other portions' };
  const alone: Trained[] = [];
  for (const own of models) alone.push(...(await trainOnGpu(gpu, { ...shape, m: own.m ?? shape.m }, [own], steps)));
  yield { passed: isDeepStrictEqual(alone, grouped), text: 'the same bytes one by one, each as wide as it is' };
  const wide: GroupShape = { n: 256, m: 132, batch: 100 };
  const ofWide = [model(wide, 1, -1, 5), model(wide, 0.5, 0.3, 6)];
  const [dense, sparse] = [
    await trainOnGpu(gpu, wide, ofWide, 10, { sparse: false, bias: -2 }),
    await trainOnGpu(gpu, wide, ofWide, 10, { sparse: true, bias: -2 }),
  ];
  yield { passed: isDeepStrictEqual(sparse, dense), text: 'the same bytes where zeros of M are left out' };
}
