import { join } from 'node:path';
import type { ArtifactType } from '../graph/artifact.ts';
import { sha256 } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { parseJson } from '../params/parse-json.ts';
import { firstError } from '../params/validate.ts';
import { makeDirectory, readOrdinary, writeAtomically } from '../store/files.ts';
import type { Store } from '../store/store.ts';
import { tableError } from './check-table.ts';
import type { Outputs } from './outcome.ts';

/** How a JSON document or a table in CSV differs from what its type declares; undefined if it does not. */
export function differenceOf({ schema, columns, extension }: ArtifactType, text: string): string | undefined {
  if (!schema) return columns && extension === '.csv' ? tableError(text, columns) : undefined;
  try {
    return firstError(schema, parseJson(text, 'it'));
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is wrong with the text of an output of a type; undefined if it is what the type declares. */
function outputProblem(type: ArtifactType, text: string): string | undefined {
  const difference = differenceOf(type, text);
  return difference === undefined ? undefined : `it is not what ${type.id} declares: ${difference}`;
}

const digests = new WeakMap<ArtifactType, string>();

/** Digest of what outputs of a type are checked for; empty where their content is not looked at. */
function declarationOf(type: ArtifactType): string {
  let digest = digests.get(type);
  if (digest === undefined) {
    const { schema, columns, extension } = type;
    const expected = schema ?? (columns && extension === '.csv' ? Object.entries(columns) : undefined);
    digest = expected === undefined ? '' : sha256(JSON.stringify(expected)).slice(0, digits);
    digests.set(type, digest);
  }
  return digest;
}

const digits = 16;
const header = 'repro checked outputs 1\n';

/**
 * Which contents were found to be what a type declares: `roots/<id>/checked`. A declaration is in no key of a stage in
 * TypeScript, so that a schema can be made stricter without all results being lost; each result is then looked at once.
 */
export class CheckedOutputs {
  readonly #path: string;
  /** By digest of a declaration, digests of contents. */
  #known: Map<string, Set<string>> | undefined;
  #added: string[] = [];

  constructor(directory: string) {
    this.#path = join(directory, 'checked');
  }

  has(type: ArtifactType, digest: Digest): boolean {
    const known = (this.#known ??= this.#read()).get(declarationOf(type));
    return known !== undefined && known.has(digest.slice(0, digits));
  }

  add(type: ArtifactType, digest: Digest): void {
    const declaration = declarationOf(type);
    if (declaration === '' || this.has(type, digest)) return;
    const content = digest.slice(0, digits);
    include(this.#known!, declaration, content);
    this.#added.push(declaration + content);
  }

  /** Writes the file anew if something was added. */
  save(): void {
    if (this.#added.length === 0) return;
    makeDirectory(join(this.#path, '..'));
    // Another run of the root may have added others.
    const all = this.#read();
    for (const entry of this.#added) include(all, entry.slice(0, digits), entry.slice(digits));
    const entries = [...all].flatMap(([declaration, contents]) =>
      [...contents].map((content) => declaration + content),
    );
    writeAtomically(this.#path, header + entries.join(''));
    this.#added = [];
  }

  /** A damaged file is none: what it held is looked at again. */
  #read(): Map<string, Set<string>> {
    const text = readOrdinary(this.#path)?.toString('latin1') ?? '';
    const known = new Map<string, Set<string>>();
    if (!text.startsWith(header)) return known;
    for (let at = header.length; at + 2 * digits <= text.length; at += 2 * digits)
      include(known, text.slice(at, at + digits), text.slice(at + digits, at + 2 * digits));
    return known;
  }
}

function include(known: Map<string, Set<string>>, declaration: string, content: string): void {
  let contents = known.get(declaration);
  if (contents === undefined) known.set(declaration, (contents = new Set()));
  contents.add(content);
}

/**
 * What is wrong with a recorded result: an output that would be refused now, since its type declares something else than
 * when it was recorded. For a command that is part of the key; bytes that are elsewhere are not looked at.
 */
export function misfit(
  { stage }: GraphNode,
  outputs: Outputs,
  store: Pick<Store, 'read'>,
  checked: CheckedOutputs | undefined,
): string | undefined {
  if (stage.command) return undefined;
  for (const name in stage.outputs) {
    const type = stage.outputs[name]!;
    const blob = outputs[name];
    if (!blob || declarationOf(type) === '' || checked?.has(type, blob.digest)) continue;
    const bytes = store.read(blob);
    if (!bytes) continue;
    const problem = outputProblem(type, Buffer.from(bytes).toString('utf8'));
    if (problem !== undefined) return `output "${name}": ${problem}`;
    checked?.add(type, blob.digest);
  }
  return undefined;
}
