/**
 * Pins of the lock: the commit of a repository and the sha256 of what was taken from it, as "COMMIT SHA256". Bytes that
 * were read by range cannot be compared with the digest of their whole file, so what they were when they were first seen
 * is compared ever after.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { quoted } from '../../../numerics/foreign/quoted.ts';
import { HubError } from './hub/errors.ts';
import { isCommit } from './hub/validate.ts';

export interface Pin {
  readonly commit: string;
  /** Undefined in the pins of earlier versions. */
  readonly sha256: string | undefined;
}

/** Throws a HubError for what is no pin. */
export function parsePin(what: string, pin: string): Pin {
  const [commit, sha256, ...more] = pin.split(' ');
  if (!isCommit(commit) || more.length > 0 || (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)))
    throw new HubError(`${what}: lock.json pins ${quoted(pin)}: expected a commit and a sha256: remove the pin`);
  return { commit, sha256 };
}

/** The pin of what came. Throws a HubError if another digest is pinned for the same commit. */
export function checkPin(what: string, pin: string | undefined, commit: string, sha256: string): string {
  const pinned = pin === undefined ? undefined : parsePin(what, pin);
  if (pinned?.commit === commit && pinned.sha256 !== undefined && pinned.sha256 !== sha256)
    throw new HubError(
      `${what}: sha256 ${sha256}: lock.json pins ${pinned.sha256} for the same commit ${commit}: one of the two was changed on its way: fetch again from another network, or remove the pin to accept what came now`,
    );
  return `${commit} ${sha256}`;
}

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
