import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphNode } from '../graph/graph.ts';
import { Scan, planSettled } from '../plan/scan.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { sha256 } from '../graph/digest.ts';
import { splitSection } from '../page/provenance-slot.ts';
import { withInputs } from '../select.ts';
import type { Places, PlannedSet, Session } from '../session-parts.ts';
import { InputError } from '../errors.ts';
import { reportWith } from '../publish/sealed.ts';
import { readJsonBlob } from '../store/store.ts';
import { judgeGate } from './gate.ts';
import type { GateResult } from './gate.ts';
import type { ClaimResults } from './claim.ts';
import type { ValueOf } from '../graph/artifact.ts';

/** Whether the claims hold, or why the report says nothing about them yet. */
export type Verification = Judged | { readonly current: false; readonly message: string };
interface Judged {
  readonly current: true;
  readonly gate: GateResult;
}

/** Judges the claims by the stored results, if the report is what these results make and they are what the inputs make. */
export function verify(session: Session, strict: boolean): Verification {
  const { publication, graph, store } = session;
  const { claims } = publication;
  if (!claims) throw new InputError(`${session.pipeline.name} makes no claims: there is nothing to verify`);

  const { decisions, outcome } = planSettled(graph, new Scan(session));
  const handles = [...Object.values(publication.files), claims.results];
  const needed = withInputs(handles.flatMap(({ node }) => (node.kind === 'node' ? [node] : [])));
  const open = [...needed].filter((node) => outcome(node).state === 'open').sort((a, b) => a.index - b.index);
  if (open.length > 0) {
    const first = open.find((node) => decisions[node.index]!.state !== 'pending') ?? open[0]!;
    const { state, reasons } = decisions[first.index]!;
    const why = reasons
      .map(({ kind, details }) => (details.length === 1 ? `${kind}: ${details[0]!}` : kind))
      .join(', ');
    return {
      current: false,
      message: `the report is older than its inputs, or was not made in this store: run first: ${first.name} is ${state} (${why})${open.length > 1 ? `, and ${open.length - 1} more` : ''}`,
    };
  }
  const unpublished = outdatedFile(session, outcome);
  if (unpublished !== undefined) {
    const besides = `${session.reportDirectory}+uncommitted`;
    // A run publishes there as long as the report is in git and the code is not: to run again would change nothing.
    const advice = existsSync(besides)
      ? `run first, or, if that published to ${besides}, commit the code and run again`
      : 'run first';
    return { current: false, message: `${unpublished}: ${advice}` };
  }

  const outputs = outputsOf(outcome(claims.results.node as GraphNode));
  if (outputs === undefined)
    return {
      current: false,
      message: `${(claims.results.node as GraphNode).name} could not run here: no claim was judged`,
    };
  const results = readJsonBlob(store, outputs[claims.results.output]!);
  if (results === undefined)
    return { current: false, message: 'the judged claims were damaged in the store: run first' };
  return {
    current: true,
    gate: judgeGate(results as ValueOf<typeof ClaimResults>, claims.decides, claims.acknowledged, strict),
  };
}

/** A page as its stage wrote it. */
function withoutSection(published: Uint8Array): Uint8Array | string {
  return splitSection(Buffer.from(published).toString('utf8'))?.page ?? published;
}

/** What is wrong with the first published file that is not, to the byte, what the store holds. */
function outdatedFile(
  { publication, reportDirectory, store }: PlannedSet & Places,
  outcome: (node: GraphNode) => Outcome,
): string | undefined {
  for (const [path, { node, output }] of Object.entries(publication.files)) {
    const outputs = node.kind === 'node' ? outputsOf(outcome(node)) : undefined;
    if (outputs === undefined) continue;
    const target = join(reportDirectory, path);
    const { digest } = outputs[output]!;
    let published: Uint8Array;
    try {
      published = readFileSync(target);
    } catch {
      return `${target} is missing`;
    }
    if (path === publication.report) {
      // The engine has added the provenance to its end.
      const text = store.read(outputs[output]!);
      const start = text && reportWith(Buffer.from(text).toString('utf8'), '');
      if (start === undefined || !Buffer.from(published).toString('utf8').startsWith(start))
        return `${target} is not the report of these results`;
    } else if (sha256(path === publication.page ? withoutSection(published) : published) !== digest)
      return `${target} is not what was published`;
  }
  return undefined;
}
