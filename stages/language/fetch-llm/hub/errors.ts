import { NotRun, connectionFailure } from 'repro/runtime';

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

/** What `fetch` throws, as an Interruption that names the host. */
export function interruption(host: string, error: unknown): Interruption {
  const { code, reason, unreachable } = connectionFailure(error);
  if (unreachable) return new Unreachable(`${host} cannot be reached (${code})`);
  return new Interruption(`${host}: the connection broke (${reason})`);
}
