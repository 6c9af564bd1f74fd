/** Takes in a result that was made elsewhere, so that a long computation is not repeated. */
import { cpSync, existsSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { checkOutputs, outputFiles, parquetOutput } from '../execute/node-files.ts';
import { checkParquet } from '../execute/check-parquet.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Decision } from '../plan/scan.ts';
import { makeTrace } from '../plan/trace.ts';
import type { Trace } from '../plan/trace.ts';
import type { Session } from '../session-parts.ts';
import { fileDigest, makeDirectory, statOrUndefined } from '../store/files.ts';
import type { BlobReference } from '../store/store.ts';

/** What is taken in: the path of each output, and where they were made. */
export interface Adoption {
  readonly node: GraphNode;
  readonly decision: Decision;
  /** Output -> path. */
  readonly files: Readonly<Record<string, string>>;
  /** In the user's words: "run of 3 May on the cluster, commit 1a2b3c". */
  readonly origin: string;
}

/**
 * Records files as the result of a node, under the key that it has now. They are copied, and checked as if the stage had
 * written them; the trace says where they come from. Throws an InputError where the key is not known yet, the node has a
 * result, an output is not given or there is no file.
 */
export async function adopt(session: Session, { node, decision, files, origin }: Adoption): Promise<void> {
  const { store, byName, code, numericClass } = session;
  if (decision.state === 'fresh')
    throw new InputError(`${node.name}: it has a result already: nothing is to be taken in`);
  if (decision.state === 'pending')
    throw new InputError(
      `${node.name}: what it is made from is not complete, so its key is not known: run or adopt that first (${decision.reasons.flatMap(({ details }) => details).join(', ')})`,
    );
  const outputs = Object.keys(node.stage.outputs);
  for (const name of Object.keys(files))
    if (!outputs.includes(name))
      throw new InputError(`--output ${name}: ${node.name} has no such output: expected ${outputs.join(', ')}`);
  for (const name of outputs)
    if (!Object.hasOwn(files, name))
      throw new InputError(`${node.name}: --output ${name}=PATH is missing: expected all of ${outputs.join(', ')}`);

  const staging = join(store.directory, 'tmp', `import-${process.pid}-${Date.now().toString(16).slice(-8)}`);
  makeDirectory(staging);
  try {
    for (const [name, path] of Object.entries(files)) {
      const { isFolder, extension } = node.stage.outputs[name]!;
      const stats = statOrUndefined(resolve(path));
      if (!stats || stats.isDirectory() !== (isFolder ?? false))
        throw new InputError(
          `--output ${name}=${path}: ${stats ? (isFolder ? 'it is a file' : 'it is a directory') : 'no such file'}: expected a ${isFolder ? 'folder' : 'file'}`,
        );
      // What a link leads to, and not the link.
      cpSync(realpathSync(resolve(path)), join(staging, isFolder ? name : name + extension), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
    const placed = outputFiles(node, staging);
    // A file of the web is what its digest says, wherever it comes from.
    const pinned = node.stage.code?.protocol === 'repro:' ? node.params['sha256'] : undefined;
    const found = pinned === undefined ? undefined : fileDigest(placed[outputs[0]!]!.path);
    if (found !== pinned) throw new InputError(`${node.name}: sha256 ${found!}: expected ${String(pinned)}`);
    try {
      checkOutputs(node, staging);
      await checkParquet(
        outputs.flatMap((output) => {
          const { columns, extension, id } = node.stage.outputs[output]!;
          return columns && extension === '.parquet' ? [parquetOutput(output, id, placed[output]!.path, columns)] : [];
        }),
      );
    } catch (error) {
      throw new InputError(`${node.name}: ${(error as Error).message}`);
    }
    const stored: Record<string, BlobReference> = {};
    for (const output of outputs) stored[output] = store.ingest(placed[output]!.path);
    const { key, inputs } = decision;
    const facts = {
      key,
      code: code.get(node.stage)!,
      numericClass: numericClass(node),
      inputs,
      outputs: stored,
      seconds: 0,
    };
    const trace: Trace = { ...makeTrace(node, facts), adopted: { origin, at: new Date().toISOString() } };
    const result = { outputs: stored, trace: store.write(canonicalJson(trace)) };
    const extensions = outputs.map((output) => [output, node.stage.outputs[output]!.extension]);
    store.record(key, Object.fromEntries(extensions) as Record<string, string>, result);
    byName.write({ node: node.name, key, state: 'done', ...result });
    byName.save();
  } finally {
    if (existsSync(staging)) rmSync(staging, { recursive: true, force: true });
  }
}
