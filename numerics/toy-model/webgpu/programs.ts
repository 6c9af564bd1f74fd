import { streamTag } from '../../random/streams.ts';
import { windowSteps } from './layout.ts';
import type { BufferName, GroupLayout } from './layout.ts';
import { activationProduct, backwardProduct, weightGradientProduct } from './products.ts';
import type { Product } from './products.ts';
import clear from './wgsl/clear.wgsl';
import columns from './wgsl/columns.wgsl';
import compact from './wgsl/compact.wgsl';
import draw from './wgsl/draw.wgsl';
import place from './wgsl/place.wgsl';
import residual from './wgsl/residual.wgsl';
import update from './wgsl/update.wgsl';

/** Kernels in the order of a step; the first four once for several steps, `columns` where zeros of M may be left out. */
export const programNames = [
  'clear',
  'draw',
  'compact',
  'place',
  'activation',
  'residual',
  'columns',
  'weightGradient',
  'backward',
  'update',
] as const;
export type ProgramName = (typeof programNames)[number];

/** How a kernel uses a buffer: what is only read needs no barrier before the next reads it too. */
type Use = 'uniform' | 'read' | 'write' | 'atomic';

const uses: Readonly<Record<ProgramName, Partial<Record<BufferName, Use>>>> = {
  clear: { models: 'read', plan: 'atomic' },
  draw: { models: 'read', tables: 'read', plan: 'atomic' },
  compact: { models: 'read', plan: 'write', status: 'write' },
  place: { models: 'read', plan: 'write', visits: 'write' },
  activation: { models: 'read', plan: 'read', state: 'read', G: 'write', masks: 'write' },
  residual: {
    models: 'read',
    plan: 'read',
    visits: 'read',
    state: 'read',
    G: 'read',
    M: 'write',
    masks: 'atomic',
    parts: 'write',
  },
  columns: { models: 'read', plan: 'read', masks: 'write', losses: 'write' },
  weightGradient: { models: 'read', plan: 'read', state: 'read', M: 'read', masks: 'read', gradients: 'write' },
  backward: { models: 'read', plan: 'read', state: 'read', M: 'read', masks: 'read', H: 'write' },
  update: {
    models: 'read',
    plan: 'read',
    state: 'write',
    rates: 'read',
    gradients: 'read',
    H: 'read',
    parts: 'read',
    losses: 'write',
  },
};

const elements: Readonly<Record<Exclude<BufferName, 'step' | 'shape'>, string>> = {
  models: 'Model',
  tables: 'u32',
  plan: 'u32',
  visits: 'vec4u',
  status: 'u32',
  state: 'vec4f',
  rates: 'vec4f',
  G: 'vec4f',
  M: 'vec4f',
  masks: 'u32',
  gradients: 'vec4f',
  H: 'vec4f',
  parts: 'vec4f',
  losses: 'f32',
};

/** Helpers of kernels, each for those that have its buffer. */
const common = `
struct Step {
  /** From 1. */
  number: u32,
  /** Which of the batches drawn in one go is that of this step. */
  ring: u32,
  /** Where its losses stand, and its rates. */
  window: u32,
  rates: u32,
}
struct Model {
  k0: u32, k1: u32,
  alwaysActive: u32, firstCount: u32, guideShift: u32,
  hazardLast: u32, hazardGuide: u32, countLast: u32,
  rowBase: u32, rowCapacity: u32, segmentBase: u32, visitBase: u32, visitCapacity: u32, segmentCapacity: u32,
  columnMaskBase: u32, columnWords: u32, schedule: u32,
  gradientScale: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32,
  growth: u32, project: u32,
}
/** No slot. */
const NONE = 0xffffffffu;
/** Where the plan of a batch begins. */
fn planBase(ring: u32, model: u32) -> u32 {
  return (ring * arrayLength(&models) + model) * shape.plan;
}
/** Where the visits of a batch begin. */
fn visitBase(ring: u32, model: u32) -> u32 {
  return models[model].visitBase + ring * models[model].visitCapacity;
}
/** Where the bits of a row of M begin; before those of all rows stands how many entries of each model are not zero. */
fn rowMask(row: u32) -> u32 {
  return arrayLength(&models) + row * shape.rowWords;
}
/** Where the bits of a column of M begin. */
fn columnMask(model: Model, column: u32) -> u32 {
  return model.columnMaskBase + column * model.columnWords;
}
fn windowSteps() -> u32 {
  return ${windowSteps}u;
}
`;

const ofParts = `
/** Where the loss of a task's first tile of columns stands. */
fn lossPart(task: u32) -> u32 {
  let tasks = arrayLength(&parts) / (shape.n4 + shape.columnTiles);
  return tasks * shape.n4 + task * shape.columnTiles;
}
`;

const ofMasks = `
/** Whether so many entries of M are zero that they are left out: by what the model itself has in this step. */
fn isSparse(model: u32, segments: u32) -> bool {
  return masks[model] * shape.sparseRatio < segments * shape.n;
}
`;

export interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** For the products, the size of their tiles. */
  readonly product: Product | undefined;
}

/** Compiles the kernels of a group and binds its buffers. What differs between shapes is read from a buffer, so that they share kernels. */
export async function makePrograms(
  device: GPUDevice,
  { numbers }: GroupLayout,
  buffers: Readonly<Record<BufferName, GPUBuffer>>,
): Promise<Readonly<Record<ProgramName, Program>>> {
  const sparse = numbers.sparseRatio > 0;
  const products = {
    activation: activationProduct(),
    weightGradient: weightGradientProduct(numbers.m4, sparse),
    backward: backwardProduct(numbers.m4, sparse),
  };
  const shape = `struct Shape {\n${Object.keys(numbers)
    .map((name) => `  ${name}: u32,`)
    .join('\n')}\n}`;
  const sources = { clear, columns, draw, compact, place, residual, update };
  const made = programNames.map(async (name): Promise<[ProgramName, Program]> => {
    const product = name in products ? products[name as keyof typeof products] : undefined;
    const body = product?.code ?? sources[name as keyof typeof sources];
    const bound = Object.entries({ step: 'uniform', shape: 'uniform', ...uses[name] }) as [BufferName, Use][];
    const code = [
      `const TRAINING_TAG = ${streamTag.training}u;`,
      shape,
      common,
      ...('parts' in uses[name] ? [ofParts] : []),
      ...(sparse && uses[name].masks === 'read' ? [ofMasks] : []),
      ...bound.map(([buffer, use], binding) => declaration(binding, buffer, use)),
      body,
    ].join('\n');
    const { pipeline, layout } = await compiled(
      device,
      name,
      code,
      bound.map(([, use], binding) => bindingLayout(use, binding === 0)),
    );
    const entries = bound.map(([buffer], binding) => ({
      binding,
      resource: { buffer: buffers[buffer], ...(buffer === 'step' && { size: 16 }) },
    }));
    return [name, { pipeline, bindGroup: device.createBindGroup({ layout, entries }), product }];
  });
  return Object.fromEntries(await Promise.all(made)) as Record<ProgramName, Program>;
}

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const known = new WeakMap<GPUDevice, Map<string, Promise<Compiled>>>();

/** Each text once a device: to compile one takes longer than many a step. */
function compiled(
  device: GPUDevice,
  label: string,
  code: string,
  bound: readonly GPUBufferBindingLayout[],
): Promise<Compiled> {
  let ofDevice = known.get(device);
  if (!ofDevice) known.set(device, (ofDevice = new Map<string, Promise<Compiled>>()));
  let made = ofDevice.get(code);
  if (!made) ofDevice.set(code, (made = compile(device, label, code, bound)));
  return made;
}

async function compile(
  device: GPUDevice,
  label: string,
  code: string,
  bound: readonly GPUBufferBindingLayout[],
): Promise<Compiled> {
  const entries = bound.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer }));
  const layout = device.createBindGroupLayout({ entries });
  const pipeline = await device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
  });
  return { pipeline, layout };
}

function declaration(binding: number, buffer: BufferName, use: Use): string {
  if (buffer === 'step') return `@group(0) @binding(${binding}) var<uniform> step: Step;`;
  if (buffer === 'shape') return `@group(0) @binding(${binding}) var<uniform> shape: Shape;`;
  const element = use === 'atomic' ? `atomic<${elements[buffer]}>` : elements[buffer];
  return `@group(0) @binding(${binding}) var<storage, ${use === 'read' ? 'read' : 'read_write'}> ${buffer}: array<${element}>;`;
}

function bindingLayout(use: Use, hasDynamicOffset: boolean): GPUBufferBindingLayout {
  if (use === 'uniform') return { type: 'uniform', hasDynamicOffset };
  return { type: use === 'read' ? 'read-only-storage' : 'storage' };
}
