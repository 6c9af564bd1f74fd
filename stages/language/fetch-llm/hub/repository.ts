import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { NotRun } from 'repro/runtime';
import { HubError, Interruption } from './errors.ts';
import { Patience } from './patience.ts';
import { attempt } from './request.ts';
import type { Hub } from './request.ts';
import { saveListing, savedListing } from './saved-listings.ts';

export interface RepositoryRequest {
  readonly kind: 'model' | 'dataset';
  readonly repository: string;
  readonly revision: string;
  /** Lists only files below it; empty for all. */
  readonly folder: string;
}

/** Answers of the hub's interface are lists of files: a few megabytes for the largest repositories. */
const longestAnswer = 64 * 2 ** 20;

/**
 * The commit a revision stands for now, and its files, all of them: the hub's answer is kept in its cache. Without
 * network, the answer kept there; throws NotRun if there is none.
 */
export async function resolveRepository(hub: Hub, request: RepositoryRequest): Promise<HubRepositoryContent> {
  const { cache } = hub.settings;
  try {
    const listing = await askHub(hub, request);
    await saveListing(cache, listing);
    return listing;
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
    const saved = savedListing(cache, request);
    if (saved) return saved;
    throw new NotRun(
      `${error.message}; no complete listing of ${request.repository}${request.folder && `/${request.folder}`} at ${request.revision} is in the cache`,
    );
  }
}

async function askHub(
  hub: Hub,
  { kind, repository, revision, folder }: RepositoryRequest,
): Promise<HubRepositoryContent> {
  const what = `${repository} at ${revision}`;
  const common = { hubUrl: hub.settings.endpoint, fetch: patientFetch(hub, what) };
  const info = await (kind === 'model'
    ? modelInfo({ name: repository, revision, additionalFields: ['sha'], ...common })
    : datasetInfo({ name: repository, revision, additionalFields: ['sha'], ...common }));
  const commit: unknown = info.sha;
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit))
    throw new HubError(`${what}: the hub says commit ${JSON.stringify(commit)}: expected 40 hexadecimal digits`);
  const files: HubFile[] = [];
  for await (const entry of listFiles({
    repo: { type: kind, name: repository },
    recursive: true,
    revision: commit,
    ...(folder ? { path: folder } : {}),
    ...common,
  })) {
    if (entry.type === 'file') files.push(checkedFile(what, entry));
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kind, repository, commit, folder, files };
}

function checkedFile(
  what: string,
  { path, size, oid, lfs }: { path: string; size: number; oid?: string; lfs?: { oid: string } },
): HubFile {
  const sha256 = lfs?.oid.replace(/^sha256:/, '') ?? null;
  const isPlain =
    typeof path === 'string' &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
    !/\\|\p{Cc}/u.test(path);
  const isWhole =
    isPlain &&
    Number.isSafeInteger(size) &&
    size >= 0 &&
    /^[0-9a-f]{40}$/.test(oid ?? '') &&
    (sha256 === null || /^[0-9a-f]{64}$/.test(sha256));
  if (!isWhole)
    throw new HubError(
      `${what}: the hub lists ${JSON.stringify({ path, size, oid, lfs }).slice(0, 200)}: expected a path within the repository, a size and digests`,
    );
  return { path, size, sha256, gitOid: oid! };
}

/** A `fetch` for the hub's library that waits and tries again, and reads the whole answer before it returns. */
function patientFetch(hub: Hub, what: string): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const patience = new Patience(hub.settings, hub.signal);
    for (;;) {
      try {
        const { response, body } = await attempt(hub, what, url, { accept: 'application/json' });
        const chunks: Uint8Array[] = [];
        let length = 0;
        for await (const chunk of body) {
          chunks.push(chunk);
          length += chunk.length;
          if (length > longestAnswer)
            throw new HubError(`${what}: the hub answers with more than ${longestAnswer} bytes`);
        }
        return jsonResponse(what, Buffer.concat(chunks), response);
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        await patience.wait(what, error);
      }
    }
  };
}

function jsonResponse(what: string, bytes: Uint8Array, { status, headers }: Response): Response {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new HubError(
      `${what}: the hub's answer is not JSON: ${JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 60)))}`,
    );
  }
  return new Response(Uint8Array.from(bytes), {
    status,
    headers: { 'content-type': 'application/json', ...(headers.has('link') ? { link: headers.get('link')! } : {}) },
  });
}
