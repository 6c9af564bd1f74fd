import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantiateKernels } from '../../../numerics/toy-model/wasm/toy-model.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';

const key = { k0: 7, k1: 11 };

/** Upper bounds of A B^T by the kernels, and the products in double precision. A: [rows, m], B: [columns, m]. */
function bounds(A: Float32Array, B: Float32Array, m: number) {
  const rows = A.length / m;
  const columns = B.length / m;
  const mp = 4 * Math.ceil(m / 4);
  const tiles = Math.ceil(rows / 4);
  const { kernels, at, f32, u32 } = instantiateKernels({
    A: 4 * rows * mp,
    B: 4 * columns * mp,
    rowAt: 4 * rows,
    columnAt: 4 * columns,
    rows: 8 * tiles * (m + 1),
    columns: 2 * columns * (m + 1),
    rowBounds: 64 * tiles,
    columnBounds: 12 * columns,
    out: 16 * tiles * columns,
  });
  for (let i = 0; i < rows; i++) f32('A', rows * mp).set(A.subarray(i * m, (i + 1) * m), i * mp);
  for (let j = 0; j < columns; j++) f32('B', columns * mp).set(B.subarray(j * m, (j + 1) * m), j * mp);
  u32('rowAt', rows).set(Uint32Array.from({ length: rows }, (_, i) => at.A + 4 * mp * i));
  u32('columnAt', columns).set(Uint32Array.from({ length: columns }, (_, j) => at.B + 4 * mp * j));
  kernels.quantizeRows(at.rowAt, rows, m, at.rows, at.rowBounds);
  kernels.quantizeColumns(at.columnAt, columns, m, at.columns, at.columnBounds);
  kernels.boundProduct(at.rows, at.rowBounds, tiles, at.columns, at.columnBounds, columns / 8, m, at.out, 4 * columns);
  const upper = f32('out', rows * columns);
  const pairs: { upper: number; exact: number; single: number; sizes: number }[] = [];
  const norm = (X: Float32Array, i: number) =>
    Math.sqrt(X.subarray(i * m, (i + 1) * m).reduce((sum, x) => sum + x * x, 0));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let exact = 0;
      let single = 0;
      for (let k = 0; k < m; k++) {
        exact += A[i * m + k]! * B[j * m + k]!;
        single = Math.fround(single + Math.fround(A[i * m + k]! * B[j * m + k]!));
      }
      pairs.push({ upper: upper[i * columns + j]!, exact, single, sizes: norm(A, i) * norm(B, j) });
    }
  }
  return pairs;
}

/** Rows of sizes from tiny to huge, zero rows, rows with a single entry, and pairs that are parallel. */
function rowsOf(count: number, m: number): Float32Array {
  const { W } = initialWeights(count, m, key);
  for (let i = 0; i < count; i++) {
    const row = W.subarray(i * m, (i + 1) * m);
    if (i % 8 === 1) row.fill(0);
    else if (i % 8 === 2) row.fill(0).set([-3], i % m);
    else if (i % 8 === 3) row.fill(i % 16 === 3 ? 0.37 : -0.37);
    else row.forEach((w, k) => (row[k] = w * [1, 1e-12, 1e9, 1, 30][i % 5]!));
  }
  return W;
}

for (const m of [256, 257, 1024]) {
  test(`no product exceeds its bound, which is close: m = ${m}`, () => {
    const W = rowsOf(40, m);
    for (const { upper, exact, single, sizes } of bounds(W, W, m)) {
      assert.ok(upper >= exact && upper >= single, `bound ${upper} of ${exact}, in single precision ${single}`);
      assert.ok(upper - exact <= 2e-3 * sizes + 2e-30, `bound ${upper} of ${exact}, sizes ${sizes}`);
    }
  });
}
