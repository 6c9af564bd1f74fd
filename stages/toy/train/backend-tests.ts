/** The self-tests of the backends, for `doctor`: apart from their declaration, whose type they depend on. */
import { selfTest } from './self-test.ts';

export async function testTensorFlow(): Promise<string> {
  return selfTest(await import('./run.tensorflow.ts'));
}

export async function testWebGpu(): Promise<string> {
  return selfTest(await import('./run.webgpu.ts'));
}

export async function testWasm(): Promise<string> {
  return selfTest(await import('./run.wasm.ts'));
}
