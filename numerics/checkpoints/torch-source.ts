import type { ByteSource } from './byte-source.ts';
import { quoted } from '../foreign/quoted.ts';
import { dtypeBytes } from './dtypes.ts';
import { readPickledTensors } from './pickle.ts';
import type { PickledTensor } from './pickle.ts';
import { placedTensors } from './tensor-source.ts';
import type { TensorSource } from './tensor-source.ts';
import { locateEntry, readDirectory, readEntry, verifyEntry } from './zip.ts';
import type { ZipEntry } from './zip.ts';

/** The pickles of the largest models' shards have a few hundred kilobytes. */
const longestPickle = 16 * 2 ** 20;

/** A tensor of a PyTorch file, and the entry of the zip that holds its storage. */
export interface TorchPlace {
  readonly name: string;
  readonly tensor: PickledTensor;
  readonly entry: ZipEntry;
}

/**
 * The tensors of a PyTorch checkpoint (`torch.save` since 1.6: a zip of a pickle and of raw storages), not to be trusted:
 * reads the zip's directory and the pickle.
 */
export async function readTorchHeader(bytes: Pick<ByteSource, 'name' | 'size' | 'read'>): Promise<TorchPlace[]> {
  const entries = await readDirectory(bytes);
  const pickle = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw new Error(`${bytes.name}: no entry "<folder>/data.pkl": not a checkpoint of PyTorch`);
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  await checkByteOrder(bytes, entries.get(`${folder}byteorder`));
  const tensors = parsePickle(bytes.name, await readEntry(bytes, pickle, longestPickle));
  return [...tensors].map(([name, tensor]) => ({
    name,
    tensor,
    entry: storageOf(bytes.name, name, tensor, entries, folder),
  }));
}

/**
 * A PyTorch checkpoint whose bytes come from anywhere. A storage is read when a tensor of it is. Unless `checksums` is
 * false (because the whole file was verified), the CRC-32 of a storage is checked, by reading it once, before a tensor
 * of it counts. `header` reads what is in it: by default in this process.
 */
export async function openTorch(
  bytes: ByteSource,
  { checksums = true }: { readonly checksums?: boolean } = {},
  header = readTorchHeader,
): Promise<TensorSource> {
  try {
    const located = new Map<string, Promise<number>>();
    const locateStorage = async (entry: ZipEntry): Promise<number> => {
      const place = await locateEntry(bytes, entry);
      if (checksums) await verifyEntry(bytes, entry, place);
      return place.begin;
    };
    const placements = (await header(bytes)).map(({ name, tensor, entry }) => {
      const locate = async (): Promise<number> => {
        if (!isRowMajor(tensor))
          throw new Error(
            `${bytes.name}: tensor ${quoted(name)} of shape [${tensor.shape.join(', ')}] has strides [${tensor.strides.join(', ')}]: expected row-major order`,
          );
        if (!located.has(entry.name)) located.set(entry.name, locateStorage(entry));
        return (await located.get(entry.name)!) + tensor.offset * dtypeBytes[tensor.dtype];
      };
      return { name, dtype: tensor.dtype, shape: tensor.shape, locate };
    });
    return placedTensors(bytes, placements);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function parsePickle(file: string, pickle: Uint8Array): ReadonlyMap<string, PickledTensor> {
  try {
    return readPickledTensors(pickle);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Newer versions of PyTorch say which end comes first; older ones were little-endian wherever anybody used them. */
async function checkByteOrder(
  bytes: Pick<ByteSource, 'name' | 'size' | 'read'>,
  entry: ZipEntry | undefined,
): Promise<void> {
  if (!entry) return;
  const order = new TextDecoder().decode(await readEntry(bytes, entry, 16));
  if (order !== 'little') throw new Error(`${bytes.name}: byte order ${quoted(order)}: expected "little"`);
}

/** The zip entry of a tensor's storage, which must have the size that the pickle says. */
function storageOf(
  file: string,
  name: string,
  tensor: PickledTensor,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
): ZipEntry {
  const path = `${folder}data/${tensor.storage}`;
  const entry = entries.get(path);
  if (!entry) throw new Error(`${file}: tensor ${quoted(name)}: its storage "${path}" is not in the zip`);
  const size = tensor.storageLength * dtypeBytes[tensor.dtype];
  if (entry.size !== size)
    throw new Error(
      `${file}: tensor ${quoted(name)}: its storage "${path}" has ${entry.size} bytes: expected ${size} for ${tensor.storageLength} ${tensor.dtype}`,
    );
  return entry;
}

function isRowMajor({ shape, strides }: PickledTensor): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}
