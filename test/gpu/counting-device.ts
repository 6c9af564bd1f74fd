import type { Gpu } from '../../numerics/webgpu/device.ts';

export interface CountingGpu extends Gpu {
  readonly launches: number;
  readonly workgroups: number;
  /** Bytes that the processor hands over, by label of the buffer. */
  readonly written: ReadonlyMap<string, number>;
}

const flags = { UNIFORM: 64, STORAGE: 128, COPY_DST: 8, COPY_SRC: 4, MAP_READ: 1, COMPUTE: 4, READ: 1 };

/** A device that computes nothing and counts what it is asked to launch. */
export function countingGpu(): CountingGpu {
  for (const name of ['GPUBufferUsage', 'GPUShaderStage', 'GPUMapMode'])
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: flags });
  const counts = { launches: 0, workgroups: 0 };
  const written = new Map<string, number>();
  const nothing = (): object => ({});
  const device = {
    limits: { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 2 ** 40 },
    pushErrorScope: nothing,
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ label = '', size }: { label?: string; size: number }) => ({
      label,
      destroy: nothing,
      mapAsync: () => Promise.resolve(),
      getMappedRange: () => new ArrayBuffer(size),
    }),
    createShaderModule: nothing,
    createBindGroupLayout: nothing,
    createBindGroup: nothing,
    createPipelineLayout: nothing,
    createComputePipelineAsync: () => Promise.resolve({}),
    createCommandEncoder: () => ({
      beginComputePass: () => ({
        setPipeline: nothing,
        setBindGroup: nothing,
        dispatchWorkgroups: (x: number, y = 1, z = 1) => {
          counts.launches++;
          counts.workgroups += x * y * z;
        },
        end: nothing,
      }),
      copyBufferToBuffer: nothing,
      finish: nothing,
    }),
    queue: {
      writeBuffer: ({ label }: { label: string }, _: number, { byteLength }: ArrayBufferView) =>
        written.set(label, (written.get(label) ?? 0) + byteLength),
      submit: nothing,
    },
  };
  return {
    device: device as unknown as GPUDevice,
    name: 'one that counts',
    software: true,
    errors: [],
    isLost: () => false,
    written,
    get launches() {
      return counts.launches;
    },
    get workgroups() {
      return counts.workgroups;
    },
  };
}
