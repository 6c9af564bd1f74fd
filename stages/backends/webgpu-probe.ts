import type { BackendProbe } from 'repro';
import { hasGraphicsDevice } from './graphics-device.ts';
import { installedVersion } from './installed-version.ts';

/** The part of WebGPU's adapters that is told to users. */
interface Adapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
  };
}

const packageName = 'webgpu';

/** The adapter that Dawn would compute on. One that is a processor in disguise (SwiftShader, lavapipe) is called that. */
export async function probeWebGpu(): Promise<BackendProbe> {
  const version = installedVersion(packageName);
  if (version === undefined)
    return { state: 'absent', message: 'the package webgpu is not installed', advice: 'npm install --no-save webgpu' };
  const facts = { package: `${packageName} ${version}` };
  // A driver for a device that is none must be named to Vulkan's loader.
  const driverNamed = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  if (!hasGraphicsDevice() && driverNamed === undefined)
    return { state: 'absent', message: 'no graphics device', facts };
  let adapter: Adapter | null;
  try {
    const { create } = (await import(packageName)) as {
      create: (flags: string[]) => { requestAdapter: () => Promise<Adapter | null> };
    };
    adapter = await create([]).requestAdapter();
  } catch (error) {
    return { state: 'absent', message: `Dawn does not start: ${(error as Error).message.split('\n')[0]}`, facts };
  }
  if (!adapter) {
    return {
      state: 'absent',
      message: 'no driver for Vulkan, Metal or D3D12',
      advice:
        "on Linux, install the Vulkan part of the device's driver and libvulkan1; `vulkaninfo --summary` must list it",
      facts,
    };
  }
  const { info, limits } = adapter;
  const name = [info.vendor, info.architecture, info.device].filter(Boolean).join(' ');
  const told = {
    ...facts,
    device: name,
    driver: info.description,
    limits: `buffers of ${gib(limits.maxBufferSize)}, bound ${gib(limits.maxStorageBufferBindingSize)}; workgroups of ${limits.maxComputeInvocationsPerWorkgroup} with ${limits.maxComputeWorkgroupStorageSize / 1024} KiB`,
  };
  if (info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${name} ${info.description}`)) {
    return { state: 'slow', message: `a CPU adapter (${info.description || name}), for tests only`, facts: told };
  }
  return { state: 'fast', message: info.description || name, facts: told };
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
