import { streamTag } from '../../random/streams.ts';
import type { BufferName, GroupLayout } from './layout.ts';
import { activationProduct, backwardProduct, weightGradientProduct } from './products.ts';
import type { Product } from './products.ts';
import adamw from './wgsl/adamw.wgsl';
import bias from './wgsl/bias.wgsl';
import clear from './wgsl/clear.wgsl';
import compact from './wgsl/compact.wgsl';
import draw from './wgsl/draw.wgsl';
import loss from './wgsl/loss.wgsl';
import place from './wgsl/place.wgsl';
import residual from './wgsl/residual.wgsl';

/** Kernels in the order of a step; the first four once for several steps. */
export const programNames = [
  'clear',
  'draw',
  'compact',
  'place',
  'activation',
  'residual',
  'weightGradient',
  'backward',
  'bias',
  'loss',
  'adamw',
] as const;
export type ProgramName = (typeof programNames)[number];

/** How a kernel uses a buffer: what is only read needs no barrier before the next reads it too. */
type Use = 'uniform' | 'read' | 'write' | 'atomic';

const uses: Readonly<Record<ProgramName, Partial<Record<BufferName, Use>>>> = {
  clear: { step: 'uniform', models: 'read', plan: 'atomic' },
  draw: { step: 'uniform', models: 'read', tables: 'read', plan: 'atomic' },
  compact: { step: 'uniform', models: 'read', plan: 'write', status: 'write' },
  place: { step: 'uniform', models: 'read', plan: 'write' },
  activation: { step: 'uniform', models: 'read', plan: 'read', state: 'read', G: 'write' },
  residual: {
    step: 'uniform',
    models: 'read',
    plan: 'read',
    state: 'read',
    G: 'read',
    M: 'write',
    biasParts: 'write',
    lossParts: 'write',
  },
  weightGradient: { step: 'uniform', models: 'read', plan: 'read', state: 'read', M: 'read', gradients: 'write' },
  backward: { step: 'uniform', models: 'read', plan: 'read', state: 'read', M: 'read', H: 'write' },
  bias: {
    step: 'uniform',
    models: 'read',
    plan: 'read',
    state: 'write',
    rates: 'read',
    biasParts: 'read',
    silentParts: 'write',
  },
  loss: { step: 'uniform', models: 'read', plan: 'read', lossParts: 'read', silentParts: 'read', losses: 'write' },
  adamw: { step: 'uniform', models: 'read', plan: 'read', state: 'write', rates: 'read', gradients: 'read', H: 'read' },
};

const elements: Readonly<Record<Exclude<BufferName, 'step'>, string>> = {
  models: 'Model',
  tables: 'u32',
  plan: 'u32',
  status: 'u32',
  state: 'vec4f',
  rates: 'vec4f',
  G: 'vec4f',
  M: 'vec4f',
  gradients: 'vec4f',
  H: 'vec4f',
  biasParts: 'vec4f',
  lossParts: 'f32',
  silentParts: 'f32',
  losses: 'f32',
};

const common = `
struct Step {
  /** From 1. */
  number: u32,
  /** Which of the batches drawn in one go is that of this step. */
  ring: u32,
  /** Where its rates and losses stand. */
  window: u32,
}
struct Model {
  k0: u32, k1: u32,
  alwaysActive: u32, firstCount: u32, guideShift: u32,
  hazardLast: u32, hazardGuide: u32, countLast: u32,
  rowBase: u32, rowCapacity: u32, segmentBase: u32, segmentCapacity: u32,
  gradientScale: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32,
  growth: u32, project: u32,
}
/** No slot. */
const NONE = 0xffffffffu;
/** Where the plan of a batch begins. */
fn planBase(ring: u32, model: u32) -> u32 {
  return (ring * arrayLength(&models) + model) * PLAN;
}
`;

export interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** For the products, the size of their tiles. */
  readonly product: Product | undefined;
}

/** Compiles the kernels of a group and binds its buffers. */
export async function makePrograms(
  device: GPUDevice,
  { constants }: GroupLayout,
  buffers: Readonly<Record<BufferName, GPUBuffer>>,
): Promise<Readonly<Record<ProgramName, Program>>> {
  const m4 = constants['M4']!;
  const products = {
    activation: activationProduct(),
    weightGradient: weightGradientProduct(m4),
    backward: backwardProduct(m4),
  };
  const sources = { clear, draw, compact, place, residual, bias, loss, adamw };
  const made = programNames.map(async (name): Promise<[ProgramName, Program]> => {
    const product = name in products ? products[name as keyof typeof products] : undefined;
    const body = product?.code ?? sources[name as keyof typeof sources];
    const bound = Object.entries(uses[name]) as [BufferName, Use][];
    const numbers = Object.entries({ ...constants, TRAINING_TAG: streamTag.training }).map(
      ([constant, value]) => `const ${constant} = ${value}u;`,
    );
    const code = [
      ...numbers,
      common,
      ...bound.map(([buffer, use], binding) => declaration(binding, buffer, use)),
      body,
    ].join('\n');
    const { pipeline, layout } = await compiled(
      device,
      name,
      code,
      bound.map(([, use]) => use),
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
function compiled(device: GPUDevice, label: string, code: string, bound: readonly Use[]): Promise<Compiled> {
  let ofDevice = known.get(device);
  if (!ofDevice) known.set(device, (ofDevice = new Map<string, Promise<Compiled>>()));
  let made = ofDevice.get(code);
  if (!made) ofDevice.set(code, (made = compile(device, label, code, bound)));
  return made;
}

async function compile(device: GPUDevice, label: string, code: string, bound: readonly Use[]): Promise<Compiled> {
  const entries = bound.map((use, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: bindingLayout(use),
  }));
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
  const element = use === 'atomic' ? `atomic<${elements[buffer]}>` : elements[buffer];
  return `@group(0) @binding(${binding}) var<storage, ${use === 'read' ? 'read' : 'read_write'}> ${buffer}: array<${element}>;`;
}

function bindingLayout(use: Use): GPUBufferBindingLayout {
  if (use === 'uniform') return { type: 'uniform', hasDynamicOffset: true };
  return { type: use === 'read' ? 'read-only-storage' : 'storage' };
}
