import { quoted } from '../foreign/quoted.ts';
import type { TensorSource } from './tensor-source.ts';

/**
 * Several weight files as one source. `shards` says which tensor is taken from which file (`weight_map` of the index).
 * Throws an Error if a file does not hold a tensor that the index promises.
 */
export function joinSources(
  name: string,
  sources: ReadonlyMap<string, TensorSource>,
  shards: Readonly<Record<string, string>>,
): TensorSource {
  const places = Object.entries(shards).map(([tensor, file]) => {
    const source = sources.get(file);
    if (!source)
      throw new Error(`${name}: tensor ${quoted(tensor)} is in ${quoted(file)} by the index: no such weight file`);
    const entry = source.entries().get(tensor);
    if (!entry)
      throw new Error(`${name}: tensor ${quoted(tensor)} is in ${quoted(file)} by the index: it is not there`);
    return { tensor, source, entry };
  });
  const bySource = new Map(places.map(({ tensor, source }) => [tensor, source]));
  const entries = new Map(places.map(({ tensor, entry }) => [tensor, entry]));
  const find = (tensor: string): TensorSource => {
    const source = bySource.get(tensor);
    if (!source) throw new Error(`${name}: no tensor ${quoted(tensor)} in its index`);
    return source;
  };
  return {
    entries: () => entries,
    readRows: async (tensor, begin, end) => find(tensor).readRows(tensor, begin, end),
    readBytes: async (tensor, begin, end) => find(tensor).readBytes(tensor, begin, end),
    async close() {
      for (const source of sources.values()) await source.close();
    },
  };
}

/**
 * The `weight_map` of an index file (`model.safetensors.index.json`, `pytorch_model.bin.index.json`). Names of files
 * must be plain: an index cannot point out of its own folder.
 */
export function checkShardIndex(name: string, index: unknown): Record<string, string> {
  const map = (index as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new Error(`${name}: weight_map: expected an object of tensor and file names`);
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !/^[\w-][\w.-]*$/.test(file)) {
      throw new Error(
        `${name}: weight_map: tensor ${quoted(tensor)}: ${quoted(JSON.stringify(file) ?? 'nothing')}: expected the name of a file in the folder of the index`,
      );
    }
  }
  return map as Record<string, string>;
}
