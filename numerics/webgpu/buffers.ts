/** The device has not the memory for a job: a smaller one may fit. */
export class OutOfDeviceMemory extends Error {
  override readonly name = 'OutOfDeviceMemory';
}

export type Buffers<Name extends string> = Readonly<Record<Name, GPUBuffer>>;

/** Zeroed buffers of so many bytes, each for storage but for the `uniform` ones. Throws an OutOfDeviceMemory, leaving none. */
export async function makeBuffers<Name extends string>(
  device: GPUDevice,
  bytes: Readonly<Record<Name, number>>,
  ...uniform: readonly NoInfer<Name>[]
): Promise<Buffers<Name>> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const entries = Object.entries<number>(bytes).map(
    ([name, size]) => [name as Name, Math.max(16, 4 * Math.ceil(size / 4))] as const,
  );
  const largest = entries.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (largest[1] > most)
    throw new OutOfDeviceMemory(`${largest[0]} takes ${largest[1]} bytes: the device binds at most ${most}`);
  device.pushErrorScope('out-of-memory');
  const made = entries.map(([name, size]) => {
    const kind = uniform.includes(name) ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    return [
      name,
      device.createBuffer({ label: name, size, usage: kind | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC }),
    ] as const;
  });
  const error = await device.popErrorScope();
  const buffers = Object.fromEntries(made) as Buffers<Name>;
  if (!error) return buffers;
  destroyBuffers(buffers);
  throw new OutOfDeviceMemory(error.message);
}

export function destroyBuffers(buffers: Buffers<string>): void {
  for (const buffer of Object.values(buffers)) buffer.destroy();
}

/** Bytes that are read in one go: what the processor must hold twice. */
const pieceBytes = 1 << 26;

/** Calls `take` with the bytes of a part of a buffer, piece by piece, in order. */
export async function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  begin: number,
  size: number,
  take: (bytes: ArrayBuffer, at: number) => void,
): Promise<void> {
  const staging = device.createBuffer({
    size: Math.min(size, pieceBytes),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    for (let at = 0; at < size; at += pieceBytes) {
      const part = Math.min(pieceBytes, size - at);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, begin + at, staging, 0, part);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, part);
      take(staging.getMappedRange(0, part).slice(0), at);
      staging.unmap();
    }
  } finally {
    staging.destroy();
  }
}
