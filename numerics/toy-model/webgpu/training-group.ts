import { pow } from '../../elementary.ts';
import { guideShift } from '../../random/sampler-tables.ts';
import type { SamplerTables } from '../../random/sampler-tables.ts';
import { destroyBuffers, makeBuffers, readBuffer } from '../../webgpu/buffers.ts';
import type { Buffers } from '../../webgpu/buffers.ts';
import type { Gpu } from '../../webgpu/device.ts';
import { groupLayout, modelWords, ringSteps, stepStride, windowSteps } from './layout.ts';
import type { BufferName, GroupLayout, GroupModel, GroupShape } from './layout.ts';
import { makePrograms } from './programs.ts';
import type { ProgramName } from './programs.ts';
import { stateLength } from './state.ts';

/** Of one model at one step. */
export interface Rates {
  readonly W: number;
  readonly b: number;
}

/**
 * Models of one shape, trained step by step in the factored sparse form (numerics/kernels/toy-model-trainer.ts is the
 * same on the processor), all of them in each launch. What a model comes to does not depend on the others of its group:
 * no sum runs over models, and no order of a sum depends on how many they are.
 */
export class TrainingGroup {
  readonly shape: GroupShape;
  readonly models: readonly GroupModel[];
  readonly layout: GroupLayout;
  readonly buffers: Buffers<BufferName>;
  readonly #device: GPUDevice;
  readonly #programs: Awaited<ReturnType<typeof makePrograms>>;

  private constructor(
    device: GPUDevice,
    shape: GroupShape,
    models: readonly GroupModel[],
    layout: GroupLayout,
    buffers: Buffers<BufferName>,
    programs: Awaited<ReturnType<typeof makePrograms>>,
  ) {
    this.#device = device;
    this.shape = shape;
    this.models = models;
    this.layout = layout;
    this.buffers = buffers;
    this.#programs = programs;
  }

  /** Throws an OutOfDeviceMemory if the device has no room for the group. */
  static async create({ device }: Gpu, shape: GroupShape, models: readonly GroupModel[]): Promise<TrainingGroup> {
    const layout = groupLayout(shape, models);
    const buffers = await makeBuffers(device, layout.bytes, 'step');
    const { description, tables } = describe(shape, models, layout);
    device.queue.writeBuffer(buffers.models, 0, description);
    device.queue.writeBuffer(buffers.tables, 0, tables);
    return new TrainingGroup(device, shape, models, layout, buffers, await makePrograms(device, layout, buffers));
  }

  destroy(): void {
    destroyBuffers(this.buffers);
  }

  /** All that the next step depends on but its number. */
  setState(model: number, state: Float32Array<ArrayBuffer>): void {
    this.#device.queue.writeBuffer(this.buffers.state, 4 * model * stateLength(this.shape), state);
  }

  async readState(model: number): Promise<Float32Array<ArrayBuffer>> {
    const length = stateLength(this.shape);
    const state = new Float32Array(length);
    await readBuffer(this.#device, this.buffers.state, 4 * model * length, 4 * length, (bytes, at) =>
      state.set(new Float32Array(bytes), at / 4),
    );
    return state;
  }

  /**
   * Hands the steps `first`..`first + count - 1` (from 1; at most `windowSteps`) to the device, without waiting.
   * `ratesOf(model, step)`: learning rates. The promise is of the training losses (summed over features, before each
   * step), [count, models].
   */
  submit(first: number, count: number, ratesOf: (model: number, step: number) => Rates): Promise<Float32Array> {
    if (count < 1 || count > windowSteps) throw new RangeError(`${count} steps: expected 1 to ${windowSteps}`);
    const { queue } = this.#device;
    queue.writeBuffer(this.buffers.step, 0, this.#stepNumbers(first, count));
    queue.writeBuffer(this.buffers.rates, 0, this.#rates(first, count, ratesOf));
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let step = 0; step < count; step++) {
      if (step % ringSteps === 0) this.#encodeDraws(pass, step, Math.min(ringSteps, count - step));
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
    for (let step = 0; step < count; step++) words.set([first + step, step % ringSteps, step], (step * stepStride) / 4);
    return new Uint8Array(words.buffer);
  }

  #rates(first: number, count: number, ratesOf: (model: number, step: number) => Rates): Float32Array<ArrayBuffer> {
    const rates = new Float32Array(4 * count * this.models.length);
    let at = 0;
    for (let step = first; step < first + count; step++) {
      this.models.forEach(({ gamma, beta1, beta2 }, model) => {
        const { W, b } = ratesOf(model, step);
        const correction1 = 1 - pow(beta1, step);
        rates.set([W / correction1, W * gamma, b / correction1, 1 / Math.sqrt(1 - pow(beta2, step))], at);
        at += 4;
      });
    }
    return rates;
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
    const { n } = this.shape;
    const { N4, M4, COLUMN_TILES, SPLITS, LANES } = this.layout.constants as Record<
      'N4' | 'M4' | 'COLUMN_TILES' | 'SPLITS' | 'LANES',
      number
    >;
    const models = this.models.length;
    const rows = Math.max(...this.layout.capacities.map((capacity) => capacity.rows));
    const segments = Math.max(...this.layout.capacities.map((capacity) => capacity.segments));
    const tiles = (name: ProgramName, quads: number, height: number): [number, number] => {
      const { tileQuads, tileRows } = this.#programs[name].product!;
      return [Math.ceil(quads / tileQuads), Math.ceil(height / tileRows)];
    };
    this.#dispatch(pass, 'activation', step, ...tiles('activation', N4, rows), models);
    this.#dispatch(pass, 'residual', step, COLUMN_TILES, segments / 4, models);
    this.#dispatch(pass, 'weightGradient', step, ...tiles('weightGradient', M4, n), models);
    this.#dispatch(pass, 'backward', step, ...tiles('backward', M4, segments), models * SPLITS);
    this.#dispatch(pass, 'bias', step, COLUMN_TILES, models);
    this.#dispatch(pass, 'loss', step, models);
    this.#dispatch(pass, 'adamw', step, Math.ceil((n * LANES) / 256), models);
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
      layout.capacities[model]!.segments,
    ]);
    new Float32Array(description, 4 * (modelWords * model + 12), 6).set([
      (2 * lossScale) / (batch * n),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    ]);
    words.set([gamma < 0 ? 1 : 0, projection === 'unit-rows' ? 1 : 0], 18);
  });
  return { description, tables };
}
