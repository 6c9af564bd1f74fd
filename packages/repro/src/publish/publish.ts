import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { sha256 } from '../graph/digest.ts';
import type { GraphNode, Handle } from '../graph/graph.ts';
import type { Places, PlannedSet, Session } from '../session-parts.ts';
import { withSection } from '../page/provenance-slot.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { makeDirectory, statOrUndefined, writeAtomically, readText } from '../store/files.ts';
import type { BlobReference } from '../store/store.ts';
import { isObject } from '../is-object.ts';
import { isDigest, isRecordOf, isString, parseJsonText } from '../store/records.ts';
import { codeState, uncommittedWords } from './git.ts';
import type { CodeState } from './git.ts';
import { isPathBelow, lockText, parseLock } from './lock.ts';
import { environmentOutput, isEnvironment, provenanceMarkdown } from './provenance.ts';
import type { Provenance } from './provenance.ts';
import { provenanceHtml, stagesNeeded } from './provenance-page.ts';
import { setsIndexPath, writeSetsIndex } from './sets-index.ts';
import { reportWith, sealProvenance } from './sealed.ts';
import { statementName } from './statement.ts';

/** What the engine remembers of the files it published, so that a run that changes nothing writes nothing. */
interface PublishedFiles {
  /** Path -> digest of the artifact and what the file looked like when written. */
  readonly files: Readonly<Record<string, Remembered>>;
}

interface Remembered {
  readonly digest: string;
  readonly fingerprint: string;
}

export interface PublishResult {
  readonly directory: string;
  readonly files: number;
  /** Why it is not the report's own directory. */
  readonly because?: string;
}

export interface Publishing {
  readonly outcome: (node: GraphNode) => Outcome;
  readonly key: (node: GraphNode) => string | undefined;
  readonly provenance: (code: CodeState) => Provenance;
}

const provenanceName = 'provenance.json';

/**
 * Copies the published artifacts to `reports/<set>/` with lock.json and provenance.json, and the provenance at the
 * end of the report. A report that is in git is replaced only from code that is in git too: from other code the result
 * goes to `reports/<set>+uncommitted/`. Returns undefined if not all artifacts are complete, or if they are there already.
 */
export async function publish(session: Session, publishing: Publishing): Promise<PublishResult | undefined> {
  const { publication, store } = session;
  const { outcome, key } = publishing;
  const artifacts = new Map<string, BlobReference>();
  const sources: [string, { node: GraphNode; output: string }][] = [];
  for (const [path, { node, output }] of Object.entries(publication.files)) {
    const blob = publishedBlob({ node, output }, outcome);
    if (blob && node.kind === 'node') {
      artifacts.set(path, blob);
      sources.push([path, { node, output }]);
    } else if (node.kind === 'source' || outcome(node).state !== 'absent') return undefined;
  }
  const lock = lockText(session.graph, outcome, key, {
    read: (blob) => store.read(blob),
    pinOf: session.pinOf,
    published: sources,
  });
  const record = publishedRecord(session);
  const known = isInPlace(session.reportDirectory, readPublished(record), artifacts, lock);
  // What was made of uncommitted code is published again once that is committed, so that it says so.
  if (known === 'in place') {
    if (!existsSync(setsIndexPath(session))) await writeSetsIndex(session);
    return undefined;
  }
  const code = await codeState(session);
  if (known === 'uncommitted' && code.uncommitted) return undefined;

  const besides = code.uncommitted && code.reportTracked;
  const directory = besides ? `${session.reportDirectory}+uncommitted` : session.reportDirectory;
  const memory = besides ? `${record.slice(0, -'.json'.length)}-uncommitted.json` : record;
  if (besides && isInPlace(directory, readPublished(memory), artifacts, lock) !== undefined) return undefined;
  writeReport(session, directory, memory, artifacts, lock, publishing.provenance(code));
  if (!besides) await writeSetsIndex(session);
  const because = 'the report is in git, and the code has uncommitted changes: commit, and run again';
  return { directory, files: artifacts.size, ...(besides && { because }) };
}

function writeReport(
  { publication, store, graph }: PlannedSet & Places,
  directory: string,
  memory: string,
  artifacts: ReadonlyMap<string, BlobReference>,
  lock: string,
  facts: Provenance,
): void {
  const section = publication.report === undefined ? null : provenanceMarkdown(facts);
  const page =
    publication.page === undefined
      ? undefined
      : {
          path: publication.page,
          section: provenanceHtml(facts, parseLock(lock)!, stagesNeeded(graph), publication.page),
        };
  const leftovers = [...Object.keys(readPublished(memory).files), ...filesOfLock(join(directory, 'lock.json'))];
  const asPublished = (path: string, bytes: Uint8Array): Uint8Array | string => {
    const text = (): string => Buffer.from(bytes).toString('utf8');
    if (path === publication.report && section !== null) return reportWith(text(), section);
    if (path !== page?.path) return bytes;
    const filled = withSection(text(), page.section);
    if (filled === undefined)
      throw new InputError(
        `${path}: it is the page of the publication: expected one place for the provenance, as renderPage makes it`,
      );
    return filled;
  };
  const files: Record<string, Remembered> = {};
  // A file that is to become a folder, or the other way round, is in the way.
  removeLeftovers(directory, leftovers.filter(inTheWay([...artifacts.keys()])), artifacts);
  for (const [path, blob] of artifacts) {
    const target = join(directory, path);
    makeDirectory(dirname(target));
    const bytes = store.read(blob);
    if (!bytes) throw new Error(`${path}: its artifact was damaged in the store: run again to rebuild it`);
    writeAtomically(target, asPublished(path, bytes));
    files[path] = { digest: blob.digest, fingerprint: fingerprint(target) };
  }
  removeLeftovers(directory, leftovers, artifacts);
  // It is about the report before.
  rmSync(join(directory, statementName), { force: true });
  const provenancePath = join(directory, provenanceName);
  const provenance = `${JSON.stringify(sealProvenance(facts, lock, section, page), null, 2)}\n`;
  writeAtomically(provenancePath, provenance);
  files[provenanceName] = { digest: sha256(provenance), fingerprint: fingerprint(provenancePath) };
  if (!store.readOnly) writeAtomically(memory, canonicalJson({ files }) + '\n');
  // Last: while the lock is the old one, a run that was killed here is not taken to have published.
  writeAtomically(join(directory, 'lock.json'), lock);
}

/** Whether a directory holds this publication, as written and untouched since, and if so whether of uncommitted code. */
function isInPlace(
  directory: string,
  { files }: PublishedFiles,
  artifacts: ReadonlyMap<string, BlobReference>,
  lock: string,
): 'in place' | 'uncommitted' | undefined {
  const untouched = Object.entries(files).every(
    ([path, known]) => known.fingerprint === fingerprint(join(directory, path)),
  );
  const same = [...artifacts].every(([path, { digest }]) => files[path]?.digest === digest);
  const complete = Object.hasOwn(files, provenanceName) && Object.keys(files).length === artifacts.size + 1;
  const lockPath = join(directory, 'lock.json');
  if (!untouched || !same || !complete || !existsSync(lockPath) || readText(lockPath) !== lock) return undefined;
  const { commit } = (parseJsonText(readText(join(directory, provenanceName))) ?? {}) as {
    commit?: unknown;
  };
  return typeof commit === 'string' && commit.includes(uncommittedWords) ? 'uncommitted' : 'in place';
}

/** What the lock of an earlier publication names, so that leftovers of another clone's run are found too. */
function filesOfLock(path: string): string[] {
  return existsSync(path) ? Object.keys(parseLock(readText(path))?.published ?? {}) : [];
}

/**
 * The outputs of a node whose bytes a run needs to publish. A run of some nodes publishes only theirs; one of all that is
 * published writes the provenance, too, which describes the environments.
 */
export function outputsToPublish(
  { publication }: Pick<PlannedSet, 'publication'>,
  selected: ReadonlySet<GraphNode>,
): (node: GraphNode) => readonly string[] {
  const outputs = new Map<GraphNode, string[]>();
  for (const { node, output } of Object.values(publication.files)) {
    if (node.kind === 'source' || !selected.has(node)) continue;
    if (!outputs.has(node)) outputs.set(node, []);
    outputs.get(node)!.push(output);
  }
  const all = Object.values(publication.files).every(({ node }) => node.kind === 'node' && selected.has(node));
  for (const node of all ? selected : []) if (isEnvironment(node)) outputs.set(node, [environmentOutput]);
  return (node) => outputs.get(node) ?? [];
}

/** Where it is remembered what was published of a set. */
export function publishedRecord({ byName }: Places): string {
  return join(byName.directory, 'published.json');
}

export function publishedBlob(
  handle: Pick<Handle, 'node' | 'output'>,
  outcome: (node: GraphNode) => Outcome,
): BlobReference | undefined {
  if (handle.node.kind === 'source') return undefined;
  return outputsOf(outcome(handle.node))?.[handle.output];
}

/** Files of an earlier publication that this one no longer has; nothing that the engine did not write. */
function removeLeftovers(directory: string, paths: readonly string[], artifacts: ReadonlyMap<string, unknown>): void {
  for (const path of paths) {
    if (artifacts.has(path) || path === provenanceName || !isPathBelow(path)) continue;
    const target = join(directory, path);
    const stats = statOrUndefined(target);
    // What became a folder is none of the files before, and neither is what lies in it.
    if (stats?.isDirectory()) continue;
    if (stats) rmSync(target, { force: true });
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      const folder = join(directory, parent);
      if (statOrUndefined(folder)?.isDirectory() && readdirSync(folder).length === 0) rmdirSync(folder);
    }
  }
}

/** Whether a path is that of a folder of one of these, or lies in one. */
function inTheWay(paths: readonly string[]): (path: string) => boolean {
  const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
  return (path) => paths.some((each) => isBelow(each, path) || isBelow(path, each));
}

/** What is remembered of a publication; nothing where that cannot be read. */
export function readPublished(path: string): PublishedFiles {
  const value = existsSync(path) ? parseJsonText(readText(path)) : undefined;
  return isObject(value) && isRecordOf(isRemembered, value['files']) ? { files: value['files'] } : { files: {} };
}

function isRemembered(value: unknown): value is Remembered {
  return isObject(value) && isDigest(value['digest']) && isString(value['fingerprint']);
}

export function fingerprint(path: string): string {
  const stats = statOrUndefined(path);
  return stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'absent';
}
