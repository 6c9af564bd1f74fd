import { Type } from '@sinclair/typebox';
import { isHandle } from '../graph/declared.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';
import type { Stage } from '../graph/stage.ts';

const Params = Type.Object({ path: Type.String() });

type CopySource = Stage<typeof Params, { source: ArtifactType }, { copy: ArtifactType }>;

/** One stage for each type of artifact, all of one name. */
const stages = new Map<string, CopySource>();

/**
 * What is published, with a node in place of each source: a report names the node that made each of its files, and its
 * bytes are those that were verified. For example, `{ 'points.csv': source('data/points.csv', Points) }`.
 */
export function withoutSources(files: Readonly<Record<string, Handle>>): Readonly<Record<string, Handle>> {
  return Object.fromEntries(Object.entries(files).map(([path, handle]) => [path, madeByNode(handle)]));
}

function madeByNode(handle: Handle): Handle {
  // What is no handle is refused where publications are checked.
  if (!isHandle(handle) || handle.node.kind !== 'source') return handle;
  const { type, node } = handle;
  let stage = stages.get(type.id);
  if (!stage) {
    stage = defineStage({
      name: 'publish-source',
      variant: type.id,
      code: new URL('repro:outline/run/copy.ts'),
      summary: 'A source that is published, as it is',
      params: Params,
      labels: ['path'],
      inputs: { source: type },
      outputs: { copy: type },
    });
    stages.set(type.id, stage);
  }
  return stage({ path: node.path }, { source: handle }).copy;
}
