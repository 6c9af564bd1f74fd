import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { NotRun } from 'repro/runtime';
import { quoted } from '../../../../numerics/foreign/quoted.ts';
import { openJson } from '../../../../numerics/foreign/json-service.ts';
import type { HubRepositoryContent } from '../../../toy/artifacts.ts';
import { HubError, Interruption, NotGiven } from './errors.ts';
import { Patience } from './patience.ts';
import { attempt } from './request.ts';
import type { Hub } from './request.ts';
import { saveListing, savedListing } from './saved-listings.ts';
import { checkFiles, checkRepository, checkRevision, isCommit, isPlainPath } from './validate.ts';

export interface RepositoryRequest {
  readonly kind: 'model' | 'dataset';
  readonly repository: string;
  readonly revision: string;
  /** Lists only files below it; empty for all. */
  readonly folder: string;
}

/** An answer of the hub's interface lists at most a thousand files, in less than a megabyte. */
const longestAnswer = 8 * 2 ** 20;
/** The largest data sets have some ten thousand files. */
const mostAnswers = 500;

/**
 * The commit a revision stands for now, and its files, all of them: the hub's answer is kept in its cache. Without
 * network, the answer kept there; throws NotRun if there is none.
 */
export async function resolveRepository(hub: Hub, request: RepositoryRequest): Promise<HubRepositoryContent> {
  const { cache } = hub.settings;
  const { repository, revision, folder } = request;
  checkRepository(repository);
  checkRevision(repository, revision);
  if (folder !== '' && !isPlainPath(folder))
    throw new HubError(`${repository}: folder ${quoted(folder)}: expected a path within the repository`);
  try {
    const listing = await askHub(hub, request);
    await saveListing(cache, listing);
    return listing;
  } catch (error) {
    if (!(error instanceof NotRun) || error instanceof NotGiven) throw error;
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
  const json = openJson({ name: what, advice: 'is there something in between that answers for the hub?' });
  try {
    const common = { hubUrl: hub.settings.endpoint, fetch: patientFetch(hub, what, (bytes) => json.ask(bytes)) };
    const info = await (kind === 'model'
      ? modelInfo({ name: repository, revision, additionalFields: ['sha'], ...common })
      : datasetInfo({ name: repository, revision, additionalFields: ['sha'], ...common }));
    const commit: unknown = info.sha;
    if (!isCommit(commit))
      throw new HubError(`${what}: the hub says commit ${quoted(String(commit))}: expected 40 hexadecimal digits`);
    const files: unknown[] = [];
    for await (const entry of listFiles({
      repo: { type: kind, name: repository },
      recursive: true,
      revision: commit,
      ...(folder ? { path: folder } : {}),
      ...common,
    })) {
      if (entry.type !== 'file') continue;
      const { path, size, oid, lfs } = entry;
      const sha256: unknown = typeof lfs?.oid === 'string' ? lfs.oid.replace(/^sha256:/, '') : lfs ? lfs.oid : null;
      files.push({ path, size, sha256, gitOid: oid });
    }
    return { kind, repository, commit, folder, files: checkFiles(what, files) };
  } finally {
    await json.close();
  }
}

/**
 * A `fetch` for the hub's library that waits and tries again, reads the whole answer before it returns, and has it parsed
 * under limits first. For a bounded number of answers: a listing whose pages never end is an error.
 */
function patientFetch(hub: Hub, what: string, parse: (bytes: Uint8Array) => Promise<unknown>): typeof fetch {
  let answers = 0;
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    if (++answers > mostAnswers)
      throw new HubError(
        `${what}: the hub's listing goes on after ${mostAnswers} answers, the limit: name a folder of it`,
      );
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
            throw new HubError(`${what}: the hub answers with more than ${longestAnswer} bytes, the limit`);
        }
        return await jsonResponse(hub, what, url, Buffer.concat(chunks), response, parse);
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        await patience.wait(what, error);
      }
    }
  };
}

async function jsonResponse(
  hub: Hub,
  what: string,
  url: string,
  bytes: Uint8Array,
  { status, headers }: Response,
  parse: (bytes: Uint8Array) => Promise<unknown>,
): Promise<Response> {
  let value: unknown;
  try {
    value = await parse(bytes);
  } catch (error) {
    const start = quoted(new TextDecoder().decode(bytes.subarray(0, 60)), 60);
    throw new HubError(`${what}: the hub's answer ${start} cannot be read: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null)
    throw new HubError(`${what}: the hub answers ${quoted(String(value))}: expected an object or a list`);
  const next = nextPage(hub, what, url, headers.get('link'));
  return new Response(Uint8Array.from(bytes), {
    status,
    headers: { 'content-type': 'application/json', ...(next && { link: `<${next}>; rel="next"` }) },
  });
}

/**
 * Where a listing goes on, as the Link header says: at the endpoint. A mirror may hand on what the hub says, which is the
 * hub's own address. Throws a HubError where it cannot be read: the library would take the listing for complete.
 */
function nextPage({ settings }: Hub, what: string, url: string, link: string | null): string | undefined {
  if (link === null || !/\brel="?next\b/i.test(link)) return undefined;
  const text = /<([^<>]*)>\s*;[^<>]*\brel="?next\b/i.exec(link)?.[1];
  if (text === undefined || !URL.canParse(text, url))
    throw new HubError(`${what}: the hub's listing goes on at ${quoted(link)}: expected a URL`);
  const next = new URL(text, url);
  return next.origin === new URL(settings.endpoint).origin
    ? next.href
    : `${settings.endpoint}${next.pathname}${next.search}`;
}
