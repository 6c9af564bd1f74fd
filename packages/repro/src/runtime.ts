/** What the code of a stage may use of the engine: it is bundled with the stage, so it is small. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ArtifactType } from './graph/artifact.ts';
import type { InputFile, OutputFile } from './graph/context.ts';
import { canonicalJson } from './graph/canonical-json.ts';

export { NotRun } from './graph/context.ts';
export type { ContextOf, InputFile, OutputFile, StageRun, StageRunBatch } from './graph/context.ts';
export { canonicalJson } from './graph/canonical-json.ts';
export { bodyPieces, connectionFailure, noNetwork } from './network.ts';
export type { ConnectionFailure } from './network.ts';

type JsonValueOf<F> = F extends InputFile<infer A> | OutputFile<infer A>
  ? A extends ArtifactType<string, infer Value>
    ? Value
    : never
  : never;

/** The content of a JSON artifact, typed by its artifact type. */
export function readJson<F extends InputFile>(input: F): JsonValueOf<F> {
  return JSON.parse(readFileSync(input.path, 'utf8')) as JsonValueOf<F>;
}

/** Writes a JSON artifact in canonical form. Throws on NaN and infinities, which JSON cannot hold. */
export function writeJson<F extends OutputFile>(output: F, value: JsonValueOf<F>): void {
  writeFileSync(output.path, canonicalJson(value) + '\n');
}
