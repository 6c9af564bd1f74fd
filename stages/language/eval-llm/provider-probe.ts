import type { BackendProbe } from 'repro';
import { hasGraphicsDevice, hasNvidiaDevice } from '../../backends/graphics-device.ts';
import { installedVersion } from '../../backends/installed-version.ts';
import type { Provider } from './part-sessions.ts';

/** Whether ONNX Runtime computes on a graphics processor through CUDA or WebGPU; loaded only where there may be one. */
export async function probeProvider(provider: 'cuda' | 'webgpu'): Promise<BackendProbe> {
  const present = provider === 'cuda' ? hasNvidiaDevice() : hasGraphicsDevice();
  if (!present) return { state: 'absent', message: provider === 'cuda' ? 'no NVIDIA device' : 'no graphics device' };
  const version = installedVersion('onnxruntime-node');
  if (version === undefined)
    return { state: 'absent', message: 'the package onnxruntime-node is not installed', advice: 'npm ci' };
  const { providerFault } = await import('./part-sessions.ts');
  const fault = await providerFault(provider);
  const facts = { package: `onnxruntime-node ${version}` };
  if (fault === undefined)
    return { state: 'fast', message: provider === 'cuda' ? 'an NVIDIA GPU' : 'the graphics processor', facts };
  const advice =
    'its libraries for CUDA 12 are installed by: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js';
  return { state: 'absent', message: fault, ...(provider === 'cuda' && { advice }), facts };
}

/** 1 + 1 on a provider; throws if it does not come to 2. */
export async function testProvider(provider: Provider): Promise<string> {
  const { providerFault } = await import('./part-sessions.ts');
  const fault = await providerFault(provider);
  if (fault !== undefined) throw new Error(fault);
  return `adds up two numbers in onnxruntime-node ${installedVersion('onnxruntime-node')}`;
}
