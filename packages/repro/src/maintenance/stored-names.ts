import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeRecord } from '../store/by-name.ts';

/** A file `by-name/<set>/<node>.json`. */
export interface StoredName {
  readonly set: string;
  readonly file: string;
  /** Milliseconds. */
  readonly writtenAt: number;
  /** Undefined if the file cannot be read as a record. */
  readonly record: NodeRecord | undefined;
}

/** All names that any parameter set gave to results of this store. */
export function storedNames(storeDirectory: string): StoredName[] {
  const directory = join(storeDirectory, 'by-name');
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: set }) =>
      readdirSync(join(directory, set))
        .filter((name) => name.endsWith('.json'))
        .map((name): StoredName => {
          const file = join(directory, set, name);
          return { set, file, writtenAt: statSync(file).mtimeMs, record: readRecord(file) };
        }),
    );
}

function readRecord(file: string): NodeRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<NodeRecord>;
    return typeof record.node === 'string' && typeof record.key === 'string' ? (record as NodeRecord) : undefined;
  } catch {
    return undefined;
  }
}
