import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode, Handle } from '../graph/graph.ts';
import type { Session } from '../session.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { makeDirectory, statOrUndefined, writeAtomically } from '../store/files.ts';
import type { BlobReference } from '../store/store.ts';
import { lockText } from './lock.ts';
import { provenanceMarkdown } from './provenance.ts';
import type { Provenance } from './provenance.ts';

/** What the engine remembers of the files it published, so that a run that changes nothing writes nothing. */
interface PublishedFiles {
  /** Path -> digest of the artifact and what the file looked like when written. */
  readonly files: Readonly<Record<string, { readonly digest: string; readonly fingerprint: string }>>;
}

export interface PublishResult {
  readonly directory: string;
  readonly files: number;
}

/**
 * Copies the published artifacts to `reports/<set>/` with lock.json and provenance.json, and the provenance at the
 * end of the report. Returns undefined if not all of them are complete, or if they are there already.
 */
export async function publish(
  session: Session,
  outcome: (node: GraphNode) => Outcome,
  key: (node: GraphNode) => string | undefined,
  provenance: () => Promise<Provenance>,
): Promise<PublishResult | undefined> {
  const { publication, store, reportDirectory } = session;
  const artifacts = new Map<string, BlobReference>();
  for (const [path, handle] of Object.entries(publication.files)) {
    const blob = publishedBlob(handle, outcome);
    if (blob) artifacts.set(path, blob);
    else if (handle.node.kind === 'source' || outcome(handle.node).state !== 'absent') return undefined;
  }
  const memory = publishedRecord(session);
  const published = readPublished(memory);
  const lock = lockText(session.graph, outcome, key, { read: (blob) => store.read(blob), pinOf: session.pinOf });
  const lockPath = join(reportDirectory, 'lock.json');
  const inPlace =
    [...artifacts].every(([path, { digest }]) => {
      const known = published.files[path];
      return known?.digest === digest && known.fingerprint === fingerprint(join(reportDirectory, path));
    }) &&
    Object.keys(published.files).every((path) => artifacts.has(path)) &&
    existsSync(join(reportDirectory, 'provenance.json')) &&
    existsSync(lockPath) &&
    readFileSync(lockPath, 'utf8') === lock;
  if (inPlace) return undefined;

  const facts = await provenance();
  const files: Record<string, { digest: string; fingerprint: string }> = {};
  for (const [path, blob] of artifacts) {
    const target = join(reportDirectory, path);
    makeDirectory(dirname(target));
    const bytes = store.read(blob);
    if (!bytes) throw new Error(`${path}: its artifact was damaged in the store: run again to rebuild it`);
    const content =
      path === publication.report
        ? Buffer.from(bytes).toString('utf8').trimEnd() + '\n\n' + provenanceMarkdown(facts)
        : bytes;
    writeAtomically(target, content);
    files[path] = { digest: blob.digest, fingerprint: fingerprint(target) };
  }
  removeLeftovers(reportDirectory, published, artifacts);
  writeAtomically(join(reportDirectory, 'provenance.json'), JSON.stringify(facts, null, 2) + '\n');
  if (!store.readOnly) writeAtomically(memory, canonicalJson({ files }) + '\n');
  // Last: while the lock is the old one, a run that was killed here is not taken to have published.
  writeAtomically(lockPath, lock);
  return { directory: reportDirectory, files: artifacts.size };
}

/** Where it is remembered what was published of a set. */
export function publishedRecord({ byName }: Session): string {
  return join(byName.directory, 'published.json');
}

export function publishedBlob(handle: Handle, outcome: (node: GraphNode) => Outcome): BlobReference | undefined {
  if (handle.node.kind === 'source') return undefined;
  return outputsOf(outcome(handle.node))?.[handle.output];
}

/** Files of an earlier publication that this one no longer has; nothing that the engine did not write. */
function removeLeftovers(directory: string, published: PublishedFiles, artifacts: ReadonlyMap<string, unknown>): void {
  for (const path of Object.keys(published.files)) {
    if (artifacts.has(path)) continue;
    const target = join(directory, path);
    if (!relative(directory, target).startsWith('..')) rmSync(target, { force: true });
    const parent = dirname(target);
    if (existsSync(parent) && readdirSync(parent).length === 0) rmSync(parent, { recursive: true });
  }
}

export function readPublished(path: string): PublishedFiles {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PublishedFiles;
  } catch {
    return { files: {} };
  }
}

export function fingerprint(path: string): string {
  const stats = statOrUndefined(path);
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'absent';
}
