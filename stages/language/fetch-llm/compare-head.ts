import { openFile } from '../../../numerics/checkpoints/byte-source.ts';
import { openSafetensors } from '../../../numerics/checkpoints/safetensors-source.ts';
import type { TensorSource } from '../../../numerics/checkpoints/tensor-source.ts';
import { tensorBytes } from '../../../numerics/checkpoints/tensor-source.ts';
import { HubError } from './hub/errors.ts';

const pieceBytes = 2 ** 24;

/**
 * Compares a head that was read by range with the same tensor of the whole checkpoint, whose digest was verified. Throws
 * a HubError if a byte differs: then the head was changed on its way.
 */
export async function compareHead(
  name: string,
  { path, tensor }: { readonly path: string; readonly tensor: string },
  checkpoint: TensorSource,
): Promise<void> {
  const head = await openSafetensors(await openFile(path));
  try {
    const whole = checkpoint.entries().get(tensor);
    const entry = head.entries().get('head');
    const differs = (what: string): never => {
      throw new HubError(
        `${name}: the head that was read by range differs from the whole file, whose digest is right (${what}): it was changed on its way: run again with --force fetch-head`,
      );
    };
    if (!whole || !entry || whole.dtype !== entry.dtype || whole.shape.join() !== entry.shape.join())
      return differs('another name, type or shape');
    const size = tensorBytes(entry);
    for (let at = 0; at < size; at += pieceBytes) {
      const end = Math.min(size, at + pieceBytes);
      const [a, b] = [await head.readBytes('head', at, end), await checkpoint.readBytes(tensor, at, end)];
      if (Buffer.compare(a, b) !== 0) differs(`within bytes ${at} to ${end}`);
    }
  } finally {
    await head.close();
  }
}
