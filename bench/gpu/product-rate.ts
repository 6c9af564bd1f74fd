import type { Gpu } from '../../numerics/webgpu/device.ts';
import { rowsByDepth, squareTile } from '../../numerics/toy-model/webgpu/products.ts';

/** TFLOP/s of A B for square matrices on the device, by the tiled kernel that the trainer's products are made of: the best of some runs. */
export async function productRate({ device, software }: Gpu): Promise<number> {
  const size = software ? 128 : 4096;
  const runs = software ? 2 : 20;
  const quads = size / 4;
  const { code, tileRows, tileQuads } = rowsByDepth({
    tile: squareTile,
    begin: '',
    loadA: `fn loadA(group: vec3u, row: u32, q: u32) -> vec4f { return A[row * ${quads}u + q]; }`,
    loadB: `fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let at = 4u * q * ${quads}u + quad;
  return mat4x4f(B[at], B[at + ${quads}u], B[at + ${2 * quads}u], B[at + ${3 * quads}u]);
}`,
    depth: ['0u', `${quads}u`],
    store: `    C[row * ${quads}u + quad] = sum;`,
  });
  const bindings = ['A', 'B', 'C'].map(
    (name, i) =>
      `@group(0) @binding(${i}) var<storage, ${name === 'C' ? 'read_write' : 'read'}> ${name}: array<vec4f>;`,
  );
  const module = device.createShaderModule({ code: [...bindings, code].join('\n') });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const buffers = bindings.map(() =>
    device.createBuffer({ size: 4 * size * size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST }),
  );
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const values = new Float32Array(size * size).map((_, i) => Math.sin(i));
  for (const buffer of buffers.slice(0, 2)) device.queue.writeBuffer(buffer, 0, values);
  let best = 0;
  for (let round = 0; round < 3; round++) {
    await device.queue.onSubmittedWorkDone();
    const begun = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < runs; i++) pass.dispatchWorkgroups(quads / tileQuads, size / tileRows);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.max(best, (2e-9 * size ** 3 * runs) / (performance.now() - begun));
  }
  for (const buffer of buffers) buffer.destroy();
  return best;
}
