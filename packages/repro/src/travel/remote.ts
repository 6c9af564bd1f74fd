import { closeSync, existsSync, linkSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeDirectory, temporaryPath, writeAtomically } from '../store/files.ts';
import { bodyPieces } from '../network.ts';
import { netrcCredentials } from './netrc.ts';
import { systemLine } from '../system-error.mjs';

/** A place with results in the layout of Bazel's HTTP cache: `ac/<key>` and `cas/<digest>`. */
export interface Remote {
  readonly name: string;
  /**
   * Hands the content over piece by piece. False if it is not there. Throws if the remote fails, or has more than
   * `maximumBytes`: what was handed over until then is worth nothing.
   */
  readonly get: (path: string, maximumBytes: number, receive: (piece: Uint8Array) => void) => Promise<boolean>;
  readonly has: (path: string) => Promise<boolean>;
  readonly put: (path: string, content: Uint8Array) => Promise<void>;
  /**
   * Puts what is not there; false if it is. A directory does this in one step, and so does a server that knows
   * If-None-Match; another may overwrite what came a moment before.
   */
  readonly create: (path: string, content: Uint8Array) => Promise<boolean>;
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
        for (let read; (read = readSync(fd, buffer)) > 0;) receive(buffer.subarray(0, read));
      } finally {
        closeSync(fd);
      }
      return Promise.resolve(true);
    },
    has: (path) => Promise.resolve(existsSync(join(directory, path))),
    put: (path, content) => {
      ofRemote(() => {
        makeDirectory(join(directory, path.split('/')[0]!));
        writeAtomically(join(directory, path), content, undefined, 0o444);
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
    use: (response: Response, pieces: AsyncIterable<Uint8Array>, alive: () => void) => Promise<T>,
    body?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout;
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), idleMilliseconds);
    };
    alive();
    let response: Response | undefined;
    try {
      response = await fetch(new URL(path, url), {
        method,
        headers: { 'accept-encoding': 'identity', ...headers, ...(authorization && { authorization }) },
        redirect: 'error',
        signal: abort.signal,
        ...(body && { body }),
      });
      alive();
      if (response.status === 429 || response.status >= 500)
        throw new Transient(`${path}: the server answers ${response.status}`);
      return await use(response, bodyPieces(response, abort.signal), alive);
    } catch (error) {
      if (abort.signal.aborted) throw new Transient(`${path}: no answer within ${idleMilliseconds / 1000} s`);
      const { cause } = error as { cause?: { code?: string } };
      if (error instanceof TypeError) throw new Transient(cause?.code ?? `${path}: the connection broke`);
      throw error;
    } finally {
      clearTimeout(timer!);
      abort.abort();
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
    get: (path, maximumBytes, receive) =>
      request('GET', path, async (response, pieces, alive) => {
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
    has: (path) =>
      request('HEAD', path, (response) =>
        Promise.resolve(isAbsent(response) ? false : response.ok || refuse(response, path)),
      ),
    put: (path, content) =>
      request(
        'PUT',
        path,
        async (response, pieces) => {
          if (!response.ok) return refuse(response, path);
          await readToEnd(pieces);
        },
        content,
      ),
    create: (path, content) =>
      request(
        'PUT',
        path,
        async (response, pieces) => {
          if (!response.ok && response.status !== 412) return refuse(response, path);
          await readToEnd(pieces);
          return response.ok;
        },
        content,
        { 'if-none-match': '*' },
      ),
  };
}

/** So that the connection can be used again; an answer to a PUT has nothing to say. */
async function readToEnd(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const piece of pieces) if ((size += piece.length) > 1 << 16) return;
}
