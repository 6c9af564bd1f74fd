import { dirname, join } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { Session } from '../session.ts';
import { makeDirectory, writeAtomically } from '../store/files.ts';
import { fingerprint, publishedBlob, publishedRecord, readPublished } from './publish.ts';

/**
 * Copies what the named nodes alone are published as, for a run that was about them only. The report, the claims, the
 * lock and the provenance speak of a whole run and stay as they are. Returns the paths, written now or there already.
 */
export function publishPart(
  session: Session,
  named: ReadonlySet<GraphNode>,
  outcome: (node: GraphNode) => Outcome,
): string[] {
  const { publication, store, reportDirectory } = session;
  const record = publishedRecord(session);
  const files = { ...readPublished(record).files };
  const paths: string[] = [];
  for (const [path, handle] of Object.entries(publication.files)) {
    if (handle.node.kind === 'source' || !named.has(handle.node) || path === publication.report) continue;
    const { claims } = publication;
    if (claims && claims.results.node === handle.node && claims.results.output === handle.output) continue;
    const blob = publishedBlob(handle, outcome);
    if (!blob) continue;
    const target = join(reportDirectory, path);
    paths.push(target);
    if (files[path]?.digest === blob.digest && files[path].fingerprint === fingerprint(target)) continue;
    const bytes = store.read(blob);
    if (!bytes) throw new Error(`${path}: its artifact was damaged in the store: run again to rebuild it`);
    makeDirectory(dirname(target));
    writeAtomically(target, bytes);
    files[path] = { digest: blob.digest, fingerprint: fingerprint(target) };
  }
  if (paths.length > 0) writeAtomically(record, canonicalJson({ files }) + '\n');
  return paths;
}
