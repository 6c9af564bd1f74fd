import { asDigest } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import type { ActionResult, BlobReference } from './action-result.ts';
import { isObject } from '../is-object.ts';

/**
 * Readers of the records that a store, a remote, an archive or a report may hold. Each takes text that anybody may
 * have written, and returns the record or undefined: a record of another form is none. Nothing here throws.
 */

export function isDigest(value: unknown): value is Digest {
  return asDigest(value) !== undefined;
}

/** An object each of whose members passes, and whose names are plain: none of them changes what an object is. */
export function isRecordOf<T>(check: (value: unknown) => value is T, value: unknown): value is Record<string, T> {
  return isObject(value) && Object.keys(value).every((name) => name !== '__proto__' && check(value[name]));
}

export function isArrayOf<T>(check: (value: unknown) => value is T, value: unknown): value is T[] {
  return Array.isArray(value) && value.every((member) => check(member));
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** A size in bytes. */
export function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isReference(value: unknown): value is BlobReference {
  return isObject(value) && isDigest(value['digest']) && isSize(value['size']);
}

/** ISO 8601, as `Date` writes it. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
}

/** JSON text as a value; undefined if it is none. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The output file of an ActionResult that holds the trace. No output has its name: theirs are below a directory. */
export const tracePath = 'trace.json';

/** A REAPI ActionResult in JSON: `{"exitCode":0,"outputFiles":[{"path":"loss/loss.json","digest":{...}}, ...]}`. */
export function parseActionResult(text: string): ActionResult | undefined {
  const body = parseJsonText(text);
  if (!isObject(body) || (body['exitCode'] ?? 0) !== 0 || !Array.isArray(body['outputFiles'])) return undefined;
  const outputs: Record<string, BlobReference> = {};
  let trace: BlobReference | undefined;
  for (const file of body['outputFiles'] as unknown[]) {
    if (!isObject(file) || !isString(file['path']) || !isObject(file['digest'])) return undefined;
    const { hash, sizeBytes } = file['digest'];
    const size = typeof sizeBytes === 'string' && /^\d{1,16}$/.test(sizeBytes) ? Number(sizeBytes) : sizeBytes;
    const blob = { digest: hash, size };
    if (!isReference(blob)) return undefined;
    const name = outputOf(file['path']);
    if (file['path'] === tracePath && !trace) trace = blob;
    else if (name !== undefined && !Object.hasOwn(outputs, name)) outputs[name] = blob;
    else return undefined;
  }
  return trace && { outputs, trace };
}

/** `loss/loss.json` -> `loss`: the path of an output, so that its name may hold dots and may be `trace`. */
function outputOf(path: string): string | undefined {
  const slash = path.indexOf('/');
  if (slash < 1) return undefined;
  try {
    const name = decodeURIComponent(path.slice(0, slash));
    return name === '__proto__' ? undefined : name;
  } catch {
    return undefined;
  }
}

export function outputPath(name: string, extension: string): string {
  return `${encodeURIComponent(name)}/${encodeURIComponent(name)}${extension}`;
}
