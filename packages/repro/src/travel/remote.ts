import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeDirectory, temporaryPath, writeAtomically } from '../store/files.ts';

/** A place with results in the layout of Bazel's HTTP cache: `ac/<key>` and `cas/<digest>`. */
export interface Remote {
  readonly name: string;
  /** Undefined if it is not there. Throws if the remote fails, or sends more than `maximumBytes`. */
  readonly get: (path: string, maximumBytes: number) => Promise<Uint8Array | undefined>;
  readonly has: (path: string) => Promise<boolean>;
  readonly put: (path: string, content: Uint8Array) => Promise<void>;
  /**
   * Puts what is not there; false if it is. A directory does this in one step, and so does a server that knows
   * If-None-Match; another may overwrite what came a moment before.
   */
  readonly create: (path: string, content: Uint8Array) => Promise<boolean>;
}

/** A remote by its URL or directory. */
export function openRemote(place: string): Remote {
  return /^https?:\/\//.test(place) ? httpRemote(place) : directoryRemote(resolve(place));
}

function directoryRemote(directory: string): Remote {
  return {
    name: directory,
    get: (path, maximumBytes) => {
      const file = join(directory, path);
      const stats = statSync(file, { throwIfNoEntry: false });
      if (!stats?.isFile()) return Promise.resolve(undefined);
      if (stats.size > maximumBytes)
        return Promise.reject(new Error(`${path} has ${stats.size} bytes: expected ${maximumBytes}`));
      return Promise.resolve(readFileSync(file));
    },
    has: (path) => Promise.resolve(existsSync(join(directory, path))),
    put: (path, content) => {
      makeDirectory(join(directory, path.split('/')[0]!));
      writeAtomically(join(directory, path), content, undefined, 0o444);
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

/** An answer that does not come, or does not go on, for so long is none. */
const idleMilliseconds = 30_000;

/** Credentials come from the URL, or as a whole header from REPRO_REMOTE_AUTHORIZATION. They are named nowhere. */
function httpRemote(place: string): Remote {
  const url = new URL(place.endsWith('/') ? place : `${place}/`);
  const { username, password } = url;
  const basic =
    username &&
    `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  const authorization = process.env['REPRO_REMOTE_AUTHORIZATION'] ?? basic;
  url.username = url.password = '';
  const request = async (
    method: string,
    path: string,
    body?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<[Response, AbortController, () => void]> => {
    const abort = new AbortController();
    // Not a reason to stay: a run that is over does not wait for it.
    let timer = setTimeout(() => abort.abort(), idleMilliseconds).unref();
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), idleMilliseconds).unref();
    };
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(authorization && { authorization }) },
      redirect: 'error',
      signal: abort.signal,
      ...(body && { body }),
    });
    return [response, abort, alive];
  };
  const refuse = (response: Response, path: string): never => {
    throw new Error(`${path}: the server answers ${response.status}`);
  };
  return {
    name: url.href,
    get: async (path, maximumBytes) => {
      const [response, abort, alive] = await request('GET', path);
      if (response.status === 404 || response.status === 410) return void (await response.body?.cancel());
      if (!response.ok || !response.body) return refuse(response, path);
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        alive();
        if ((size += piece.length) > maximumBytes) {
          abort.abort();
          throw new Error(`${path}: more than ${maximumBytes} bytes came`);
        }
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    },
    has: async (path) => {
      const [response] = await request('HEAD', path);
      if (response.status === 404) return false;
      return response.ok || refuse(response, path);
    },
    put: async (path, content) => {
      const [response] = await request('PUT', path, content);
      await response.body?.cancel();
      if (!response.ok) refuse(response, path);
    },
    create: async (path, content) => {
      const [response] = await request('PUT', path, content, { 'if-none-match': '*' });
      await response.body?.cancel();
      return response.ok || (response.status === 412 ? false : refuse(response, path));
    },
  };
}
