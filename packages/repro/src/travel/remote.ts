import { createHash } from 'node:crypto';
import { closeSync, existsSync, linkSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { makeDirectory, temporaryPath, writeAtomically } from '../store/files.ts';
import type { BlobReference } from '../store/store.ts';
import { bodyPieces } from '../network.ts';
import { netrcCredentials } from './netrc.ts';
import { systemLine } from '../system-error.mjs';

/** A blob of a store, which is read while it is sent: it may be larger than the memory. */
export interface StoredBlob extends BlobReference {
  readonly file: string;
}

type Content = Uint8Array | StoredBlob;

/**
 * A place with results in the layout of Bazel's HTTP cache: `ac/<key>` and `cas/<digest>`. An aborted `signal` ends a
 * request that is on its way.
 */
export interface Remote {
  readonly name: string;
  /**
   * Hands the content over piece by piece. False if it is not there. Throws if the remote fails, or has more than
   * `maximumBytes`: what was handed over until then is worth nothing.
   */
  readonly get: (
    path: string,
    maximumBytes: number,
    receive: (piece: Uint8Array) => void,
    signal?: AbortSignal,
  ) => Promise<boolean>;
  readonly has: (path: string, signal?: AbortSignal) => Promise<boolean>;
  readonly put: (path: string, content: Content, signal?: AbortSignal) => Promise<void>;
  /**
   * Puts what is not there; false if it is. A directory does this in one step, and so does a server that knows
   * If-None-Match; another may overwrite what came a moment before.
   */
  readonly create: (path: string, content: Uint8Array, signal?: AbortSignal) => Promise<boolean>;
}

/** Where a remote is, and how to ask it. */
export interface RemotePlace {
  /** URL, or directory. */
  readonly place: string;
  /** A whole Authorization header. It goes to this remote and is named nowhere. */
  readonly authorization?: string | undefined;
}

/** An error after which the same request may succeed. */
export class Transient extends Error {}

/** A remote by its URL or directory. `idleMilliseconds`: an answer that does not come, or go on, for so long is none. */
export function openRemote({ place, authorization }: RemotePlace, idleMilliseconds: number): Remote {
  return /^https?:\/\//.test(place)
    ? httpRemote(place, authorization, idleMilliseconds)
    : directoryRemote(resolve(place));
}

function directoryRemote(directory: string): Remote {
  return {
    name: directory,
    get: (path, maximumBytes, receive) => {
      const file = join(directory, path);
      const stats = ofRemote(() => statSync(file, { throwIfNoEntry: false }));
      if (!stats?.isFile()) return Promise.resolve(false);
      if (stats.size > maximumBytes)
        return Promise.reject(new Error(`${path} has ${stats.size} bytes: expected at most ${maximumBytes}`));
      const fd = ofRemote(() => openSync(file, 'r'));
      try {
        const buffer = Buffer.allocUnsafe(1 << 20);
        for (let read; (read = ofRemote(() => readSync(fd, buffer))) > 0;) receive(buffer.subarray(0, read));
      } finally {
        closeSync(fd);
      }
      return Promise.resolve(true);
    },
    has: (path) => Promise.resolve(existsSync(join(directory, path))),
    put: (path, content) => {
      ofRemote(() => {
        makeDirectory(join(directory, path.split('/')[0]!));
        const pieces = content instanceof Uint8Array ? content : verifiedPieces(content);
        writeAtomically(join(directory, path), pieces, undefined, 0o444);
      });
      return Promise.resolve();
    },
    create: (path, content) => {
      makeDirectory(join(directory, path.split('/')[0]!));
      const temporary = temporaryPath(join(directory, path.split('/')[0]!));
      writeFileSync(temporary, content);
      try {
        linkSync(temporary, join(directory, path));
        return Promise.resolve(true);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        return Promise.resolve(false);
      } finally {
        rmSync(temporary, { force: true });
      }
    },
  };
}

/** What a folder that is a remote refuses is the remote's failure, and not that of the store here. */
function ofRemote<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(systemLine(error), { cause: error });
  }
}

const pieceBytes = 1 << 18;

/** What a blob holds. Throws before the last piece if that is not what its digest says. */
function* verifiedPieces({ file, size, digest }: StoredBlob): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const fd = openSync(file, 'r');
  try {
    for (let left = size; left > 0;) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, left));
      const read = readSync(fd, piece);
      hash.update(piece.subarray(0, read));
      left = read === 0 ? 0 : left - read;
      if (left === 0 && hash.digest('hex') !== digest) throw new Error(`${file} was changed while it was sent`);
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

/** The system may still have so many bytes to send when it took the last piece, and sends at least so many in a second. */
const mostUnderway = 4 << 20;
const leastPace = 64 << 10;

/** Credentials are those given, those in the URL, or those of the host in the user's netrc file. */
function httpRemote(place: string, given: string | undefined, idleMilliseconds: number): Remote {
  const url = new URL(place.endsWith('/') ? place : `${place}/`);
  const own = url.username
    ? { login: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    : netrcCredentials(url.hostname);
  const basic = own && `Basic ${Buffer.from(`${own.login}:${own.password}`).toString('base64')}`;
  const authorization = given ?? basic;
  url.username = url.password = '';

  /** Asks, and ends with what `use` makes of the answer; gives up where nothing moves. */
  async function request<T>(
    method: string,
    path: string,
    { signal, content, headers = {} }: RequestOptions,
    use: (response: Response, pieces: AsyncIterable<Uint8Array>, alive: () => void) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const end = (): void => abort.abort();
    let isOver = false;
    let timer: NodeJS.Timeout;
    const alive = (more = 0): void => {
      clearTimeout(timer);
      // What is still read of a body after the answer came keeps nothing alive.
      if (!isOver) timer = setTimeout(end, idleMilliseconds + more);
    };
    let unread: { readonly error: unknown } | undefined;
    async function* sent(blob: StoredBlob): AsyncGenerator<Uint8Array> {
      try {
        for (const piece of verifiedPieces(blob)) {
          // Where all is taken at once, nothing else would have its turn, and no piece would be let go.
          await setImmediate();
          alive();
          yield piece;
        }
        alive((Math.min(blob.size, mostUnderway) / leastPace) * 1000);
      } catch (error) {
        unread = { error };
        throw error;
      }
    }
    alive();
    signal?.addEventListener('abort', end);
    let response: Response | undefined;
    try {
      signal?.throwIfAborted();
      const isBlob = content && !(content instanceof Uint8Array);
      response = await fetch(new URL(path, url), {
        method,
        headers: {
          'accept-encoding': 'identity',
          ...headers,
          ...(isBlob && { 'content-length': String(content.size) }),
          ...(authorization && { authorization }),
        },
        // Where a redirect may be followed, fetch keeps all of a body that was sent.
        redirect: 'error',
        signal: abort.signal,
        ...(content && { body: isBlob ? sent(content) : content, duplex: 'half' }),
      });
      alive();
      if (response.status === 429 || response.status >= 500)
        throw new Transient(`${path}: the server answers ${response.status}`);
      return await use(response, bodyPieces(response, abort.signal), alive);
    } catch (error) {
      signal?.throwIfAborted();
      if (unread) throw unread.error;
      if (abort.signal.aborted) throw new Transient(`${path}: no answer within ${idleMilliseconds / 1000} s`);
      const { cause } = error as { cause?: { code?: string; message?: string } };
      if (cause?.message === 'unexpected redirect') throw new Error(`${path}: the server answers with a redirect`);
      if (error instanceof TypeError) throw new Transient(cause?.code ?? `${path}: the connection broke`);
      throw error;
    } finally {
      isOver = true;
      clearTimeout(timer!);
      signal?.removeEventListener('abort', end);
      end();
      // An answer of which nothing was read: its connection ends too.
      if (response?.body && !response.body.locked) response.body.cancel().catch(() => undefined);
    }
  }
  const isAbsent = ({ status }: Response): boolean => status === 404 || status === 410;
  const refuse = (response: Response, path: string): never => {
    throw new Error(`${path}: the server answers ${response.status}`);
  };
  return {
    name: url.href,
    get: (path, maximumBytes, receive, signal) =>
      request('GET', path, { signal }, async (response, pieces, alive) => {
        if (isAbsent(response)) return false;
        if (!response.ok) return refuse(response, path);
        let size = 0;
        for await (const piece of pieces) {
          alive();
          if ((size += piece.length) > maximumBytes) throw new Error(`${path}: more than ${maximumBytes} bytes came`);
          receive(piece);
        }
        return true;
      }),
    has: (path, signal) =>
      request('HEAD', path, { signal }, (response) =>
        Promise.resolve(isAbsent(response) ? false : response.ok || refuse(response, path)),
      ),
    put: (path, content, signal) =>
      request('PUT', path, { signal, content }, async (response, pieces) => {
        if (!response.ok) return refuse(response, path);
        await readToEnd(pieces);
      }),
    create: (path, content, signal) =>
      request('PUT', path, { signal, content, headers: { 'if-none-match': '*' } }, async (response, pieces) => {
        if (!response.ok && response.status !== 412) return refuse(response, path);
        await readToEnd(pieces);
        return response.ok;
      }),
  };
}

interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, string>>;
}

/** So that the connection can be used again; an answer to a PUT has nothing to say. */
async function readToEnd(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const piece of pieces) if ((size += piece.length) > 1 << 16) return;
}
