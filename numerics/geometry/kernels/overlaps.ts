import { instantiate } from '../../kernel-memory.ts';
import bytes from './overlaps.wasm';

/** What `overlaps.as.ts` exports; addresses and sizes as its docstrings say. */
export interface OverlapKernels {
  packColumns(rows: number, count: number, mp: number, factors: number, out: number): void;
  packRows(rows: number, count: number, mp: number, factors: number, out: number): void;
  squares(rows: number, count: number, mp: number, out: number): void;
  addGram(panels: number, panelCount: number, count: number, gram: number): void;
  innerProduct(g: number, h: number, panelCount: number): number;
  addOverlaps(
    left: number,
    leftPanels: number,
    right: number,
    rightPanels: number,
    mp: number,
    same: boolean,
    blocks: number,
    sums: number,
  ): void;
}

export interface OverlapMemory<Name extends string> {
  readonly kernels: OverlapKernels;
  readonly at: Readonly<Record<Name, number>>;
  readonly buffer: ArrayBuffer;
  /** Of the whole memory. */
  readonly bytes: number;
}

/** The compiler's static data lie below. */
const firstAddress = 16384;
/** What `addOverlaps` needs as `blocks`. */
export const blocksBytes = 8 * 32 * 512;

let compiled: WebAssembly.Module | undefined;

/** The kernels with a memory of their own, zero throughout: places of so many bytes each. It never grows, so views stay valid. */
export function overlapMemory<Name extends string>(sizes: Readonly<Record<Name, number>>): OverlapMemory<Name> {
  compiled ??= new WebAssembly.Module(bytes);
  const { exports, at, buffer } = instantiate(compiled, firstAddress, sizes);
  return { kernels: exports as unknown as OverlapKernels, at, buffer, bytes: buffer.byteLength };
}
