import type { Digest } from '../graph/digest.ts';

export interface BlobReference {
  readonly digest: Digest;
  readonly size: number;
}

/** A recorded result: where its outputs lie, by output name, and the trace of how they were made. */
export interface ActionResult {
  readonly outputs: Readonly<Record<string, BlobReference>>;
  readonly trace: BlobReference;
}
