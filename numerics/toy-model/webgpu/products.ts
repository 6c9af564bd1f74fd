/**
 * The three products of a step as tiled kernels over a group: G = W_U W^T, dW = M^T W_U, H = M W (dW gets H's rows
 * added where a feature is active). 256 threads or fewer; each computes `R` rows x 4 columns of the result in registers,
 * from tiles in workgroup memory; every element is summed in ascending order of depth, whatever the tiles.
 */

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const each = (count: number, text: (i: number) => string): string => range(count).map(text).join('\n');

/** Workgroup memory that every device has. */
const workgroupBytes = 16384;

interface Tile {
  /** Threads side by side: each has a quad of columns. */
  readonly columns: number;
  readonly threadRows: number;
  /** Rows of the result per thread: 4 or 8. */
  readonly R: number;
}

/** A tile over `quads` quads of columns, all of them if these are no more than 32: nothing is wasted on a small m. */
function tileOf(quads: number): Tile {
  const columns = Math.ceil(quads / Math.ceil(quads / 32));
  const threadRows = Math.min(64, Math.floor(256 / columns));
  return { columns, threadRows, R: threadRows > 16 ? 4 : 8 };
}

export interface Product {
  readonly code: string;
  /** Rows and quads of columns of a tile of the result. */
  readonly tileRows: number;
  readonly tileQuads: number;
}

/** WGSL of `(row, quad) -> vec4f` for what a tile is loaded from, and of where a row goes. */
interface Operands {
  /** Before anything else; may return. */
  readonly begin: string;
  readonly loadA: string;
  readonly loadB: string;
  /** Depth: [first, end) in its own unit. */
  readonly depth: readonly [string, string];
  readonly store: string;
  /** After everything is stored. Workgroup memory is free again. */
  readonly end?: string;
  readonly tile: Tile;
}

const head = ({ begin, tile: { columns, threadRows, R } }: Operands): string => `
@compute @workgroup_size(${columns * threadRows})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let tx = t % ${columns}u;
  let ty = t / ${columns}u;
  let firstRow = group.y * ${R * threadRows}u;
  let firstQuad = group.x * ${columns}u;
${begin}
${each(R, (i) => `  var sum${i} = vec4f(0);`)}`;

const tail = ({ store, end = '', tile: { R } }: Operands): string => `
  let quad = firstQuad + tx;
${each(R, (i) => `  {\n    let row = firstRow + ty * ${R}u + ${i}u;\n    let sum = sum${i};\n${store}\n  }`)}
${end}}
`;

/** A as rows of quads in depth: A[row][depth / 4]; B[depth][quad]. Depth counts quads. */
export function rowsByDepth(operands: Operands): Product {
  const { columns, threadRows, R } = operands.tile;
  const rows = R * threadRows;
  const threads = columns * threadRows;
  // an odd number of quads from row to row keeps threads off each other's banks
  const bytes = (quads: number): number => 16 * (rows * (quads | 1) + 4 * quads * columns);
  const depth = [4, 2, 1].find((quads) => bytes(quads) <= workgroupBytes)!;
  const stride = depth | 1;
  const code = `
var<workgroup> tileA: array<vec4f, ${rows * stride}>;
var<workgroup> tileB: array<vec4f, ${4 * depth * columns}>;
${operands.loadA}
${operands.loadB}
${head(operands)}
  for (var k = ${operands.depth[0]}; k < ${operands.depth[1]}; k += ${depth}u) {
    for (var i = t; i < ${rows * depth}u; i += ${threads}u) {
      let row = i / ${depth}u;
      let q = i % ${depth}u;
      tileA[row * ${stride}u + q] = loadA(group, firstRow + row, k + q);
    }
    for (var i = t; i < ${depth * columns}u; i += ${threads}u) {
      let block = loadB(group, k + i / ${columns}u, firstQuad + i % ${columns}u);
      let at = i / ${columns}u * ${4 * columns}u + i % ${columns}u;
${each(4, (d) => `      tileB[at + ${d * columns}u] = block[${d}];`)}
    }
    workgroupBarrier();
    for (var q = 0u; q < ${depth}u; q++) {
      let b0 = tileB[q * ${4 * columns}u + tx];
      let b1 = tileB[q * ${4 * columns}u + ${columns}u + tx];
      let b2 = tileB[q * ${4 * columns}u + ${2 * columns}u + tx];
      let b3 = tileB[q * ${4 * columns}u + ${3 * columns}u + tx];
${each(
  R,
  (i) => `      let a${i} = tileA[(ty * ${R}u + ${i}u) * ${stride}u + q];
      sum${i} += a${i}.x * b0;
      sum${i} += a${i}.y * b1;
      sum${i} += a${i}.z * b2;
      sum${i} += a${i}.w * b3;`,
)}
    }
    workgroupBarrier();
  }
${tail(operands)}`;
  return { code, tileRows: rows, tileQuads: columns };
}

/** A as depth by quads of rows: A[depth][row / 4]; B[depth][quad]. Depth counts single steps. */
function depthByRows(operands: Operands): Product {
  const { columns, threadRows, R } = operands.tile;
  const rowQuads = (R * threadRows) / 4;
  const threads = columns * threadRows;
  const depth = 16 * 16 * (rowQuads + columns) <= workgroupBytes ? 16 : 8;
  const code = `
var<workgroup> tileA: array<vec4f, ${depth * rowQuads}>;
var<workgroup> tileB: array<vec4f, ${depth * columns}>;
${operands.loadA}
${operands.loadB}
${head(operands)}
  for (var k = ${operands.depth[0]}; k < ${operands.depth[1]}; k += ${depth}u) {
    for (var i = t; i < ${depth * rowQuads}u; i += ${threads}u) {
      tileA[i] = loadA(group, k + i / ${rowQuads}u, firstRow / 4u + i % ${rowQuads}u);
    }
    for (var i = t; i < ${depth * columns}u; i += ${threads}u) {
      tileB[i] = loadB(group, k + i / ${columns}u, firstQuad + i % ${columns}u);
    }
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d++) {
      let b = tileB[d * ${columns}u + tx];
${each(
  R / 4,
  (q) => `      let a${q} = tileA[d * ${rowQuads}u + ty * ${R / 4}u + ${q}u];
${each(4, (i) => `      sum${4 * q + i} += a${q}[${i}] * b;`)}`,
)}
    }
    workgroupBarrier();
  }
${tail(operands)}`;
  return { code, tileRows: R * threadRows, tileQuads: columns };
}

/** Quad q of row `row` of W: zero beyond its edges. */
const weightsOfRow = `fn weights(model: u32, row: u32, q: u32) -> vec4f {
  if (row >= N || q >= M4) {
    return vec4f(0);
  }
  return state[model * STATE + row * M4 + q];
}
`;

/** G = W_U W^T: a row for each active feature, a column for each feature. [quad tiles, row tiles, models]. */
export function activationProduct(): Product {
  return rowsByDepth({
    tile: { columns: 16, threadRows: 16, R: 8 },
    begin: `
  let rows = plan[planBase(step.ring, group.z) + HEADER];
  if (firstRow >= rows) {
    return;
  }`,
    loadA: `
fn loadA(group: vec3u, row: u32, q: u32) -> vec4f {
  let base = planBase(step.ring, group.z);
  if (row >= plan[base + HEADER] || q >= M4) {
    return vec4f(0);
  }
  return state[group.z * STATE + plan[base + SLOT_FEATURE + row] * M4 + q];
}`,
    loadB: `
${weightsOfRow}fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let row = 4u * quad;
  return transpose(mat4x4f(
    weights(group.z, row, q), weights(group.z, row + 1u, q), weights(group.z, row + 2u, q), weights(group.z, row + 3u, q)));
}`,
    depth: ['0u', 'M4'],
    store: `    if (row < rows && quad < N4) {
      G[(models[group.z].rowBase + row) * N4 + quad] = sum;
    }`,
  });
}

/** dW = M^T W_U: [m quad tiles, row tiles of W, models]. */
export function weightGradientProduct(m4: number): Product {
  return depthByRows({
    tile: tileOf(m4),
    begin: `
  let segments = plan[planBase(step.ring, group.z) + HEADER + 1u];`,
    loadA: `
fn loadA(group: vec3u, row: u32, quad: u32) -> vec4f {
  if (row >= plan[planBase(step.ring, group.z) + HEADER + 1u] || quad >= N4) {
    return vec4f(0);
  }
  return M[(models[group.z].segmentBase + row) * N4 + quad];
}`,
    loadB: `
fn loadB(group: vec3u, row: u32, q: u32) -> vec4f {
  let base = planBase(step.ring, group.z);
  if (row >= plan[base + HEADER + 1u] || q >= M4) {
    return vec4f(0);
  }
  let feature = plan[base + SLOT_FEATURE + plan[base + SEGMENT_SLOT + row]];
  return state[group.z * STATE + feature * M4 + q];
}`,
    depth: ['0u', 'segments'],
    store: `    if (row < N && quad < M4) {
      gradients[(group.z * N + row) * M4 + quad] = sum;
    }`,
  });
}

/** H = M W, a row for each segment, in parts of SPLIT4 quads of depth: [m quad tiles, row tiles, models x SPLITS]. */
export function backwardProduct(m4: number): Product {
  return rowsByDepth({
    tile: tileOf(m4),
    begin: `
  let model = group.z / SPLITS;
  let split = group.z % SPLITS;
  let segments = plan[planBase(step.ring, model) + HEADER + 1u];
  if (firstRow >= segments) {
    return;
  }`,
    loadA: `
fn loadA(group: vec3u, row: u32, q: u32) -> vec4f {
  let model = group.z / SPLITS;
  if (row >= plan[planBase(step.ring, model) + HEADER + 1u] || q >= N4) {
    return vec4f(0);
  }
  return M[(models[model].segmentBase + row) * N4 + q];
}`,
    loadB: `
${weightsOfRow}fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let model = group.z / SPLITS;
  return mat4x4f(
    weights(model, 4u * q, quad), weights(model, 4u * q + 1u, quad), weights(model, 4u * q + 2u, quad), weights(model, 4u * q + 3u, quad));
}`,
    depth: ['split * SPLIT4', 'min(N4, (split + 1u) * SPLIT4)'],
    store: `    if (row < segments && quad < M4) {
      H[((models[model].segmentBase + row) * SPLITS + split) * M4 + quad] = sum;
    }`,
  });
}
