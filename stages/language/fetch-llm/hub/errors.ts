import { NotRun } from 'repro/runtime';

/** The hub, or something that answers in its place, does not give what was asked: trying again would not help. One line. */
export class HubError extends Error {
  override readonly name = 'HubError';
}

/** Worth another attempt. */
export class Interruption extends Error {
  override readonly name: string = 'Interruption';
  /** How long the server asks to wait, where it says so. */
  readonly waitMilliseconds: number | undefined;

  constructor(message: string, waitMilliseconds?: number) {
    super(message);
    this.waitMilliseconds = waitMilliseconds;
  }
}

/** Nothing can be reached at all: no name server, no route, nobody listening. */
export class Unreachable extends Interruption {
  override readonly name = 'Unreachable';
}

/**
 * The hub does not give it to whoever asks (a private or gated repository, a branch that is gone): the node ends as *not
 * run*, and the rest goes on with what is there.
 */
export class NotGiven extends NotRun {}

/** Names the proxy that the environment has, which Node's fetch does not use unasked. */
export function noNetwork(
  what: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): NotRun {
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => environment[name]);
  const unused = proxy !== undefined && !environment.NODE_USE_ENV_PROXY;
  return new NotRun(
    `no network: ${what}${unused ? `; ${proxy} is set: Node 24 goes through it with NODE_USE_ENV_PROXY=1` : ''}`,
  );
}

const unreachable = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What `fetch` throws, as an Interruption that names the host. */
export function interruption(host: string, error: unknown): Interruption {
  const cause = (error as Error).cause as { code?: string; message?: string; errors?: { code?: string }[] } | undefined;
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  if (code && unreachable.has(code)) return new Unreachable(`${host} cannot be reached (${code})`);
  return new Interruption(`${host}: the connection broke (${code ?? cause?.message ?? (error as Error).message})`);
}
