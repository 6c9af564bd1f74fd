/**
 * The three products of a step as tiled kernels over a group: G = W_U W^T, dW = M^T W_U, H = M W (dW gets H's rows
 * added where a feature is active). 256 threads or fewer; each computes `R` rows x `Q` quads of columns of the result in
 * registers, from tiles in workgroup memory. The rows of a thread are `threadRows` apart and its quads `columns`, so that
 * threads which read at one time read neighbours; while a tile is multiplied, the next one is on its way into registers.
 * Every element is summed in ascending order of depth, whatever the tiles, and whether or not zeros of M are left out.
 */

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const each = (count: number, text: (i: number) => string): string => range(count).map(text).join('\n');

/** Workgroup memory that every device has. */
const workgroupBytes = 16384;

export interface Tile {
  /** Threads side by side. */
  readonly columns: number;
  readonly threadRows: number;
  /** Rows of the result per thread: 4 or 8. */
  readonly R: number;
  /** Quads of columns per thread: 1 or 2. */
  readonly Q: number;
}

/** For results that are large both ways. */
export const squareTile: Tile = { columns: 16, threadRows: 16, R: 8, Q: 2 };

/** A tile over `quads` quads of columns, all of them if these are no more than 32: nothing is wasted on a small m. */
export function tileOf(quads: number): Tile {
  const wide = Math.ceil(quads / Math.ceil(quads / 32));
  const Q = wide >= 24 ? 2 : 1;
  const columns = Math.ceil(wide / Q);
  const threadRows = Math.min(64, Math.floor(256 / columns));
  return { columns, threadRows, R: threadRows > 20 ? 4 : 8, Q };
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
  /** Of `sum` at `row` and `quad`, which may be beyond the edges. */
  readonly store: string;
  /** Another way to the same sums, where `condition` says so: it adds to `sum` at `row` and `quad`. */
  readonly sparse?: { readonly condition: string; readonly add: string };
  /** After everything is stored. Workgroup memory is free again. */
  readonly end?: string;
  readonly tile: Tile;
}

export const tileRowsOf = ({ R, threadRows }: Tile): number => R * threadRows;
export const tileQuadsOf = ({ Q, columns }: Tile): number => Q * columns;
const sums = ({ R, Q }: Tile): readonly (readonly [number, number])[] =>
  range(R).flatMap((i) => range(Q).map((j) => [i, j] as const));

const head = (operands: Operands): string => {
  const { begin, tile } = operands;
  const { columns, threadRows } = tile;
  return `
@compute @workgroup_size(${columns * threadRows})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let tx = t % ${columns}u;
  let ty = t / ${columns}u;
  let firstRow = group.y * ${tileRowsOf(tile)}u;
  let firstQuad = group.x * ${tileQuadsOf(tile)}u;
${begin}
${withoutZeros(operands)}
${sums(tile)
  .map(([i, j]) => `  var sum${i}_${j} = vec4f(0);`)
  .join('\n')}`;
};

/** The whole tile once more, a thread a quad of a row, by lists of what is not zero. */
function withoutZeros({ sparse, store, tile }: Operands): string {
  if (!sparse) return '';
  const tileQuads = tileQuadsOf(tile);
  const abreast = Math.floor((tile.columns * tile.threadRows) / tileQuads);
  return `
  if (${sparse.condition}) {
    let quad = firstQuad + t % ${tileQuads}u;
    for (var row = firstRow + t / ${tileQuads}u; row < firstRow + ${tileRowsOf(tile)}u; row += ${abreast}u) {
      if (t >= ${abreast * tileQuads}u) {
        break;
      }
      var sum = vec4f(0);
${sparse.add}
${store}
    }
    return;
  }`;
}

/** `rowOf`: the row of a tile that is the i-th of the thread. */
const tail = ({ store, end = '', tile }: Operands, rowOf: (i: number) => string): string => `
${sums(tile)
  .map(
    ([i, j]) =>
      `  {\n    let row = firstRow + ${rowOf(i)};\n    let quad = firstQuad + tx + ${j * tile.columns}u;\n    let sum = sum${i}_${j};\n${store}\n  }`,
  )
  .join('\n')}
${end}}
`;

/**
 * What the threads fetch of a tile of `count` pieces: into registers, and from there into workgroup memory. `fetch` and
 * `put` are given the number of the piece.
 */
function staged(
  name: string,
  type: string,
  count: number,
  threads: number,
  fetch: (at: string) => string,
  put: (at: string, value: string) => string,
): { readonly declare: string; readonly fetch: string; readonly put: string } {
  const loads = range(Math.ceil(count / threads));
  const guarded = (load: number, body: string): string =>
    (load + 1) * threads <= count ? `{ ${body} }` : `if (t < ${count - load * threads}u) { ${body} }`;
  const at = (load: number): string => `let at = t + ${load * threads}u;`;
  return {
    declare: loads.map((load) => `  var ${name}${load}: ${type};`).join('\n'),
    fetch: loads.map((load) => `    ${guarded(load, `${at(load)} ${name}${load} = ${fetch('at')};`)}`).join('\n'),
    put: loads.map((load) => `    ${guarded(load, `${at(load)} ${put('at', `${name}${load}`)}`)}`).join('\n'),
  };
}

interface Stage {
  readonly declare: string;
  readonly fetch: string;
  readonly put: string;
}

/** The loop over depth: what a step multiplies is fetched while the one before is multiplied. */
const loop = ({ depth: [first, end] }: Operands, depth: number, a: Stage, b: Stage, multiply: string): string => `
  let endOfDepth = ${end};
  var k = ${first};
${a.declare}
${b.declare}
  if (k < endOfDepth) {
${a.fetch}
${b.fetch}
  }
  while (k < endOfDepth) {
${a.put}
${b.put}
    workgroupBarrier();
    k += ${depth}u;
    if (k < endOfDepth) {
${a.fetch}
${b.fetch}
    }
${multiply}
    workgroupBarrier();
  }`;

/** A as rows of quads in depth: A[row][depth / 4]; B[depth][quad]. Depth counts quads. */
export function rowsByDepth(operands: Operands): Product {
  const { tile } = operands;
  const { columns, threadRows, R, Q } = tile;
  const [rows, quads, threads] = [tileRowsOf(tile), tileQuadsOf(tile), columns * threadRows];
  // an odd number of quads from row to row keeps threads off each other's banks
  const bytes = (depth: number): number => 16 * (rows * (depth | 1) + 4 * depth * quads);
  const depth = [4, 2, 1].find((some) => bytes(some) <= workgroupBytes)!;
  const stride = depth | 1;
  const a = staged(
    'nextA',
    'vec4f',
    rows * depth,
    threads,
    (at) => `loadA(group, firstRow + ${at} / ${depth}u, k + ${at} % ${depth}u)`,
    (at, value) => `tileA[${at} / ${depth}u * ${stride}u + ${at} % ${depth}u] = ${value};`,
  );
  const b = staged(
    'nextB',
    'mat4x4f',
    depth * quads,
    threads,
    (at) => `loadB(group, k + ${at} / ${quads}u, firstQuad + ${at} % ${quads}u)`,
    (at, value) =>
      `let to = ${at} / ${quads}u * ${4 * quads}u + ${at} % ${quads}u; ${range(4)
        .map((d) => `tileB[to + ${d * quads}u] = ${value}[${d}];`)
        .join(' ')}`,
  );
  const multiply = `    for (var q = 0u; q < ${depth}u; q++) {
${range(4)
  .flatMap((d) =>
    range(Q).map((j) => `      let b${d}_${j} = tileB[q * ${4 * quads}u + ${d * quads + j * columns}u + tx];`),
  )
  .join('\n')}
${each(
  R,
  (i) => `      let a${i} = tileA[(ty + ${i * threadRows}u) * ${stride}u + q];
${range(4)
  .flatMap((d) => range(Q).map((j) => `      sum${i}_${j} += a${i}[${d}] * b${d}_${j};`))
  .join('\n')}`,
)}
    }`;
  const code = `
var<workgroup> tileA: array<vec4f, ${rows * stride}>;
var<workgroup> tileB: array<vec4f, ${4 * depth * quads}>;
${operands.loadA}
${operands.loadB}
${head(operands)}
${loop(operands, depth, a, b, multiply)}
${tail(operands, (i) => `ty + ${i * threadRows}u`)}`;
  return { code, tileRows: rows, tileQuads: quads };
}

/** A as depth by quads of rows: A[depth][row / 4]; B[depth][quad]. Depth counts single steps. */
function depthByRows(operands: Operands): Product {
  const { tile } = operands;
  const { columns, threadRows, R, Q } = tile;
  const [rowQuads, quads, threads] = [tileRowsOf(tile) / 4, tileQuadsOf(tile), columns * threadRows];
  const depth = 16 * 16 * (rowQuads + quads) <= workgroupBytes ? 16 : 8;
  const a = staged(
    'nextA',
    'vec4f',
    depth * rowQuads,
    threads,
    (at) => `loadA(group, k + ${at} / ${rowQuads}u, firstRow / 4u + ${at} % ${rowQuads}u)`,
    (at, value) => `tileA[${at}] = ${value};`,
  );
  const b = staged(
    'nextB',
    'vec4f',
    depth * quads,
    threads,
    (at) => `loadB(group, k + ${at} / ${quads}u, firstQuad + ${at} % ${quads}u)`,
    (at, value) => `tileB[${at}] = ${value};`,
  );
  const multiply = `    for (var d = 0u; d < ${depth}u; d++) {
${each(Q, (j) => `      let b${j} = tileB[d * ${quads}u + ${j * columns}u + tx];`)}
${each(
  R / 4,
  (q) => `      let a${q} = tileA[d * ${rowQuads}u + ty + ${q * threadRows}u];
${range(4)
  .flatMap((i) => range(Q).map((j) => `      sum${4 * q + i}_${j} += a${q}[${i}] * b${j};`))
  .join('\n')}`,
)}
    }`;
  const code = `
var<workgroup> tileA: array<vec4f, ${depth * rowQuads}>;
var<workgroup> tileB: array<vec4f, ${depth * quads}>;
${operands.loadA}
${operands.loadB}
${head(operands)}
${loop(operands, depth, a, b, multiply)}
${tail(operands, (i) => `4u * (ty + ${Math.floor(i / 4) * threadRows}u) + ${i % 4}u`)}`;
  return { code, tileRows: 4 * rowQuads, tileQuads: quads };
}

/** Quad q of row `row` of W: zero beyond its edges. */
const weightsOfRow = `fn weights(model: u32, row: u32, q: u32) -> vec4f {
  if (row >= shape.n || q >= shape.m4) {
    return vec4f(0);
  }
  return state[model * shape.state + row * shape.m4 + q];
}
`;

/** G = W_U W^T: a row for each active feature, a column for each feature. [quad tiles, row tiles, models]. */
export function activationProduct(): Product {
  return rowsByDepth({
    tile: squareTile,
    begin: `
  let rows = plan[planBase(step.ring, group.z) + shape.header];
  // counted anew by every step
  if (shape.sparseRatio > 0u && group.x == 0u && group.y == 0u && t == 0u) {
    masks[group.z] = 0u;
  }
  if (firstRow >= rows) {
    return;
  }`,
    loadA: `
fn loadA(group: vec3u, row: u32, q: u32) -> vec4f {
  let base = planBase(step.ring, group.z);
  if (row >= plan[base + shape.header] || q >= shape.m4) {
    return vec4f(0);
  }
  return state[group.z * shape.state + plan[base + shape.slotFeature + row] * shape.m4 + q];
}`,
    loadB: `
${weightsOfRow}fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let row = 4u * quad;
  return transpose(mat4x4f(
    weights(group.z, row, q), weights(group.z, row + 1u, q), weights(group.z, row + 2u, q), weights(group.z, row + 3u, q)));
}`,
    depth: ['0u', 'shape.m4'],
    store: `    if (row < rows && quad < shape.n4) {
      G[(models[group.z].rowBase + row) * shape.n4 + quad] = sum;
    }`,
  });
}

/** Runs `body`, with `i` the number of each bit that is set in `words` words of masks from `first` on, in order. */
const eachBit = (first: string, from: string, to: string, body: string): string => `
        for (var word = ${from}; word < ${to}; word++) {
          var bits = masks[${first} + word];
          while (bits != 0u) {
            let i = 32u * word + countTrailingZeros(bits);
            bits &= bits - 1u;
${body}
          }
        }`;

/** dW = M^T W_U: [m quad tiles, row tiles of W, models]. */
export function weightGradientProduct(m4: number, sparse: boolean): Product {
  return depthByRows({
    tile: tileOf(m4),
    begin: `
  let base = planBase(step.ring, group.z);
  let segments = plan[base + shape.header + 1u];`,
    loadA: `
fn loadA(group: vec3u, row: u32, quad: u32) -> vec4f {
  if (row >= plan[planBase(step.ring, group.z) + shape.header + 1u] || quad >= shape.n4) {
    return vec4f(0);
  }
  return M[(models[group.z].segmentBase + row) * shape.n4 + quad];
}`,
    loadB: `
fn loadB(group: vec3u, row: u32, q: u32) -> vec4f {
  let base = planBase(step.ring, group.z);
  if (row >= plan[base + shape.header + 1u] || q >= shape.m4) {
    return vec4f(0);
  }
  let feature = plan[base + shape.slotFeature + plan[base + shape.segmentSlot + row]];
  return state[group.z * shape.state + feature * shape.m4 + q];
}`,
    depth: ['0u', 'segments'],
    store: `    if (row < shape.n && quad < shape.m4) {
      gradients[(group.z * shape.n + row) * shape.m4 + quad] = sum;
    }`,
    ...(sparse && {
      sparse: {
        condition: 'isSparse(group.z, segments)',
        add: `      if (row < shape.n && quad < shape.m4) {
        let model = models[group.z];${eachBit(
          'columnMask(model, row)',
          '0u',
          '(segments + 31u) / 32u',
          `            let feature = plan[base + shape.slotFeature + plan[base + shape.segmentSlot + i]];
            let value = M[(model.segmentBase + i) * shape.n4 + row / 4u][row % 4u];
            sum += value * state[group.z * shape.state + feature * shape.m4 + quad];`,
        )}
      }`,
      },
    }),
  });
}

/** H = M W, a row for each segment, in parts of split4 quads of depth: [m quad tiles, row tiles, models x splits]. */
export function backwardProduct(m4: number, sparse: boolean): Product {
  return rowsByDepth({
    tile: tileOf(m4),
    begin: `
  let model = group.z / shape.splits;
  let split = group.z % shape.splits;
  let segments = plan[planBase(step.ring, model) + shape.header + 1u];
  if (firstRow >= segments) {
    return;
  }`,
    loadA: `
fn loadA(group: vec3u, row: u32, q: u32) -> vec4f {
  let model = group.z / shape.splits;
  if (row >= plan[planBase(step.ring, model) + shape.header + 1u] || q >= shape.n4) {
    return vec4f(0);
  }
  return M[(models[model].segmentBase + row) * shape.n4 + q];
}`,
    loadB: `
${weightsOfRow}fn loadB(group: vec3u, q: u32, quad: u32) -> mat4x4f {
  let model = group.z / shape.splits;
  return mat4x4f(
    weights(model, 4u * q, quad), weights(model, 4u * q + 1u, quad), weights(model, 4u * q + 2u, quad), weights(model, 4u * q + 3u, quad));
}`,
    depth: ['split * shape.split4', 'min(shape.n4, (split + 1u) * shape.split4)'],
    store: `    if (row < segments && quad < shape.m4) {
      H[((models[model].segmentBase + row) * shape.splits + split) * shape.m4 + quad] = sum;
    }`,
    ...(sparse && {
      sparse: {
        condition: 'isSparse(model, segments)',
        add: `      if (row < segments && quad < shape.m4) {
        let rowOfM = models[model].segmentBase + row;${eachBit(
          'rowMask(rowOfM)',
          'split * shape.split4 / 8u',
          'min(shape.rowWords, (split + 1u) * shape.split4 / 8u)',
          `            let value = M[rowOfM * shape.n4 + i / 4u][i % 4u];
            sum += value * state[model * shape.state + i * shape.m4 + quad];`,
        )}
      }`,
      },
    }),
  });
}
