/** Pairs of rows on a device: a kernel over tiles of them, and the rows it reads. */
import { destroyBuffers, makeBuffers, readBuffer } from '../../webgpu/buffers.ts';
import type { Buffers } from '../../webgpu/buffers.ts';
import { rowsByDepth, squareTile as tile } from '../../toy-model/webgpu/products.ts';

/** Rows of the two sides of a launch, and which rows of the matrix they begin with. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly leftFirst: number;
  readonly rightFirst: number;
}

export interface PairPass {
  /** The next rows of the right side, from its first, and of the left side too if it is said from which. `weights`: squared norm and e^(s - norm) of each. */
  load(rows: Float32Array<ArrayBuffer>, weights: Float32Array<ArrayBuffer>, leftAt?: number): void;
  /**
   * By tile of pairs, left row before right row in the matrix: the sum of |cos|, of cos^2, and of cos^2 with the weights, and
   * the largest |cos|. To be awaited before the next is submitted.
   */
  submit(extent: Extent): Promise<Float32Array>;
  destroy(): void;
}

const threads = tile.columns * tile.threadRows;
const tileRows = tile.threadRows * tile.R;
const tileColumns = 4 * tile.Q * tile.columns;

/** For rows of `m4` quads. Throws an OutOfDeviceMemory. */
export async function makePairPass(
  device: GPUDevice,
  m4: number,
  leftRows: number,
  rightRows: number,
): Promise<PairPass> {
  const parts = 16 * Math.ceil(leftRows / tileRows) * Math.ceil(rightRows / tileColumns);
  const sizes = {
    extent: 32,
    left: 16 * m4 * leftRows,
    right: 16 * m4 * rightRows,
    leftWeights: 8 * leftRows,
    rightWeights: 8 * rightRows,
    parts,
  };
  const buffers: Buffers<keyof typeof sizes> = await makeBuffers(device, sizes, 'extent');
  const pipeline = await compiled(device);
  const entries = Object.values(buffers).map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return {
    load(rows, weights, leftAt) {
      device.queue.writeBuffer(buffers.right, 0, rows);
      device.queue.writeBuffer(buffers.rightWeights, 0, weights);
      if (leftAt === undefined) return;
      device.queue.writeBuffer(buffers.left, 16 * m4 * leftAt, rows);
      device.queue.writeBuffer(buffers.leftWeights, 8 * leftAt, weights);
    },
    async submit({ left, right, leftFirst, rightFirst }) {
      const [across, down] = [Math.ceil(right / tileColumns), Math.ceil(left / tileRows)];
      device.queue.writeBuffer(buffers.extent, 0, Uint32Array.of(left, right, leftFirst, rightFirst, across, m4));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(across, down);
      pass.end();
      device.queue.submit([encoder.finish()]);
      const found = new Float32Array(4 * across * down);
      await readBuffer(device, buffers.parts, 0, found.byteLength, (bytes, at) =>
        found.set(new Float32Array(bytes), at / 4),
      );
      return found;
    },
    destroy: () => destroyBuffers(buffers),
  };
}

const known = new WeakMap<GPUDevice, Promise<GPUComputePipeline>>();

/** Once a device: it takes longer than many a pass. */
function compiled(device: GPUDevice): Promise<GPUComputePipeline> {
  let pipeline = known.get(device);
  if (!pipeline) {
    const module = device.createShaderModule({ label: 'pairs', code: kernel() });
    pipeline = device.createComputePipelineAsync({
      label: 'pairs',
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    known.set(device, pipeline);
  }
  return pipeline;
}

function kernel(): string {
  const { code } = rowsByDepth({
    tile,
    begin: `
  // of |cos|, of its square, of the square with the weights; and the largest
  var total = vec4f(0);`,
    loadA: `
fn loadA(group: vec3u, row: u32, q: u32) -> vec4f {
  if (row >= extent.left || q >= extent.m4) {
    return vec4f(0);
  }
  return left[row * extent.m4 + q];
}`,
    loadB: `
fn rightRow(row: u32, q: u32) -> vec4f {
  if (row >= extent.right || q >= extent.m4) {
    return vec4f(0);
  }
  return right[row * extent.m4 + q];
}
fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let row = 4u * quad;
  return transpose(mat4x4f(rightRow(row, q), rightRow(row + 1u, q), rightRow(row + 2u, q), rightRow(row + 3u, q)));
}`,
    // nothing in a tile all of whose rows come after its columns
    depth: [
      '0u',
      `select(0u, extent.m4, extent.leftFirst + firstRow < extent.rightFirst + 4u * firstQuad + ${tileColumns}u)`,
    ],
    store: `    total = paired(total, row, quad, sum);`,
    end: `
  tileA[t] = total;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (t < half) {
      let other = tileA[t + half];
      tileA[t] = vec4f(tileA[t].xyz + other.xyz, max(tileA[t].w, other.w));
    }
    workgroupBarrier();
  }
  if (t == 0u) {
    parts[group.y * extent.across + group.x] = tileA[0];
  }
`,
  });
  return `
struct Extent {
  left: u32, right: u32, leftFirst: u32, rightFirst: u32,
  /** Tiles side by side. */
  across: u32,
  /** Quads of a row. */
  m4: u32,
}
@group(0) @binding(0) var<uniform> extent: Extent;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read> leftWeights: array<vec2f>;
@group(0) @binding(4) var<storage, read> rightWeights: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> parts: array<vec4f>;
/** The totals with four pairs more: of a row on the left, and of a quad of rows on the right. */
fn paired(before: vec4f, row: u32, quad: u32, sum: vec4f) -> vec4f {
  var total = before;
  for (var c = 0u; c < 4u; c++) {
    let column = 4u * quad + c;
    if (row < extent.left && column < extent.right && extent.leftFirst + row < extent.rightFirst + column) {
      let cosine = abs(sum[c]);
      let square = cosine * cosine;
      let a = leftWeights[row];
      let b = rightWeights[column];
      total = vec4f(total.xyz + vec3f(cosine, square, square * (a.x * b.y + b.x * a.y)), max(total.w, cosine));
    }
  }
  return total;
}
${code}`;
}
