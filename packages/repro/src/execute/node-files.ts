import { isUtf8 } from 'node:buffer';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { commandLine, inputName, threadsOf } from '../graph/command.ts';
import type { Command } from '../graph/command.ts';
import type { Digest, Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { SourceFolder } from '../graph/node.ts';
import { parseJson } from '../params/parse-json.ts';
import { firstError } from '../params/validate.ts';
import { makeDirectory, removeIfPossible, removeTree } from '../store/files.ts';
import type { Described } from '../environments/environment.ts';
import { readJsonBlob } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { handleName } from '../plan/trace.ts';
import { pathIn, sourceFolder } from '../plan/source-folder.ts';
import { checkSource, sourceFault } from './check-source.ts';
import { tableError } from '../plan/check-table.ts';
import { packFolder, unpackFolder } from './folders.ts';
import type { ColumnType } from '../graph/artifact.ts';
import type { CommandJob, JobMessage, ParquetTable } from './protocol.ts';

/** Where a job's files come from and go to. */
export interface Places {
  readonly store: Pick<Store, 'directory' | 'scratchDirectory' | 'verify' | 'blobPath' | 'read'>;
  /** Of the project. */
  readonly root: string;
  /** A verified, read-only copy of a source file of the project, by its path there. */
  readonly snapshot: (path: string, digest?: Digest) => string;
  /** Where snapshots are, if not below `tmp` of the store. */
  readonly snapshots?: string;
  /** Where the node keeps checkpoints, if not in its scratch directory. */
  readonly kept?: string;
}

/** A node to run, with its key. */
interface Job {
  readonly node: GraphNode;
  readonly key: Key;
  readonly pin: string | undefined;
  /** Digests of the files of its code, of which a command is handed copies. */
  readonly files: Readonly<Record<string, Digest>>;
  readonly programFolders: readonly string[] | undefined;
}

/**
 * The files a node is handed: verified inputs, which keep their suffix, fresh places for its outputs, and its scratch
 * directory. `run` names the run that asks: what another still writes, whose lease this one took over, must not end
 * among its outputs.
 */
export function prepareFiles(
  job: Job,
  run: string,
  places: Places,
  outcome: (producer: GraphNode) => Outcome,
): JobMessage['nodes'][number] {
  const { node, key, pin } = job;
  const { store, snapshot, root } = places;
  const scratch = store.scratchDirectory(key);
  const [out, given] = [outputDirectory(scratch, run), join(scratch, `in-${run}`)];
  const isNew = makeNew(scratch);
  if (isNew) mkdirSync(join(scratch, 'work'));
  else {
    makeDirectory(join(scratch, 'work'));
    removeAbandoned(scratch, run);
  }
  for (const directory of readsFiles(node) ? [out, given] : [out]) {
    if (!isNew) removeTree(directory);
    makeDirectory(directory);
  }

  const inputs: Record<string, unknown> = {};
  const tables: ParquetTable[] = [];
  for (const { name, arity, handles } of node.inputs) {
    const isList = arity === 'many' || arity === 'available';
    const files: { type: string; path: string; node: string }[] = [];
    for (const [index, handle] of handles.entries()) {
      const { node: producer, output, type } = handle;
      const path = join(given, inputName(name, type, isList ? index : undefined));
      if (producer.kind === 'source') {
        if (type.isFolder) copySourceFolder(producer.folder ?? sourceFolder(root, producer.path), snapshot, path);
        else {
          const copy = snapshot(producer.path);
          checkSource(type, copy, producer.path);
          if (type.columns && type.extension === '.parquet')
            tables.push({ fault: sourceFault(producer.path), path: copy, columns: type.columns });
          symlinkSync(copy, path);
        }
        files.push({ type: type.id, path, node: producer.path });
        continue;
      }
      const outputs = outputsOf(outcome(producer));
      if (!outputs) continue;
      const blob = outputs[output]!;
      if (store.verify(blob) !== 'intact')
        throw new Error(`${handleName(handle)} was damaged in the store: run again to rebuild it`);
      if (type.isFolder) unpackFolder(store.blobPath(blob.digest), path);
      else symlinkSync(store.blobPath(blob.digest), path);
      files.push({ type: type.id, path, node: producer.name });
    }
    inputs[name] = isList ? files : files[0];
  }
  return {
    node: node.name,
    params: node.params,
    inputs,
    outputs: handedOutputs(node, out),
    scratch: join(scratch, 'work'),
    ...(pin === undefined ? {} : { pin }),
    ...(tables.length > 0 && { given: tables }),
    ...parquetOutputs(node, out),
    ...(node.stage.here && { environments: environmentsOf(store), project: root }),
    ...(node.stage.command && {
      command: prepareCommand(job, node.stage.command, { scratch, run, given, out }, places, outcome),
    }),
  };
}

/** What a run makes for a node, besides its checkpoints. */
const folderOfRun = /^(?:out|in|job|home)-([0-9a-f]{16})$/;
/** A run that lost the lease of the node may be at work there for a while. */
const abandonedMilliseconds = 86_400_000;

/** Removes what runs left that came to no end: each of many attempts may leave as much as the node makes. */
function removeAbandoned(scratch: string, run: string): void {
  for (const name of readdirSync(scratch)) {
    const other = folderOfRun.exec(name)?.[1];
    if (other === undefined || other === run) continue;
    const stats = lstatSync(join(scratch, name), { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > abandonedMilliseconds) removeIfPossible(join(scratch, name));
  }
}

/** The folder of a command: copies of its files, its inputs and places for its outputs; and how it is called there. */
function prepareCommand(
  { node, files, programFolders }: Job,
  { variables, timeLimit, memoryLimit, sandbox }: Command,
  { scratch, run, given, out }: { scratch: string; run: string; given: string; out: string },
  { store, snapshot, snapshots, kept, root }: Places,
  outcome: (producer: GraphNode) => Outcome,
): CommandJob {
  const [directory, home] = [join(scratch, `job-${run}`), join(scratch, `home-${run}`)];
  for (const each of [directory, home]) {
    removeTree(each);
    makeDirectory(each);
  }
  for (const [path, digest] of Object.entries(files)) {
    const copy = join(directory, path);
    makeDirectory(dirname(copy));
    copyFileSync(snapshot(path, digest), copy, constants.COPYFILE_FICLONE);
    // Each may be started, whatever its mode here: modes are in no key.
    chmodSync(copy, 0o555);
    if (/\.(py|[rR]|[rR]md|qmd)$/.test(path)) endSearches(directory, readFileSync(copy, 'latin1'));
  }
  symlinkSync(given, join(directory, 'inputs'));
  symlinkSync(out, join(directory, 'outputs'));
  symlinkSync(join(scratch, 'work'), join(directory, 'scratch'));
  const described = environmentOfNode(node, store, outcome);
  return {
    line: commandLine(node),
    directory,
    // Python holds back what it prints into a file, reports of progress too, unless it is told not to.
    environment: {
      PYTHONUNBUFFERED: '1',
      // The order of a set of words is then the same in every run.
      PYTHONHASHSEED: '0',
      PYTHONNOUSERSITE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      ...threadVariables(threadsOf(node.stage)),
      HOME: home,
      TMPDIR: home,
      // The store is below the project, whose repository git would find: what it says is in no key.
      GIT_CEILING_DIRECTORIES: scratch,
      ...variables,
    },
    path: programFolders ?? [],
    ...(described && { installed: { described, directory: environmentsOf(store), project: root } }),
    folders: {
      own: scratch,
      inputs: [
        join(store.directory, 'cas'),
        join(store.directory, 'tmp'),
        ...(snapshots === undefined ? [] : [snapshots]),
      ],
      ...(kept !== undefined && { kept }),
    },
    ...(timeLimit !== undefined && { timeLimit }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(sandbox && { sandbox }),
  };
}

/**
 * Packages of R and Python that look for a file here and in the folders above, and take the first one: without one here they
 * would find that of the project, which is not declared. An empty one says nothing.
 */
const searches: readonly (readonly [mentioned: RegExp, file: string])[] = [
  // The root of a project: `here('data', 'points.csv')`.
  [/\b(?:here::|(?:library|require)\(["']?here\b|rprojroot|pyprojroot)/, '.here'],
  // Variables of the environment.
  [/\bdotenv\b/, '.env'],
];

/** Puts into the folder of a command what ends the searches that one of its files mentions. */
function endSearches(directory: string, text: string): void {
  for (const [mentioned, file] of searches)
    if (mentioned.test(text) && !existsSync(join(directory, file))) writeFileSync(join(directory, file), '');
}

/** Libraries of numerics take all processors, whatever else runs there, unless they are told. */
function threadVariables(threads: number): Record<string, string> {
  const count = String(threads);
  const names = ['OMP', 'OPENBLAS', 'MKL', 'NUMEXPR'].map((name) => `${name}_NUM_THREADS`);
  return Object.fromEntries([...names, 'VECLIB_MAXIMUM_THREADS'].map((name) => [name, count]));
}

/** Where the environments of a store are, each in a folder named by the digest of its description. */
function environmentsOf({ directory }: Pick<Store, 'directory'>): string {
  return join(directory, 'environments');
}

function environmentOfNode(
  node: GraphNode,
  store: Places['store'],
  outcome: (producer: GraphNode) => Outcome,
): Described | undefined {
  const handle = node.stage.command?.environment && node.inputs.find(({ name }) => name === 'environment')?.handles[0];
  const blob = handle?.node.kind === 'node' ? outputsOf(outcome(handle.node))?.[handle.output] : undefined;
  return blob && (readJsonBlob(store, blob) as Described | undefined);
}

/** Whether a node is handed a folder with its inputs. */
function readsFiles({ inputs, stage }: GraphNode): boolean {
  return stage.command !== undefined || inputs.some(({ handles }) => handles.length > 0);
}

/** Makes a directory; false if it is there already, and may hold something. */
function makeNew(path: string): boolean {
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    makeDirectory(path);
    return false;
  }
}

/** Removes the scratch directory of a node whose outputs are in the store: mostly a few empty folders. Never throws. */
export function removeScratch(node: GraphNode, scratch: string, run: string): void {
  if (!readsFiles(node)) {
    try {
      for (const path of [outputDirectory(scratch, run), join(scratch, 'work'), scratch]) rmdirSync(path);
      return;
    } catch {
      // Something is left there, or gone.
    }
  }
  removeIfPossible(scratch);
}

export function outputDirectory(scratch: string, run: string): string {
  return join(scratch, `out-${run}`);
}

export function outputFiles(node: GraphNode, directory: string): Record<string, { type: string; path: string }> {
  return Object.fromEntries(
    Object.entries(node.stage.outputs).map(([output, type]) => [
      output,
      { type: type.id, path: join(directory, output + type.extension) },
    ]),
  );
}

/** The tables that are to be checked where they are made. */
function parquetOutputs(node: GraphNode, directory: string): Pick<JobMessage['nodes'][number], 'tables'> {
  const tables = Object.entries(outputFiles(node, directory)).flatMap(([output, { type, path }]) => {
    const { columns, extension } = node.stage.outputs[output]!;
    return columns && extension === '.parquet' ? [parquetOutput(output, type, path, columns)] : [];
  });
  return tables.length > 0 ? { tables } : {};
}

/** `type`: its id. */
export function parquetOutput(
  output: string,
  type: string,
  path: string,
  columns: Readonly<Record<string, ColumnType>>,
): ParquetTable {
  return { fault: `output "${output}" is not what ${type} declares`, path, columns };
}

/** As `outputFiles`, but a folder is the folder itself, made here, and not yet an archive. */
function handedOutputs(node: GraphNode, directory: string): Record<string, { type: string; path: string }> {
  const files = outputFiles(node, directory);
  for (const [output, type] of Object.entries(node.stage.outputs)) {
    if (!type.isFolder) continue;
    files[output] = { type: type.id, path: join(directory, output) };
    makeDirectory(join(directory, output));
  }
  return files;
}

/** Makes archives of the folders that a node left as its outputs. Throws an Error for what no folder of files is. */
export function packOutputs(node: GraphNode, directory: string): void {
  for (const [output, { path }] of Object.entries(outputFiles(node, directory))) {
    if (!node.stage.outputs[output]!.isFolder) continue;
    const folder = join(directory, output);
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (!found && lstatSync(path, { throwIfNoEntry: false })) continue;
    if (!found) throw new Error(missingOutput(node, output, folder, directory));
    if (!found.isDirectory()) throw new Error(`the stage left its output "${output}" as something other than a folder`);
    // Not an archive that the stage left there by itself.
    removeTree(path);
    try {
      packFolder(folder, path);
    } catch (error) {
      throw new Error(`output "${output}": ${(error as Error).message}`, { cause: error });
    }
    removeTree(folder);
  }
}

/** Copies of the files of a source folder, each of the content that the key names. */
function copySourceFolder(folder: SourceFolder, snapshot: Places['snapshot'], to: string): void {
  makeDirectory(to);
  for (const [path, digest] of Object.entries(folder.files)) {
    const copy = join(to, path);
    makeDirectory(dirname(copy));
    copyFileSync(snapshot(pathIn(folder, path), digest), copy, constants.COPYFILE_FICLONE);
  }
}

/** A script often writes its result under a name of its own: what it wrote is named too. */
function missingOutput({ stage }: GraphNode, output: string, path: string, directory: string): string {
  if (!stage.command) return `the stage returned without writing its output "${output}"`;
  const expected = basename(path);
  const others = otherFiles(stage, directory);
  const wrote = others.length > 0 ? `: it wrote ${others.slice(0, 5).join(', ')}` : '';
  return `the command ended without writing its output "${output}": expected the ${stage.outputs[output]!.isFolder ? 'folder' : 'file'} outputs/${expected}${wrote}`;
}

/** What a command left among its outputs that is none of them: `outputs/plot.png`. */
export function otherFiles({ outputs }: Pick<GraphNode['stage'], 'outputs'>, directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => !Object.hasOwn(outputs, name.split('.')[0]!))
    .map((name) => `outputs/${name}`);
}

/** Throws unless every declared output is there and is what its type declares. */
export function checkOutputs(node: GraphNode, directory: string): void {
  packOutputs(node, directory);
  for (const [output, { path }] of Object.entries(outputFiles(node, directory))) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) throw new Error(missingOutput(node, output, path, directory));
    if (!found.isFile()) throw new Error(`the stage left its output "${output}" as something other than a file`);
    const { id, schema, columns, extension } = node.stage.outputs[output]!;
    // A Parquet file was checked where the stage ran.
    const isTable = columns && extension === '.csv';
    const bytes = isTable || schema ? readFileSync(path) : undefined;
    if (bytes && !isUtf8(bytes)) throw new Error(`output "${output}" is not UTF-8: expected ${id} in UTF-8`);
    const text = bytes?.toString('utf8') ?? '';
    const difference = isTable && tableError(text, columns);
    if (difference) throw new Error(`output "${output}" is not what ${id} declares: ${difference}`);
    if (schema === undefined) continue;
    const value = parseJson(text, `output "${output}"`);
    const error = firstError(schema, value);
    if (error !== undefined) throw new Error(`output "${output}" is not what ${id} declares: ${error}`);
  }
}
