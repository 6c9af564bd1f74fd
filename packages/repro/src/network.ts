import { NotRun } from './graph/context.ts';

/** Nothing can be reached at all: no name server, no route, nobody listening. */
const unreachable = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What `fetch` threw: the code of its cause, what the cause says, and whether the host was reached at all. */
export interface ConnectionFailure {
  readonly code: string | undefined;
  readonly reason: string;
  readonly unreachable: boolean;
}

/** Reads what `fetch` throws, whose reason lies in its cause, or in the first of several causes. */
export function connectionFailure(error: unknown): ConnectionFailure {
  const { cause, message } = error as {
    cause?: { code?: string; message?: string; errors?: { code?: string }[] };
    message: string;
  };
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  return { code, reason: code ?? cause?.message ?? message, unreachable: code !== undefined && unreachable.has(code) };
}

/** The node cannot run without a network. Names the proxy that the environment has, which Node's fetch does not use unasked. */
export function noNetwork(
  what: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): NotRun {
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => environment[name]);
  const unused = proxy !== undefined && !environment['NODE_USE_ENV_PROXY'];
  return new NotRun(
    `no network: ${what}${unused ? `; ${proxy} is set: Node 24 goes through it with NODE_USE_ENV_PROXY=1` : ''}`,
  );
}

/**
 * The body of a response, piece by piece. Throws the signal's reason once it is aborted, also while nothing comes, and
 * closes the connection of a body that is not read to its end. `fetch` itself holds the signal that it is given weakly: it
 * forgets it when memory is collected after the headers came (nodejs/undici#4984), and then waits 300 s for a silent server.
 */
export async function* bodyPieces(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  // Ends a read that waits.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
