import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostedFile, HostedRepository } from './repository.ts';

/** A request for the bytes of a file, as a fault sees it. */
export interface FileRequest {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
  /** How many requests for this file came before. */
  readonly earlier: number;
}

/** What goes wrong with one answer. Bytes are counted from the start of the body. */
export type Fault =
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'stall'; readonly after: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'other-bytes' }
  | { readonly kind: 'other-tag' }
  | { readonly kind: 'no-ranges' };

export interface HubRequest {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  status: number;
  /** Bytes of the body that were sent. */
  sent: number;
}

export interface LocalHub {
  readonly url: string;
  readonly requests: HubRequest[];
  /** Asked for each request for bytes of a file. */
  fault: ((request: FileRequest) => Fault | undefined) | undefined;
  /** Asked for each request of any kind, by its path. */
  refuse: ((path: string) => Fault | undefined) | undefined;
  /**
   * The variables under which the project fetches from here, with its cache in `home`. It waits for minutes: the hub
   * answers from the process of the test, and so does not while a run of that process waits for a busy disk.
   */
  environment(home: string): Record<string, string>;
  close(): Promise<void>;
}

/** A hub on loopback: its interface on one port, its large files behind a redirect on another, as the real one's. */
export async function startHub(
  repositories: readonly HostedRepository[],
  {
    pageSize = 1000,
    linkBase,
  }: {
    readonly pageSize?: number;
    /** Of the address of the next page of a listing; absent: that of the hub. */
    readonly linkBase?: string;
  } = {},
): Promise<LocalHub> {
  const byName = new Map(repositories.map((repository) => [`${repository.kind}s/${repository.name}`, repository]));
  const large = new Map(
    repositories.flatMap(({ files }) =>
      [...files.values()].filter(({ isLarge }) => isLarge).map((file) => [file.sha256, file]),
    ),
  );
  const counts = new Map<string, number>();

  const front = createServer(
    (request, response) => void handle(request, response, () => answerFront(request, response)),
  );
  const store = createServer(
    (request, response) => void handle(request, response, () => answerStore(request, response)),
  );
  const [url, storeUrl] = [await listen(front), await listen(store)];
  const hub: LocalHub = {
    url,
    requests: [],
    fault: undefined,
    refuse: undefined,
    environment: (home) => ({
      HF_ENDPOINT: url,
      HF_HOME: home,
      HF_TOKEN: '',
      HF_HUB_OFFLINE: '',
      HF_HUB_CACHE: '',
      HF_HUB_DOWNLOAD_TIMEOUT: '60',
      HUB_PATIENCE: '120',
    }),
    async close() {
      for (const server of [front, store]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
  return hub;

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    answer: () => void | Promise<void>,
  ): Promise<void> {
    const { authorization, range } = request.headers;
    const record: HubRequest = {
      url: request.url!,
      authorization,
      range,
      ifRange: request.headers['if-range'] as string | undefined,
      status: 0,
      sent: 0,
    };
    hub.requests.push(record);
    const write = response.write.bind(response);
    response.write = ((chunk: Uint8Array, ...rest: []) => {
      record.sent += chunk.length;
      return write(chunk, ...rest);
    }) as typeof response.write;
    const fault = hub.refuse?.(new URL(request.url!, url).pathname);
    if (fault?.kind === 'status') sendStatus(response, fault);
    else if (fault?.kind !== 'stall') await answer();
    record.status = response.statusCode;
  }

  function answerFront(request: IncomingMessage, response: ServerResponse): void | Promise<void> {
    const { pathname } = new URL(request.url!, url);
    const api = /^\/api\/((?:model|dataset)s\/[^/]+\/[^/]+)\/(revision|tree)\/([^/]+)(?:\/(.*))?$/.exec(pathname);
    const resolve = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.*)$/.exec(pathname);
    const name = api ? api[1]! : resolve ? `${resolve[1] ?? 'models/'}${resolve[2]!}` : '';
    const revision = decodeURIComponent(api?.[3] ?? resolve?.[3] ?? '');
    const repository = byName.get(name);
    // The real hub does not tell strangers which repositories there are.
    if (!repository || (repository.token && request.headers.authorization !== `Bearer ${repository.token}`))
      return sendStatus(response, { status: 401, headers: { 'x-error-code': 'RepoNotFound' } });
    if (revision !== repository.commit && !repository.revisions.includes(revision))
      return sendStatus(response, { status: 404, headers: { 'x-error-code': 'RevisionNotFound' } });
    if (api)
      return api[2] === 'revision'
        ? sendJson(response, {
            _id: '1',
            id: repository.name,
            sha: repository.commit,
            private: false,
            gated: false,
            likes: 0,
            downloads: 0,
            lastModified: '2024-01-01T00:00:00.000Z',
          })
        : answerTree(repository, decodeURIComponent(api[4] ?? ''), new URL(request.url!, url), response);
    const file = repository.files.get(decodeURIComponent(resolve![4]!));
    if (!file) return sendStatus(response, { status: 404, headers: { 'x-error-code': 'EntryNotFound' } });
    response.setHeader('x-repo-commit', repository.commit);
    if (!file.isLarge) return sendFile(file, `"${file.gitOid}"`, request, response);
    response.writeHead(302, {
      'x-linked-size': file.bytes.length,
      'x-linked-etag': `"${file.sha256}"`,
      location: `${storeUrl}/${file.sha256}?signature=x`,
    });
    response.end();
  }

  function answerStore(request: IncomingMessage, response: ServerResponse): void | Promise<void> {
    const file = large.get(new URL(request.url!, storeUrl).pathname.slice(1));
    return file
      ? sendFile(file, `"store-${file.sha256.slice(0, 16)}"`, request, response)
      : sendStatus(response, { status: 403 });
  }

  function answerTree(repository: HostedRepository, folder: string, at: URL, response: ServerResponse): void {
    const below = [...repository.files.values()]
      .filter(({ path }) => folder === '' || path.startsWith(`${folder}/`))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    if (folder && below.length === 0)
      return sendStatus(response, { status: 404, headers: { 'x-error-code': 'EntryNotFound' } });
    const start = Number(at.searchParams.get('cursor') ?? 0);
    if (start + pageSize < below.length) {
      at.searchParams.set('cursor', String(start + pageSize));
      response.setHeader('link', `<${linkBase ?? at.origin}${at.pathname}${at.search}>; rel="next"`);
    }
    sendJson(
      response,
      below.slice(start, start + pageSize).map(({ path, bytes, isLarge, sha256, gitOid }) => ({
        type: 'file',
        path,
        size: bytes.length,
        oid: gitOid,
        ...(isLarge ? { lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } } : {}),
      })),
    );
  }

  async function sendFile(
    file: HostedFile,
    tag: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const size = file.bytes.length;
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const earlier = counts.get(file.path) ?? 0;
    counts.set(file.path, earlier + 1);
    const fault = hub.fault?.({
      path: file.path,
      begin: Number(range?.[1] ?? 0),
      end: range ? Number(range[2]) + 1 : size,
      earlier,
    });
    if (fault?.kind === 'status') return sendStatus(response, fault);
    const shownTag = fault?.kind === 'other-tag' ? '"another"' : tag;
    const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === shownTag;
    const inRange = range && isSame && fault?.kind !== 'no-ranges';
    const [begin, end] = inRange ? [Number(range[1]), Math.min(size, Number(range[2]) + 1)] : [0, size];
    let body = file.bytes.subarray(begin, end);
    if (fault?.kind === 'other-bytes') body = body.map((byte) => byte ^ 1);
    response.writeHead(inRange ? 206 : 200, {
      etag: shownTag,
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      ...(inRange ? { 'content-range': `bytes ${begin}-${end - 1}/${size}` } : {}),
    });
    const stop = fault?.kind === 'cut' || fault?.kind === 'stall' ? Math.min(fault.after, body.length) : body.length;
    for (let at = 0; at < stop; at += 2 ** 16) {
      if (response.destroyed) return;
      if (!response.write(body.subarray(at, Math.min(stop, at + 2 ** 16)))) await drained(response);
    }
    if (fault?.kind === 'cut') response.socket?.destroySoon();
    else if (fault?.kind !== 'stall') response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function sendStatus(
  response: ServerResponse,
  { status, headers, body = '' }: { status: number; headers?: Readonly<Record<string, string>>; body?: string },
): void {
  response.writeHead(status, headers);
  response.end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
