import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { HubError, Interruption } from './errors.ts';
import { Patience } from './patience.ts';
import { attempt } from './request.ts';
import type { Answer, Hub } from './request.ts';

/** A file of a repository at its commit. */
export interface RemoteFile extends HubFile {
  /** For messages: `owner/name/path`. */
  readonly name: string;
  readonly url: string;
  readonly commit: string;
}

export function remoteFile(hub: Hub, { kind, repository, commit }: HubRepositoryContent, file: HubFile): RemoteFile {
  const prefix = kind === 'dataset' ? 'datasets/' : '';
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    ...file,
    name: `${repository}/${file.path}`,
    commit,
    url: `${hub.settings.endpoint}/${prefix}${repository}/resolve/${commit}/${path}`,
  };
}

/**
 * Bytes [begin, end) of a file, in order. A broken connection is taken up where it broke, provided that the entity tag
 * is the same (If-Range). Throws a HubError in one line when it cannot be had. Leaving the loop closes the connection.
 */
export async function* streamRange(hub: Hub, file: RemoteFile, begin: number, end: number): AsyncGenerator<Uint8Array> {
  const patience = new Patience(hub.settings, hub.signal);
  let tag: string | undefined;
  let at = begin;
  while (at < end) {
    try {
      const answer = await attempt(hub, file.name, file.url, {
        range: `bytes=${at}-${end - 1}`,
        ...(tag === undefined ? {} : { 'if-range': tag }),
      });
      try {
        tag = checkAnswer(file, answer, at, end, tag);
      } catch (error) {
        await answer.cancel();
        throw error;
      }
      for await (const chunk of answer.body) {
        const wanted = chunk.length > end - at ? chunk.subarray(0, end - at) : chunk;
        at += wanted.length;
        patience.gained(wanted.length);
        yield wanted;
        if (at === end) break;
      }
      if (at < end) throw new Interruption(`the connection was closed at byte ${at} of ${end}`);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      await patience.wait(file.name, error);
    }
  }
}

/** Returns the strong entity tag, if there is one, for the next attempt. */
function checkAnswer(
  file: RemoteFile,
  { response, linkedSize, linkedDigest, commit }: Answer,
  begin: number,
  end: number,
  before: string | undefined,
): string | undefined {
  const refuse = (what: string): never => {
    throw new HubError(`${file.name}: ${what}`);
  };
  if (commit !== undefined && commit !== file.commit)
    refuse(`the hub serves commit ${commit}: expected ${file.commit}`);
  if (linkedSize !== undefined && linkedSize !== file.size)
    refuse(`the hub says ${linkedSize} bytes: expected ${file.size}`);
  if (linkedDigest !== undefined && file.sha256 !== null && linkedDigest !== file.sha256)
    refuse(`the hub says sha256 ${linkedDigest}: expected ${file.sha256}`);
  const etag = response.headers.get('etag');
  const tag = etag !== null && etag.startsWith('"') ? etag : undefined;
  if (before !== undefined && tag !== before)
    refuse(`its entity tag was ${before} and is now ${tag ?? 'none'}: it changed while it was fetched`);
  if (response.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    const [first, last, size] = range ? range.slice(1).map(Number) : [];
    if (first !== begin || last !== end - 1 || size !== file.size) {
      refuse(
        `asked for bytes ${begin} to ${end - 1} of ${file.size}, was given "${response.headers.get('content-range') ?? ''}"`,
      );
    }
  } else {
    // A server without ranges: good only for those who want the file from its start.
    const length = response.headers.get('content-length');
    if (begin !== 0)
      refuse(
        `${new URL(file.url).host} answered ${response.status} to a request for bytes ${begin} to ${end - 1}: it does not serve ranges`,
      );
    if (length !== null && Number(length) !== file.size) refuse(`${length} bytes: expected ${file.size}`);
  }
  return tag;
}
