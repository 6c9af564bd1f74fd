import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { plainError } from '../errors.ts';
import { NotRun } from '../graph/context.ts';
import { bodyPieces, connectionFailure, noNetwork } from '../network.ts';

export interface Download {
  readonly url: string;
  readonly sha256: string;
  /** Where the bytes are collected; what is there already is gone on with. */
  readonly partial: string;
  readonly signal: AbortSignal;
  readonly progress?: (fraction: number) => void;
  /** Before the second attempt; doubled before each further one. */
  readonly waitMilliseconds?: number;
  /** Of a connection on which nothing comes. */
  readonly stallMilliseconds?: number;
}

const mostAttempts = 5;
const mostRedirects = 5;
/** A file that is larger is no table of results. */
const mostBytes = 2 ** 36;

/** Worth another attempt. */
class Broken extends Error {}

/**
 * Brings the file to `partial`. Throws NotRun where the host cannot be reached, and an Error of one line for an answer
 * other than the file, more bytes than may be, or another digest, for which the partial file is removed.
 */
export async function download(request: Download): Promise<void> {
  const { url, sha256, partial, signal, waitMilliseconds = 500 } = request;
  let encoding: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      encoding = await attemptOnce(request);
      break;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (attempt === mostAttempts) throw plainError(`${url}: ${error.message}: given up after ${attempt} attempts`);
      await setTimeout(waitMilliseconds * 2 ** (attempt - 1), undefined, { signal });
    }
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(partial, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array);
  const digest = hash.digest('hex');
  if (digest === sha256) return;
  await rm(partial, { force: true });
  const decoded =
    encoding === undefined ? '' : `, or that is the digest of what the server sends, which is encoded (${encoding})`;
  throw plainError(`${url}: sha256 ${digest}: expected ${sha256}: the file was changed there or on its way${decoded}`);
}

/** Returns how the server had encoded the file, though it was not asked to: what is written is decoded. */
async function attemptOnce({
  url,
  partial,
  signal,
  progress,
  stallMilliseconds = 30_000,
}: Download): Promise<string | undefined> {
  const handle = await open(partial, 'a');
  const stalled = new AbortController();
  let timer = globalThis.setTimeout(() => stalled.abort(), stallMilliseconds);
  const moved = (): void => {
    clearTimeout(timer);
    timer = globalThis.setTimeout(() => stalled.abort(), stallMilliseconds);
  };
  let encoding: string | undefined;
  try {
    let { size } = await handle.stat();
    const either = AbortSignal.any([signal, stalled.signal]);
    const response = await follow(url, size, either);
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    encoding = encodingOf(response);
    // What answers the whole file, or another part of it, is read from its start; a part of what is encoded is worth nothing.
    const isPart = response.status === 206;
    if (response.status === 416 || (isPart && (encoding !== undefined || Number(range?.[1]) !== size))) {
      await response.body?.cancel();
      await handle.truncate(0);
      throw new Broken(`answered ${response.status} to a request for the bytes from ${size}`);
    }
    if (response.status === 200) await handle.truncate((size = 0));
    // It counts the bytes on their way.
    const length = encoding === undefined ? Number(response.headers.get('content-length') ?? Number.NaN) : Number.NaN;
    const total = size + length;
    if (total > mostBytes) throw plainError(`${url}: ${total} bytes: expected at most ${mostBytes}`);
    for await (const bytes of bodyPieces(response, either)) {
      moved();
      await handle.appendFile(bytes);
      size += bytes.length;
      if (size > mostBytes) throw plainError(`${url}: more than ${mostBytes} bytes`);
      if (Number.isFinite(total)) progress?.(size / total);
    }
    if (Number.isFinite(total) && size !== total) throw new Broken(`ended at byte ${size} of ${total}`);
    return encoding;
  } catch (error) {
    // Where to go on with what was decoded, the server could not be told.
    if (encoding !== undefined) await handle.truncate(0);
    signal.throwIfAborted();
    if (error instanceof Broken || error instanceof NotRun) throw error;
    if (stalled.signal.aborted) throw new Broken(`nothing came for ${stallMilliseconds / 1000} s`);
    const { code, unreachable } = connectionFailure(error);
    if (unreachable) throw noNetwork(`${new URL(url).host} cannot be reached (${code})`);
    if (error instanceof TypeError || code !== undefined)
      throw new Broken(`the connection broke (${code ?? 'closed'})`);
    throw error;
  } finally {
    clearTimeout(timer);
    await handle.close();
  }
}

function encodingOf({ headers }: Response): string | undefined {
  const encoding = headers.get('content-encoding')?.trim() ?? '';
  return /^(|identity)$/i.test(encoding) ? undefined : encoding;
}

/** The answer after redirects, none of which may leave https. */
async function follow(url: string, from: number, signal: AbortSignal): Promise<Response> {
  let at = new URL(url);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(at, {
      redirect: 'manual',
      signal,
      headers: { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
    });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      at = redirected(url, at, location);
      continue;
    }
    const { status } = response;
    if ([200, 206, 416].includes(status)) return response;
    await response.body?.cancel();
    if (status === 429 || status >= 500) throw new Broken(`${at.host} answered ${status}`);
    throw plainError(`${url}: ${at.host} answered ${status}: expected the file`);
  }
  throw plainError(`${url}: more than ${mostRedirects} redirects`);
}

/** Where a redirect leads. Throws an Error where it leads out of https. */
export function redirected(url: string, from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw plainError(`${url}: redirected to ${JSON.stringify(location)}: expected a URL`);
  const to = new URL(location, from);
  if (!/^https?:$/.test(to.protocol) || (from.protocol === 'https:' && to.protocol !== 'https:'))
    throw plainError(`${url}: ${from.host} redirects to ${to.protocol}//${to.host}: refused: expected https`);
  return to;
}
