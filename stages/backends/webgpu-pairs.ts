/** The backend of stages that take overlaps of all pairs of rows on a graphics card; what they claim of the machine is theirs. */
export const webGpuPairs = {
  numericClass: 'webgpu-f32-v1',
  probe: async () => (await import('./webgpu-probe.ts')).probeWebGpu(),
  selfTest: async () => (await import('./pairs-self-test.ts')).testPairs(),
};
