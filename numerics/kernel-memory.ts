/** A WebAssembly instance and where its arrays lie in its memory, which never grows: views stay valid. */
export interface KernelMemory<Name extends string> {
  readonly exports: Record<string, unknown>;
  readonly at: Readonly<Record<Name, number>>;
  readonly buffer: ArrayBuffer;
}

const pageBytes = 65536;
/** What 32-bit addresses reach. */
const largestBytes = 65536 * pageBytes;
/** Of a cache line: arrays begin at one. */
const lineBytes = 64;

/**
 * Instantiates kernels with a memory of their own, zero throughout: `sizes` in bytes, in order, from `firstAddress`
 * on, below which the compiler's static data lie. The module exports `initialize`. Throws a RangeError, before anything is
 * allocated, if that is more than 4 GiB.
 */
export function instantiate<Name extends string>(
  module: WebAssembly.Module,
  firstAddress: number,
  sizes: Readonly<Record<Name, number>>,
): KernelMemory<Name> {
  const at = {} as Record<Name, number>;
  let end = firstAddress;
  for (const name of Object.keys(sizes) as Name[]) {
    at[name] = end;
    end += Math.ceil(sizes[name] / lineBytes) * lineBytes;
  }
  if (end > largestBytes) {
    const [gigabytes, most] = [end, largestBytes].map((count) => (count / 2 ** 30).toFixed(1));
    throw new RangeError(
      `${gigabytes} GiB of WebAssembly memory needed: there are at most ${most} GiB: choose smaller sizes`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / pageBytes) });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  (exports['initialize'] as () => void)();
  return { exports, at, buffer: memory.buffer };
}
