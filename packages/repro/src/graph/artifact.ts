import type { Static, TSchema } from '@sinclair/typebox';

/** Two numbers are the same if they differ by at most `atol + rtol |x|`. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/**
 * How equal two builds of the same key must be: to the byte, or element by element within a tolerance. `acrossBackends`:
 * how near builds come that are exact on each backend and rounded otherwise on another, so that a user may take one for
 * the other.
 */
export type Determinism = ExactBytes | ({ readonly level: 'numeric' } & Tolerance);
interface ExactBytes {
  readonly level: 'bytes';
  readonly acrossBackends?: Tolerance;
}

/** Within what a build on another backend is the same; undefined if it never is. */
export function toleranceAcrossBackends(determinism: Determinism): Tolerance | undefined {
  return determinism.level === 'numeric' ? determinism : determinism.acrossBackends;
}

declare const valueOf: unique symbol;

/**
 * A kind of file that stages exchange. Two types are interchangeable only if their ids are equal,
 * however alike their contents look: that is what makes wrong wiring a compile error.
 */
export interface ArtifactType<Id extends string = string, Value = unknown> {
  readonly id: Id;
  /** With its dot: `.json`. */
  readonly extension: string;
  readonly determinism: Determinism;
  /** For JSON artifacts, what their content must satisfy. */
  readonly schema?: TSchema;
  /** For tables, the names of their columns, in order, and what their cells hold. */
  readonly columns?: Readonly<Record<string, ColumnType>>;
  /** A folder: stages see it as one, the store keeps an archive of it. */
  readonly isFolder?: true;
  readonly [valueOf]?: Value;
}

export type ValueOf<A> = A extends ArtifactType<string, infer Value> ? Value : never;

const bytes: Determinism = { level: 'bytes' };

/** A JSON document of the given shape, written canonically. */
export function json<const Id extends string, S extends TSchema>(
  id: Id,
  schema: S,
  determinism: Determinism = bytes,
): ArtifactType<Id, Static<S>> {
  return { id, extension: '.json', schema, determinism };
}

/** What the cells of a column of a table hold. */
export type ColumnType = 'number' | 'integer' | 'boolean' | 'text';

/** A table in CSV with a header: `table('points', { m: 'integer', loss: 'number' })`. Checked before it is recorded. */
export function table<const Id extends string>(
  id: Id,
  columns: Readonly<Record<string, ColumnType>>,
  determinism: Determinism = bytes,
): ArtifactType<Id, Uint8Array> {
  return { id, extension: '.csv', columns, determinism };
}

/** A table in Parquet: its columns are in the file, of the types declared. `number` is any finite number. Checked before it is recorded. */
export function parquet<const Id extends string>(
  id: Id,
  columns: Readonly<Record<string, ColumnType>>,
  determinism: Determinism = bytes,
): ArtifactType<Id, Uint8Array> {
  return { id, extension: '.parquet', columns, determinism };
}

/**
 * A folder of files. A stage writes into the folder that is its output; what it makes there besides files and folders is
 * refused. Equal files of equal names are one content, in whatever order they were made; modes and empty folders do not
 * count. Also for a source: `source('data/images', directory('images'))`, `source('data/*.csv', directory('tables'))`.
 */
export function directory<const Id extends string>(
  id: Id,
  determinism: Determinism = bytes,
): ArtifactType<Id, Uint8Array> {
  return { id, extension: '.tar', isFolder: true, determinism };
}

/** A file whose content the engine does not look into: text, tensors, images. */
export function file<const Id extends string>(
  id: Id,
  extension: string,
  determinism: Determinism = bytes,
): ArtifactType<Id, Uint8Array> {
  return { id, extension, determinism };
}

/** Any number of artifacts of one type, in the order given. */
export interface Many<A extends ArtifactType = ArtifactType> {
  readonly arity: 'many';
  readonly type: A;
}

/** An artifact that may be absent because the stage that makes it could not run here. */
export interface Optional<A extends ArtifactType = ArtifactType> {
  readonly arity: 'optional';
  readonly type: A;
}

/** Any number of artifacts of one type, in the order given, without those that could not be made here. */
export interface Available<A extends ArtifactType = ArtifactType> {
  readonly arity: 'available';
  readonly type: A;
}

export type InputType = ArtifactType | Many | Optional | Available;

export function many<A extends ArtifactType>(type: A): Many<A> {
  return { arity: 'many', type };
}

export function available<A extends ArtifactType>(type: A): Available<A> {
  return { arity: 'available', type };
}

export function optional<A extends ArtifactType>(type: A): Optional<A> {
  return { arity: 'optional', type };
}
