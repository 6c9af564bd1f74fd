import type { Gpu } from '../../numerics/webgpu/device.ts';

/**
 * A device that compiles each program once, by its text: one that the processor plays takes seconds for each. For
 * programs of one entry point, under a layout made from the program.
 */
export function compilingOnce(gpu: Gpu): Gpu {
  const { device } = gpu;
  const createModule = device.createShaderModule.bind(device);
  const createPipeline = device.createComputePipelineAsync.bind(device);
  const texts = new WeakMap<GPUShaderModule, string>();
  const known = new Map<string, Promise<GPUComputePipeline>>();
  device.createShaderModule = (descriptor) => {
    const module = createModule(descriptor);
    texts.set(module, descriptor.code);
    return module;
  };
  device.createComputePipelineAsync = (descriptor) => {
    const text = texts.get(descriptor.compute.module)!;
    const made = known.get(text) ?? createPipeline(descriptor);
    known.set(text, made);
    return made;
  };
  return gpu;
}
