import { guideShift } from '../../random/sampler-tables.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import { destroyBuffers, makeBuffers, readBuffer } from '../../webgpu/buffers.ts';
import type { Buffers } from '../../webgpu/buffers.ts';
import type { Gpu } from '../../webgpu/device.ts';
import { groupLayout, modelWords, stepStride, windowSteps } from './layout.ts';
import type { BufferName, GroupLayout, GroupModel, GroupShape } from './layout.ts';
import { makePrograms } from './programs.ts';
import type { ProgramName } from './programs.ts';
import { rateSequences, ratesOf } from './rates.ts';
import type { RateSequences } from './rates.ts';
import { stateLength, widened } from './state.ts';

/**
 * Models of one n, trained step by step in the factored sparse form (numerics/toy-model/wasm/toy-model-trainer.ts is the
 * same on the processor), all of them in each launch, narrow ones with columns of zeros. What a model comes to does not depend on the others of its group:
 * no sum runs over models, and no order of a sum depends on how many they are.
 */
export class TrainingGroup {
  readonly shape: GroupShape;
  readonly models: readonly GroupModel[];
  readonly layout: GroupLayout;
  readonly buffers: Buffers<BufferName>;
  readonly #device: GPUDevice;
  readonly #programs: Awaited<ReturnType<typeof makePrograms>>;
  readonly #rates: RateSequences;
  /** Steps whose rates are on the device: [begin, end). */
  #rateSteps: readonly [number, number] = [0, 0];

  private constructor(
    device: GPUDevice,
    shape: GroupShape,
    models: readonly GroupModel[],
    layout: GroupLayout,
    buffers: Buffers<BufferName>,
    programs: Awaited<ReturnType<typeof makePrograms>>,
    rates: RateSequences,
  ) {
    this.#device = device;
    this.shape = shape;
    this.models = models;
    this.layout = layout;
    this.buffers = buffers;
    this.#programs = programs;
    this.#rates = rates;
  }

  /**
   * Throws an OutOfDeviceMemory if the device has no room for the group. `sparse`: whether zeros of M are left out of its
   * products where it has many, which changes no byte; by default where the group is wide enough for it to pay.
   */
  static async create(
    { device }: Gpu,
    shape: GroupShape,
    models: readonly GroupModel[],
    { sparse }: { readonly sparse?: boolean } = {},
  ): Promise<TrainingGroup> {
    const rates = rateSequences(models);
    const layout = groupLayout(shape, models, {
      schedules: rates.sequences.length,
      steps: Math.max(...models.map(({ schedule }) => schedule.steps)),
      ...(sparse !== undefined && { sparse }),
    });
    const buffers = await makeBuffers(device, layout.bytes, 'step', 'shape');
    const { description, tables } = describe(shape, models, layout, rates.ofModel);
    device.queue.writeBuffer(buffers.shape, 0, Uint32Array.from(Object.values(layout.numbers)));
    device.queue.writeBuffer(buffers.models, 0, description);
    device.queue.writeBuffer(buffers.tables, 0, tables);
    const programs = await makePrograms(device, layout, buffers);
    return new TrainingGroup(device, shape, models, layout, buffers, programs, rates);
  }

  destroy(): void {
    destroyBuffers(this.buffers);
  }

  /** All that the next step depends on but its number, as wide as the model. */
  setState(model: number, state: Float32Array<ArrayBuffer>): void {
    const { n, m } = this.shape;
    const wide = widened(state, n, this.models[model]!.m ?? m, m);
    this.#device.queue.writeBuffer(this.buffers.state, 4 * model * wide.length, wide);
  }

  async readState(model: number): Promise<Float32Array<ArrayBuffer>> {
    const { n, m } = this.shape;
    const length = stateLength(this.shape);
    const state = new Float32Array(length);
    await readBuffer(this.#device, this.buffers.state, 4 * model * length, 4 * length, (bytes, at) =>
      state.set(new Float32Array(bytes), at / 4),
    );
    return widened(state, n, m, this.models[model]!.m ?? m);
  }

  /**
   * Hands the steps `first`..`first + count - 1` (from 1; at most `windowSteps`) to the device, without waiting. The
   * promise is of the training losses (summed over features, before each step), [count, models].
   */
  submit(first: number, count: number): Promise<Float32Array> {
    if (count < 1 || count > windowSteps) throw new RangeError(`${count} steps: expected 1 to ${windowSteps}`);
    const { queue } = this.#device;
    const { ring } = this.layout;
    this.#keepRates(first, count);
    queue.writeBuffer(this.buffers.step, 0, this.#stepNumbers(first, count));
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let step = 0; step < count; step++) {
      if (step % ring === 0) this.#encodeDraws(pass, step, Math.min(ring, count - step));
      this.#encodeStep(pass, step);
    }
    pass.end();
    const size = 4 * count * this.models.length;
    const staging = this.#device.createBuffer({
      size: size + 4 * this.models.length,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    encoder.copyBufferToBuffer(this.buffers.losses, 0, staging, 0, size);
    encoder.copyBufferToBuffer(this.buffers.status, 0, staging, size, 4 * this.models.length);
    queue.submit([encoder.finish()]);
    return this.#lossesFrom(staging, size);
  }

  async #lossesFrom(staging: GPUBuffer, size: number): Promise<Float32Array> {
    try {
      await staging.mapAsync(GPUMapMode.READ);
      const bytes = staging.getMappedRange();
      if (new Uint32Array(bytes, size).some((flag) => flag !== 0))
        throw new Error('a batch had more active features than any should: its step was not taken');
      return new Float32Array(bytes.slice(0, size));
    } finally {
      staging.destroy();
    }
  }

  #stepNumbers(first: number, count: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array((count * stepStride) / 4);
    const { ring } = this.layout;
    for (let step = 0; step < count; step++)
      words.set([first + step, step % ring, step, first + step - this.#rateSteps[0]], (step * stepStride) / 4);
    return new Uint8Array(words.buffer);
  }

  /** Rates of as many steps as fit are computed at a time: those of a whole training, as a rule. */
  #keepRates(first: number, count: number): void {
    const [begin, end] = this.#rateSteps;
    if (first >= begin && first + count <= end) return;
    const last = Math.max(...this.models.map(({ schedule }) => schedule.steps));
    const steps = Math.max(count, Math.min(this.layout.rateSteps, last - first + 1));
    this.#device.queue.writeBuffer(this.buffers.rates, 0, ratesOf(this.#rates.sequences, first, steps));
    this.#rateSteps = [first, first + steps];
  }

  /** The samples of `steps` steps, of all models. */
  #encodeDraws(pass: GPUComputePassEncoder, step: number, steps: number): void {
    const samples = Math.ceil(this.shape.batch / 256);
    const models = this.models.length;
    this.#dispatch(pass, 'clear', step, samples, models, steps);
    this.#dispatch(pass, 'draw', step, samples, models, steps);
    this.#dispatch(pass, 'compact', step, models, steps);
    this.#dispatch(pass, 'place', step, samples, models, steps);
  }

  #encodeStep(pass: GPUComputePassEncoder, step: number): void {
    const { n, n4, m4, columnTiles, splits, weightGroups, sparseRatio } = this.layout.numbers;
    const { rows, segments } = this.layout.most;
    const models = this.models.length;
    const tiles = (name: ProgramName, quads: number, height: number): [number, number] => {
      const { tileQuads, tileRows } = this.#programs[name].product!;
      return [Math.ceil(quads / tileQuads), Math.ceil(height / tileRows)];
    };
    this.#dispatch(pass, 'activation', step, ...tiles('activation', n4, rows), models);
    this.#dispatch(pass, 'residual', step, segments / 4, columnTiles, models);
    if (sparseRatio > 0) this.#dispatch(pass, 'columns', step, Math.ceil(n / 256), Math.ceil(segments / 32), models);
    this.#dispatch(pass, 'weightGradient', step, ...tiles('weightGradient', m4, n), models);
    this.#dispatch(pass, 'backward', step, ...tiles('backward', m4, segments), models * splits);
    this.#dispatch(pass, 'update', step, weightGroups + columnTiles + 1, models);
  }

  #dispatch(pass: GPUComputePassEncoder, name: ProgramName, step: number, x: number, y = 1, z = 1): void {
    const { pipeline, bindGroup } = this.#programs[name];
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup, [step * stepStride]);
    pass.dispatchWorkgroups(x, y, z);
  }
}

/** The models as the kernels read them (struct Model), and the tables they draw by, each once. */
function describe(
  { n, batch }: GroupShape,
  models: readonly GroupModel[],
  layout: GroupLayout,
  schedules: readonly number[],
): { description: ArrayBuffer; tables: Uint32Array<ArrayBuffer> } {
  const tables = new Uint32Array(layout.bytes.tables / 4);
  const begins = new Map<SamplerTables, number>();
  let used = 0;
  const description = new ArrayBuffer(4 * modelWords * models.length);
  models.forEach(({ tables: own, key, gamma, lossScale, beta1, beta2, epsilon, projection }, model) => {
    let begin = begins.get(own);
    if (begin === undefined) {
      begins.set(own, (begin = used));
      for (const part of [own.hazardLast, own.hazardGuide, own.countLast]) {
        tables.set(part, used);
        used += part.length;
      }
    }
    const hazardGuide = begin + own.hazardLast.length;
    const words = new Uint32Array(description, 4 * modelWords * model, modelWords);
    words.set([
      key.k0,
      key.k1,
      own.alwaysActive,
      own.firstCount,
      guideShift(own.hazardGuide),
      begin,
      hazardGuide,
      hazardGuide + own.hazardGuide.length,
      layout.rowBases[model]!,
      layout.capacities[model]!.rows,
      layout.segmentBases[model]!,
      layout.visitBases[model]!,
      layout.capacities[model]!.entries,
      layout.capacities[model]!.segments,
      layout.columnMaskBases[model]!,
      Math.ceil(layout.capacities[model]!.segments / 32),
      schedules[model]!,
    ]);
    new Float32Array(description, 4 * (modelWords * model + 17), 6).set([
      (2 * lossScale) / (batch * n),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    ]);
    words.set([gamma < 0 ? 1 : 0, projection === 'unit-rows' ? 1 : 0], 23);
  });
  return { description, tables };
}
