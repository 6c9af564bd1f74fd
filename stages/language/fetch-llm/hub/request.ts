import { bodyPieces, noNetwork } from 'repro/runtime';
import { quoted } from '../../../../numerics/foreign/quoted.ts';
import { HubError, Interruption, NotGiven, Unreachable, interruption } from './errors.ts';
import { leastProgress } from './patience.ts';
import type { HubSettings } from './settings.ts';

/** The hub as one stage sees it. `reached` is set by the first answer: from then on a lost network is waited for. */
export interface Hub {
  readonly settings: HubSettings;
  readonly signal: AbortSignal;
  reached: boolean;
  /** Bytes of bodies that came in, repeated ones included. */
  received: number;
}

export function openHub(settings: HubSettings, signal: AbortSignal): Hub {
  return { settings, signal, reached: false, received: 0 };
}

export interface Answer {
  readonly response: Response;
  /** What the hub itself said before it redirected to where the bytes lie. */
  readonly linkedSize: number | undefined;
  readonly linkedDigest: string | undefined;
  readonly commit: string | undefined;
  /** The body, broken off with an Interruption when it stalls or breaks. */
  readonly body: AsyncGenerator<Uint8Array>;
  /** For those who do not want the body. */
  readonly cancel: () => Promise<void>;
}

const mostRedirects = 5;

/**
 * One attempt at a GET. The token goes to the hub alone, not to where it redirects. Throws an Interruption for what
 * may pass (a broken or stalled connection, 429, 5xx), a HubError for what will not, NotRun where there is no network.
 */
export async function attempt(
  hub: Hub,
  what: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  if (hub.settings.offline) throw noNetwork(`${what}: HF_HUB_OFFLINE is set, and it is not in the cache`);
  let at = new URL(url);
  const stalled = new AbortController();
  const watch = new StallWatch(hub.settings.stallMilliseconds, () => stalled.abort());
  const signal = AbortSignal.any([hub.signal, stalled.signal]);
  const seen = {
    linkedSize: undefined as number | undefined,
    linkedDigest: undefined as string | undefined,
    commit: undefined as string | undefined,
  };
  try {
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const isHub = at.origin === new URL(hub.settings.endpoint).origin;
      const response = await fetch(at, {
        redirect: 'manual',
        signal,
        headers: {
          ...headers,
          'accept-encoding': 'identity',
          'user-agent': 'superposition-scaling',
          ...(isHub && hub.settings.token ? { authorization: `Bearer ${hub.settings.token}` } : {}),
        },
      });
      hub.reached = true;
      if (isHub) {
        const size = response.headers.get('x-linked-size');
        if (size !== null) seen.linkedSize = Number(size);
        seen.linkedDigest ??= plainTag(response.headers.get('x-linked-etag'));
        seen.commit ??= response.headers.get('x-repo-commit') ?? undefined;
      }
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        at = redirected(what, at, location);
        continue;
      }
      await checkStatus(what, at.host, response, isHub && hub.settings.token !== undefined, pageOf(hub.settings, url));
      const cancel = async (): Promise<void> => {
        watch.stop();
        await response.body?.cancel();
      };
      return {
        response,
        ...seen,
        body: watchedBody(hub, at.host, bodyPieces(response, signal), watch, stalled.signal),
        cancel,
      };
    }
    throw new HubError(`${what}: more than ${mostRedirects} redirects`);
  } catch (error) {
    watch.stop();
    hub.signal.throwIfAborted();
    if (error instanceof HubError || error instanceof NotGiven || error instanceof Interruption) throw error;
    if (stalled.signal.aborted)
      throw new Interruption(`${at.host} does not answer: nothing in ${hub.settings.stallMilliseconds / 1000} s`);
    const interrupted = interruption(at.host, error);
    if (interrupted instanceof Unreachable && !hub.reached) throw noNetwork(interrupted.message);
    throw interrupted;
  }
}

async function* watchedBody(
  hub: Hub,
  host: string,
  pieces: AsyncIterable<Uint8Array>,
  watch: StallWatch,
  stalled: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of pieces) {
      hub.received += bytes.length;
      watch.gained(bytes.length);
      yield bytes;
    }
  } catch (error) {
    hub.signal.throwIfAborted();
    if (stalled.aborted)
      throw new Interruption(
        `${host}: the download stalled: less than ${leastProgress} bytes in ${hub.settings.stallMilliseconds / 1000} s`,
      );
    throw interruption(host, error);
  } finally {
    watch.stop();
  }
}

/** Calls `stall` when too little came within a whole period. One in which the process stood still does not count. */
class StallWatch {
  #window = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number, stall: () => void) {
    let began = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (this.#window < leastProgress && now - began < 1.5 * milliseconds) stall();
      this.#window = 0;
      began = now;
    }, milliseconds);
  }

  gained(bytes: number): void {
    this.#window += bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Where a redirect leads. Throws a HubError where it leads out of https, since what comes could be changed on its way. */
export function redirected(what: string, from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new HubError(`${what}: redirected to ${quoted(location)}: expected a URL`);
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw new HubError(`${what}: redirected to ${quoted(to.protocol)}: expected https`);
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new HubError(
      `${what}: ${from.host} redirects from https to http (${to.host}): refused, since anybody on the way could change what comes`,
    );
  return to;
}

/** The page of the repository that a URL of its files or of the hub's interface belongs to. */
function pageOf({ endpoint }: HubSettings, url: string): string {
  const path = url.startsWith(`${endpoint}/`) ? url.slice(endpoint.length) : new URL(url).pathname;
  const [, kind, repository] = /^\/(?:api\/)?(models\/|datasets\/)?([^/]+\/[^/?]+)/.exec(path) ?? [];
  return `${endpoint}/${kind === 'datasets/' ? kind : ''}${repository ?? ''}`;
}

async function checkStatus(
  what: string,
  host: string,
  response: Response,
  withToken: boolean,
  page: string,
): Promise<void> {
  const { status, headers } = response;
  if (status === 200 || status === 206) {
    const type = headers.get('content-type') ?? '';
    if (!/^text\/html\b/i.test(type)) return;
    await response.body?.cancel();
    throw new HubError(
      `${what}: ${host} answered with a web page (${quoted(type).slice(1, -1)}) instead of the data: is there a proxy or a login page in between?`,
    );
  }
  const code = headers.get('x-error-code');
  await response.body?.cancel();
  if (status === 429 || status === 408 || status === 425 || status >= 500)
    throw new Interruption(
      `${host} answered ${status}${status === 429 ? ' (too many requests)' : ''}`,
      retryAfter(headers),
    );
  if ((status === 401 || status === 403) && code === 'GatedRepo')
    throw new NotGiven(
      `${what}: ${host} answered ${status}: a gated repository: accept its terms on ${page}, and set HF_TOKEN to a token of the account that did`,
    );
  if (status === 401 || status === 403)
    throw new NotGiven(
      `${what}: ${host} answered ${status}: no such repository, or a private or gated one${withToken ? ', or the token that was sent is no longer valid' : ''}: set HF_TOKEN to a token that may read it; if it is gated, its terms must be accepted on ${page}`,
    );
  if (status === 404 && code === 'RevisionNotFound')
    throw new NotGiven(`${what}: ${host} answered 404: no such revision`);
  // To whoever sends a token the hub says so of a repository that the token may not read, too.
  if (status === 404 && code === 'RepoNotFound')
    throw new NotGiven(
      `${what}: ${host} answered 404: no such repository, or a private one: set HF_TOKEN to a token that may read it`,
    );
  if (status === 404)
    throw new HubError(`${what}: ${host} answered 404: ${code === 'EntryNotFound' ? 'no such file' : 'not found'}`);
  throw new HubError(`${what}: ${host} answered ${status}: expected 200`);
}

/**
 * How long to wait, in milliseconds. Retry-After has seconds, or a date, which is compared with the server's own clock;
 * without it RateLimit has the seconds t until the quota r begins anew: "resolvers";r=0;t=120.
 */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text)
    ? 1000 * Number(text)
    : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** An entity tag without its quotes; undefined for none and for a weak one, which says nothing about bytes. */
function plainTag(tag: string | null): string | undefined {
  return /^"?([^"]+)"?$/.exec(tag ?? '')?.[1];
}
