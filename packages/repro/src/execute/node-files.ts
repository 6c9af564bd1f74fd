import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { makeDirectory } from '../store/files.ts';
import type { Store } from '../store/store.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { Scan } from '../plan/scan.ts';
import { handleName } from '../plan/trace.ts';
import type { JobMessage } from './protocol.ts';

/**
 * The files a node is handed: verified inputs, fresh places for its outputs, and its scratch directory. `run` names the
 * run that asks: what another still writes, whose lease this one took over, must not end among its outputs.
 */
export function prepareFiles(
  { node, key, pin }: { readonly node: GraphNode; readonly key: Key; readonly pin: string | undefined },
  run: string,
  { root, store }: { readonly root: string; readonly store: Pick<Store, 'scratchDirectory' | 'verify' | 'blobPath'> },
  outcome: (producer: GraphNode) => Outcome,
): JobMessage['nodes'][number] {
  const scratch = store.scratchDirectory(key);
  makeDirectory(join(scratch, 'work'));
  const out = outputDirectory(scratch, run);
  rmSync(out, { recursive: true, force: true });
  makeDirectory(out);

  const inputs: Record<string, unknown> = {};
  for (const { name, arity, handles } of node.inputs) {
    const files: { type: string; path: string; node: string }[] = [];
    for (const handle of handles) {
      const { node: producer, output, type } = handle;
      if (producer.kind === 'source') {
        files.push({ type: type.id, path: join(root, producer.path), node: producer.path });
        continue;
      }
      const outputs = outputsOf(outcome(producer));
      if (!outputs) continue;
      const blob = outputs[output]!;
      if (store.verify(blob) !== 'intact')
        throw new Error(`${handleName(handle)} was damaged in the store: run again to rebuild it`);
      files.push({ type: type.id, path: store.blobPath(blob.digest), node: producer.name });
    }
    inputs[name] = arity === 'many' || arity === 'available' ? files : files[0];
  }
  return {
    node: node.name,
    params: node.params,
    inputs,
    outputs: outputFiles(node, out),
    scratch: join(scratch, 'work'),
    ...(pin === undefined ? {} : { pin }),
  };
}

export function outputDirectory(scratch: string, run: string): string {
  return join(scratch, `out-${run}`);
}

export function outputFiles(node: GraphNode, directory: string): Record<string, { type: string; path: string }> {
  return Object.fromEntries(
    Object.entries(node.stage.outputs).map(([output, type]) => [
      output,
      { type: type.id, path: join(directory, output + type.extension) },
    ]),
  );
}

/** Throws unless every declared output is there and no source file changed while the node ran. */
export function checkFiles(node: GraphNode, directory: string, scan: Scan): void {
  for (const [output, { path }] of Object.entries(outputFiles(node, directory))) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) throw new Error(`the stage returned without writing its output "${output}"`);
    if (!found.isFile()) throw new Error(`the stage left its output "${output}" as something other than a file`);
  }
  for (const { handles } of node.inputs) {
    for (const { node: producer } of handles) {
      if (producer.kind === 'source' && scan.hasChanged(producer.path)) {
        throw new Error(`${producer.path} changed while the node ran: the result is not recorded; run again`);
      }
    }
  }
}
