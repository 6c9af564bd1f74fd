import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { Session } from '../session-parts.ts';
import { makeDirectory, writeAtomically } from '../store/files.ts';
import { fingerprint, publishedBlob, publishedRecord, readPublished } from './publish.ts';

/**
 * Copies what the named nodes alone are published as, for a run that was about them only: to the directory of the
 * report while there is no report in it, and otherwise to `<directory>+parts`, since the files of a report belong
 * together. Returns the paths, written now or there already.
 */
export function publishPart(
  session: Session,
  named: ReadonlySet<GraphNode>,
  outcome: (node: GraphNode) => Outcome,
): string[] {
  const { publication, store, reportDirectory } = session;
  const record = publishedRecord(session);
  const files = { ...readPublished(record).files };
  const hasReport = existsSync(join(reportDirectory, 'lock.json'));
  const paths: string[] = [];
  for (const [path, handle] of Object.entries(publication.files)) {
    if (handle.node.kind === 'source' || !named.has(handle.node)) continue;
    // They are about the whole: what is made of some nodes is none of them.
    if (path === publication.report || path === publication.page) continue;
    const { claims } = publication;
    if (claims && claims.results.node === handle.node && claims.results.output === handle.output) continue;
    const blob = publishedBlob(handle, outcome);
    if (!blob) continue;
    const published = join(reportDirectory, path);
    const inPlace = files[path]?.digest === blob.digest && files[path].fingerprint === fingerprint(published);
    const target = inPlace || !hasReport ? published : join(`${reportDirectory}+parts`, path);
    paths.push(target);
    if (inPlace) continue;
    const bytes = store.read(blob);
    if (!bytes) throw new Error(`${path}: its artifact was damaged in the store: run again to rebuild it`);
    makeDirectory(dirname(target));
    writeAtomically(target, bytes);
    if (target === published) files[path] = { digest: blob.digest, fingerprint: fingerprint(target) };
  }
  if (paths.length > 0 && !store.readOnly) writeAtomically(record, canonicalJson({ files }) + '\n');
  return paths;
}
