import { canonicalJson } from '../graph/canonical-json.ts';
import { keyOfText } from '../graph/digest.ts';
import type { CodeDigest, Digest, Key, NumericClass } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Trace } from './trace.ts';

/** Changes whenever keys are computed differently. */
export const keyScheme = 2;

/** Digests of the content of a node's inputs, by input name; null where an optional one is absent, empty within a list. */
export type InputDigests = Readonly<Record<string, Digest | readonly (Digest | '')[] | null>>;

/** What a key is the digest of, besides the node's parameters. */
export interface KeyContext {
  readonly code: CodeDigest;
  /** Only for stages that declare backends. */
  readonly numericClass: NumericClass | undefined;
  /** Digest of the environment of a command stage: lock file, interpreter, platform. Only for stages that declare one. */
  readonly environment?: string | undefined;
}

/**
 * The key of a node: the digest of everything its bytes may depend on, and of nothing else: never a path, a host, a
 * time or a number of workers. The text is canonical JSON, spelled out because this runs for every node every time.
 */
export function nodeKey(node: GraphNode, context: KeyContext, inputs: InputDigests): Key {
  let text = context.numericClass === undefined ? '{' : `{"backend":${JSON.stringify(context.numericClass)},`;
  text += `"code":"${context.code}",`;
  if (context.environment !== undefined) text += `"environment":${JSON.stringify(context.environment)},`;
  text += '"inputs":{';
  const names = Object.keys(inputs);
  if (names.length > 1) names.sort();
  for (let i = 0; i < names.length; i++) {
    const digest = inputs[names[i]!]!;
    text += `${i ? ',' : ''}"${names[i]!}":`;
    text +=
      digest === null
        ? 'null'
        : typeof digest === 'string'
          ? `"${digest}"`
          : digest.length
            ? `["${digest.join('","')}"]`
            : '[]';
  }
  return keyOfText(
    `${text}},"params":${node.paramsJson},"scheme":${keyScheme},"stage":${JSON.stringify(node.stage.name)}}`,
  );
}

/**
 * The key that the components in a trace make: a result whose trace makes another is damaged or forged. Undefined for
 * a trace of another key scheme, which this version cannot compute.
 */
export function keyOfTrace({
  scheme,
  stage,
  code,
  params,
  inputs,
  lists,
  backend,
  environment,
}: Trace): Key | undefined {
  if (scheme !== keyScheme) return undefined;
  const digests: Record<string, string | string[] | null> = {};
  for (const [name, parts] of Object.entries(inputs)) {
    const list = parts.map(({ digest }) => digest);
    digests[name] = lists.includes(name) ? list.map((digest) => digest ?? '') : (list[0] ?? null);
  }
  return keyOfText(canonicalJson({ backend, code: code.digest, environment, inputs: digests, params, scheme, stage }));
}
