import { lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { parseJson } from '../params/parse-json.ts';
import { firstError } from '../params/validate.ts';
import { makeDirectory } from '../store/files.ts';
import type { Store } from '../store/store.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { handleName } from '../plan/trace.ts';
import type { JobMessage } from './protocol.ts';

/** Where a job's files come from and go to. */
export interface Places {
  readonly store: Pick<Store, 'scratchDirectory' | 'verify' | 'blobPath'>;
  /** A verified, read-only copy of a source file of the project, by its path there. */
  readonly snapshot: (path: string) => string;
}

/**
 * The files a node is handed: verified inputs, which keep their suffix, fresh places for its outputs, and its scratch
 * directory. `run` names the run that asks: what another still writes, whose lease this one took over, must not end
 * among its outputs.
 */
export function prepareFiles(
  { node, key, pin }: { readonly node: GraphNode; readonly key: Key; readonly pin: string | undefined },
  run: string,
  { store, snapshot }: Places,
  outcome: (producer: GraphNode) => Outcome,
): JobMessage['nodes'][number] {
  const scratch = store.scratchDirectory(key);
  makeDirectory(join(scratch, 'work'));
  const [out, given] = [outputDirectory(scratch, run), join(scratch, `in-${run}`)];
  for (const directory of [out, given]) {
    rmSync(directory, { recursive: true, force: true });
    makeDirectory(directory);
  }

  const inputs: Record<string, unknown> = {};
  for (const { name, arity, handles } of node.inputs) {
    const isList = arity === 'many' || arity === 'available';
    const files: { type: string; path: string; node: string }[] = [];
    for (const handle of handles) {
      const { node: producer, output, type } = handle;
      const path = join(given, `${name}${isList ? `-${files.length}` : ''}${type.extension}`);
      if (producer.kind === 'source') {
        symlinkSync(snapshot(producer.path), path);
        files.push({ type: type.id, path, node: producer.path });
        continue;
      }
      const outputs = outputsOf(outcome(producer));
      if (!outputs) continue;
      const blob = outputs[output]!;
      if (store.verify(blob) !== 'intact')
        throw new Error(`${handleName(handle)} was damaged in the store: run again to rebuild it`);
      symlinkSync(store.blobPath(blob.digest), path);
      files.push({ type: type.id, path, node: producer.name });
    }
    inputs[name] = isList ? files : files[0];
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

/** Throws unless every declared output is there and is what its type declares. */
export function checkOutputs(node: GraphNode, directory: string): void {
  for (const [output, { path }] of Object.entries(outputFiles(node, directory))) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) throw new Error(`the stage returned without writing its output "${output}"`);
    if (!found.isFile()) throw new Error(`the stage left its output "${output}" as something other than a file`);
    const { id, schema } = node.stage.outputs[output]!;
    if (schema === undefined) continue;
    const value = parseJson(readFileSync(path, 'utf8'), `output "${output}"`);
    const error = firstError(schema, value);
    if (error !== undefined) throw new Error(`output "${output}" is not what ${id} declares: ${error}`);
  }
}
