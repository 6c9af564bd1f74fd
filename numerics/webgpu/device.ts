/** A device of WebGPU: Dawn on Vulkan, Metal or D3D12. */

export interface Gpu {
  readonly device: GPUDevice;
  /** Vendor, architecture and driver, as the device names itself. */
  readonly name: string;
  /** A processor that plays the device: right, and hundreds of times slower than one. */
  readonly software: boolean;
  /** What went wrong on the device and was not asked for, in order. */
  readonly errors: readonly GPUError[];
  /** True once the device is gone, whoever took it away. */
  readonly isLost: () => boolean;
}

/** Why there is none: one line that says what to install. */
export class NoGpu extends Error {
  override readonly name = 'NoGpu';
}

/** What the kernels need beyond the least that WebGPU promises, and are better with more of. */
const wantedLimits = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;

/** One for all devices of the process: Dawn ends with it, and takes along what devices still do. */
let instance: GPU | undefined;

/** Opens the fastest device, one played by the processor included. Throws a NoGpu if there is none. */
export async function openGpu(): Promise<Gpu> {
  const dawn = await import('webgpu').catch((error: unknown) => {
    throw new NoGpu(
      `the package "webgpu" is not there (${firstLine(error)}): npm install --no-save webgpu brings it for Linux, macOS and Windows`,
    );
  });
  for (const [name, value] of Object.entries(dawn.globals))
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
  instance ??= dawn.create([]);
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new NoGpu(
      process.platform === 'linux'
        ? 'no Vulkan device was found: install the driver of the graphics card and libvulkan1; to try without one, Chromium (apt-get install chromium) brings a device played by the processor, which VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json names'
        : 'no device was found: update the driver of the graphics card',
    );
  }
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const errors: GPUError[] = [];
  device.addEventListener('uncapturederror', (event) => errors.push(event.error));
  let lost = false;
  void device.lost.then(() => (lost = true));
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return {
    device,
    name: [description, vendor, architecture]
      .filter((part, i, parts) => part !== '' && parts.indexOf(part) === i)
      .join(', '),
    software: isFallbackAdapter,
    errors,
    isLost: () => lost,
  };
}

/** Opens it for `work`, and gives it back. */
export async function withGpu<T>(work: (gpu: Gpu) => Promise<T>): Promise<T> {
  const gpu = await openGpu();
  try {
    return await work(gpu);
  } finally {
    gpu.device.destroy();
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
