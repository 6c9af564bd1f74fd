import { canonicalJson } from '../graph/canonical-json.ts';
import type { EventListener } from '../events.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { ScanContext } from '../plan/scan.ts';
import type { Outputs } from '../plan/outcome.ts';
import { handleName, makeTrace } from '../plan/trace.ts';
import type { BuildFacts } from '../plan/trace.ts';
import type { ActionResult, BlobReference, Store } from '../store/store.ts';
import { fileDigest } from '../store/files.ts';
import { checkOutputs, otherFiles, outputFiles } from './node-files.ts';
import { isSameOutput } from './same-bytes.ts';
import type { Snapshots } from './snapshots.ts';

/**
 * Takes the outputs of a node that ran, in `directory`, into the store and records its result. Throws if an output is
 * missing or not what its type declares, or if an input changed while it was read.
 * `recorded`: of a node whose bytes are elsewhere, what they are; others are refused. If the key already had a result with other bytes, that is told, and the first result stays: the same key promised
 * the same bytes.
 */
export function recordResult(
  facts: BuildFacts & { readonly node: GraphNode },
  directory: string,
  context: ScanContext & { readonly emit: EventListener; readonly snapshots?: Pick<Snapshots, 'isChanged'> },
  recorded?: Outputs,
): ActionResult {
  const { store } = context;
  const { node, key } = facts;
  refuseChangedInputs(facts, context);
  checkOutputs(node, directory);

  for (const [output, { path }] of Object.entries(recorded ? outputFiles(node, directory) : {})) {
    const { level } = node.stage.outputs[output]!.determinism;
    const expected = recorded![output]?.digest;
    const found = level === 'bytes' && expected !== undefined ? fileDigest(path) : expected;
    if (found !== expected)
      throw new Error(
        `not deterministic: "${output}" was recorded as ${expected!.slice(0, 12)} and came out as ${found!.slice(0, 12)}: ` +
          'the record is kept; remove it with --force, or find what the stage depends on',
      );
  }
  const earlier = store.readResult(key);
  const named = context.byName.read(node.name);
  const outputs: Record<string, BlobReference> = {};
  const differing: string[] = [];
  const unlikeLost: string[] = [];
  for (const [output, { path }] of Object.entries(outputFiles(node, directory))) {
    const before = earlier?.outputs[output];
    if (before && store.verify(before) === 'intact') {
      if (!isSameOutput(node.stage.outputs[output]!.determinism, path, store.blobPath(before.digest)))
        differing.push(output);
      outputs[output] = before;
      continue;
    }
    const made = (outputs[output] = store.ingest(path));
    const lost = named?.key === key && named.state === 'done' ? named.outputs?.[output] : undefined;
    // The digest of what was lost is believed only where two records agree on it: one of them may be what is damaged.
    const known = lost && (!before || before.digest === lost.digest);
    if (known && node.stage.outputs[output]!.determinism.level === 'bytes' && made.digest !== lost.digest)
      unlikeLost.push(output);
  }
  if (differing.length) {
    context.emit({
      type: 'warning',
      message: `${node.name}: not deterministic: built again under the same key, ${differing.join(' and ')} came out with other bytes (the first result is kept)`,
    });
  }
  if (unlikeLost.length) {
    context.emit({
      type: 'warning',
      message: `${node.name}: not deterministic: its lost result was built again, and ${unlikeLost.join(' and ')} came out with other bytes`,
    });
  }
  noteOtherFiles(node, directory, context.emit);
  const trace = store.write(canonicalJson(makeTrace(node, { ...facts, outputs })));
  const result = { outputs, trace };
  const extensions = Object.fromEntries(
    Object.entries(node.stage.outputs).map(([output, { extension }]) => [output, extension]),
  );
  store.record(key, extensions, result);
  return result;
}

const noted = new WeakSet<GraphNode['stage']>();

/** Said once for each stage: a file that no output declares is gone when the node is done. */
function noteOtherFiles({ name, stage }: GraphNode, directory: string, emit: EventListener): void {
  if (!stage.command || noted.has(stage)) return;
  const [first, ...more] = otherFiles(stage, directory).sort();
  if (first === undefined) return;
  noted.add(stage);
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  emit({
    type: 'warning',
    message: `${name}: it wrote ${first}${others}, which is none of its outputs and was not kept: declare it in outputs`,
  });
}

/**
 * Inputs are read-only files, which stops neither root nor a program that changes modes: what ran meanwhile read something
 * else than its key says.
 */
function refuseChangedInputs(
  { node, inputs }: BuildFacts & { readonly node: GraphNode },
  { store, snapshots }: { readonly store: Store; readonly snapshots?: Pick<Snapshots, 'isChanged'> },
): void {
  for (const { name, handles } of node.inputs) {
    const digests = [inputs[name] ?? []].flat();
    for (const [i, handle] of handles.entries()) {
      const digest = digests[i];
      if (!digest) continue;
      const isSource = handle.node.kind === 'source';
      if (isSource ? snapshots?.isChanged(digest) : !store.holds(digest))
        throw new Error(
          `its input ${handleName(handle)} changed while it ran: a stage may only read its inputs: find the one that writes, and run again`,
        );
    }
  }
}
