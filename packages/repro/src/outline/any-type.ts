import type { ArtifactType } from '../graph/artifact.ts';
import type { Handle } from '../graph/graph.ts';

/** A JSON document or table of whatever type: what claims and figures are made of. */
export const anyJson: ArtifactType = { id: 'any-json', extension: '.json', determinism: { level: 'bytes' } };
export const anyTable: ArtifactType = { id: 'any-table', extension: '.csv', determinism: { level: 'bytes' } };

/** A handle as an input that takes artifacts of whatever type. */
export function as(handle: Handle, type: ArtifactType): Handle {
  return { ...handle, type };
}
