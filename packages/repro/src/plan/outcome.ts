import type { BlobReference } from '../store/store.ts';

/** By output name, where its bytes are. */
export type Outputs = Readonly<Record<string, BlobReference>>;

/** What became of a node, as far as the nodes that need it are concerned. */
export type Outcome =
  | { readonly state: 'complete'; readonly outputs: Outputs }
  /** It could not run here: where an input is optional, its place stays empty. */
  | { readonly state: 'absent' }
  | { readonly state: 'failed' }
  /** Not known yet. */
  | { readonly state: 'open' };

export const absent: Outcome = { state: 'absent' };
export const failed: Outcome = { state: 'failed' };
export const open: Outcome = { state: 'open' };

export function complete(outputs: Outputs): Outcome {
  return { state: 'complete', outputs };
}

/** What the nodes that need it see of a node that was decided about and not run. */
export function outcomeOf(
  decision: { readonly state: string; readonly result?: { readonly outputs: Outputs } } | undefined,
): Outcome {
  return decision?.state === 'fresh' && decision.result ? complete(decision.result.outputs) : open;
}

/** The outputs of a node that is complete. */
export function outputsOf(outcome: Outcome): Outputs | undefined {
  return outcome.state === 'complete' ? outcome.outputs : undefined;
}
