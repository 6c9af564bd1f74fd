import type { BackendProbe } from 'repro';
import { hasNvidiaDevice } from '../../backends/graphics-device.ts';
import { installedVersion } from '../../backends/installed-version.ts';
import { howToInstall, loadTensorFlow, packageNames } from '../../../numerics/toy-model/tensorflow/tensorflow.ts';

/** Which TensorFlow.js there is; loaded only where it may find a graphics processor. */
export async function probeTensorFlow(): Promise<BackendProbe> {
  const found = packageNames
    .map((name) => ({ name, version: installedVersion(name) }))
    .find(({ version }) => version !== undefined);
  if (!found)
    return {
      state: 'absent',
      message: `no TensorFlow.js is installed${hasNvidiaDevice() ? '' : ', and there is no NVIDIA device to make it fast'}`,
      advice: howToInstall,
    };
  const { name, version } = found;
  const facts = { package: `${name} ${version}` };
  const forCuda = name === packageNames[0];
  if (!forCuda || !hasNvidiaDevice()) {
    const advice = hasNvidiaDevice() ? { advice: howToInstall } : {};
    return {
      state: 'slow',
      message: `${name} computes on the processor${forCuda ? ', since there is no NVIDIA device' : ''}`,
      ...advice,
      facts,
    };
  }
  try {
    const { computesOn } = (await loadTensorFlow())!;
    return computesOn === 'gpu'
      ? { state: 'fast', message: `an NVIDIA GPU through ${name}`, facts }
      : {
          state: 'slow',
          message: `${name} finds no GPU`,
          advice: 'TensorFlow says on the standard error which CUDA library it misses',
          facts,
        };
  } catch (error) {
    return { state: 'absent', message: (error as Error).message, facts };
  }
}
