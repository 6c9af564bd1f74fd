import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { acceptedBackends } from './backends/accepted.ts';
import { checkBackendName, chooseBackends, numericClassOf } from './backends/choice.ts';
import { pipelineImports, refuseEditedPackages } from './code/edited-packages.ts';
import { messageWithPlace } from './code/error-place.mjs';
import { loadStageCode } from './code/stage-code.ts';
import type { StageCode } from './code/stage-code.ts';
import { InputError } from './errors.ts';
import { DeclarationError } from './graph/declared.ts';
import { GraphError, buildGraph } from './graph/graph.ts';
import type { Graph, GraphNode } from './graph/graph.ts';
import type { BackendExecution, Execution, StageDeclaration } from './graph/stage.ts';
import { loadParameters } from './params/load.ts';
import type { ParameterSet } from './params/load.ts';
import { firstError } from './params/validate.ts';
import type { PipelineDefinition, Publication } from './pipeline.ts';
import { CheckedOutputs } from './plan/declared-outputs.ts';
import { checkPublication } from './publish/check-publication.ts';
import { isPattern } from './plan/source-folder.ts';
import { labelOf } from './publish/label.ts';
import { pinsOf } from './publish/lock.ts';
import type { Session } from './session-parts.ts';
import { statOrUndefined, readText } from './store/files.ts';
import { ByName } from './store/by-name.ts';
import { rootDirectory } from './store/root.ts';
import { Store } from './store/store.ts';
import type { OpenMode } from './store/store.ts';

export interface SessionOptions {
  readonly params: string;
  readonly set: readonly string[];
  readonly store: string;
  readonly reports: string;
  readonly backend: string;
  /** Whose results pass for those of the backend: `any`, or a name. */
  readonly acceptBackend?: string | undefined;
  /** Whether a store is made where there is none; `look` unless given. */
  readonly openStore?: OpenMode;
}

/** The graph of a parameter set; opens no store. Throws InputErrors. */
export function planGraph(
  pipeline: PipelineDefinition,
  root: string,
  parameters: ParameterSet,
): { graph: Graph; publication: Publication } {
  const check = (stage: StageDeclaration, params: Record<string, unknown>): Record<string, unknown> => {
    const copy = structuredClone(params);
    const error = firstError(stage.params, copy);
    if (error) throw new GraphError(`stage ${stage.name}: ${error}`);
    return copy;
  };
  const readProjectFile = (path: string): string => {
    const absolute = join(root, path);
    if (!existsSync(absolute)) throw new InputError(`${path}: no such file`);
    return readText(absolute);
  };
  try {
    const { graph, result } = buildGraph(check, () =>
      pipeline.build(parameters.values, { set: parameters.name, file: parameters.file, readText: readProjectFile }),
    );
    checkPublication(result);
    checkSources(root, graph);
    return { graph, publication: result };
  } catch (error) {
    throw pipelineMistake(error, root);
  }
}

export async function openSession(
  pipeline: PipelineDefinition,
  root: string,
  options: SessionOptions,
): Promise<Session> {
  const parameters = loadParameters(root, options.params, options.set, pipeline.params);
  const { graph, publication } = planGraph(pipeline, root, parameters);

  const stages = new Set(graph.nodes.map((node) => node.stage));
  checkBackendName('--backend', options.backend, stages, ['auto']);
  const { acceptBackend } = options;
  if (acceptBackend !== undefined) checkBackendName('--accept-backend', acceptBackend, stages, ['any']);
  if (statOrUndefined(resolve(options.reports))?.isDirectory() === false)
    throw new InputError(`--reports ${options.reports}: it is a file: expected a directory`);
  if (`${resolve(options.reports)}${sep}`.startsWith(`${resolve(options.store)}${sep}`))
    throw new InputError(
      `--reports ${options.reports}: it is inside the store ${options.store}: expected another directory`,
    );
  const store = new Store(resolve(options.store), options.openStore ?? 'look');
  const label = labelOf(parameters);
  const reportDirectory = join(resolve(options.reports), label);
  const namesOf = (reports: string): string => rootDirectory(store.directory, { project: root, reports });
  const { readOnly } = store;
  const setDirectory = join(resolve(options.reports), parameters.name);
  const fallback = label === parameters.name ? undefined : new ByName(namesOf(setDirectory), { readOnly: true });
  const byName = new ByName(namesOf(reportDirectory), { readOnly, fallback });
  const checked = new CheckedOutputs(byName.directory);
  const loadCode = (stage: StageDeclaration, backend: string | undefined): Promise<StageCode> =>
    loadStageCode(root, stage, backend);
  const { choices, code, known } = await chooseBackends(
    graph,
    options.backend,
    { root, store, byName, checked },
    loadCode,
  );
  const used = [pipelineImports(root).packages, ...[...code.values()].map(({ packages }) => packages)];
  refuseEditedPackages(root, Object.assign({}, ...used) as StageCode['packages']);
  const accepts =
    acceptBackend === undefined ? undefined : await acceptedBackends(stages, acceptBackend, choices, loadCode);
  const execution = ({ stage }: GraphNode): Execution | BackendExecution | undefined => {
    const choice = choices.get(stage.name);
    return choice ? stage.backends![choice.name] : stage.execution;
  };
  return {
    pipeline,
    root,
    parameters,
    graph,
    publication,
    store,
    byName,
    code,
    known,
    checked,
    ...(accepts && { accepts }),
    reportDirectory,
    rootFacts: {
      project: root,
      reports: reportDirectory,
      label,
      set: parameters.name,
      overrides: parameters.overrides,
    },
    pinOf: pinsOf(reportDirectory, setDirectory),
    backend: options.backend,
    backends: choices,
    execution,
    numericClass: ({ stage }) => numericClassOf(stage, choices),
    close: () => store.close(),
  };
}

/** What went wrong in `build`, as one line: with its place where the mistake is in the code, not in the parameters. */
function pipelineMistake(error: unknown, root: string): unknown {
  if (error instanceof InputError) return error;
  const told = error instanceof GraphError && !(error instanceof DeclarationError);
  return new InputError(told ? error.message : messageWithPlace(error, root));
}

/** Why a path names no source file of a project. */
function sourceProblem(root: string, path: string, isFolder: boolean): string | undefined {
  if (isAbsolute(path) || relative(root, join(root, path)).startsWith('..'))
    return 'expected a path below the root of the project, where every clone has it';
  if (isFolder && isPattern(path)) return undefined;
  const stats = statOrUndefined(join(root, path));
  if (!stats) return isFolder ? 'no such folder' : 'no such file';
  if (isFolder) return stats.isDirectory() ? undefined : 'it is a file: expected a folder, or a pattern of files';
  if (stats.isDirectory()) return 'it is a directory: expected a file, or the type directory(...)';
  return stats.isFile() ? undefined : 'it is no plain file';
}

/** A source file that is not there is a mistake in the call, told before anything runs. */
function checkSources(root: string, graph: Graph): void {
  const seen = new Set<string>();
  for (const node of graph.nodes) {
    for (const { handles } of node.inputs) {
      for (const { node: producer, type } of handles) {
        if (producer.kind !== 'source' || seen.has(producer.path)) continue;
        seen.add(producer.path);
        const problem = sourceProblem(root, producer.path, type.isFolder === true);
        if (problem !== undefined) throw new InputError(`${producer.path}: ${problem}: ${node.name} reads it`);
      }
    }
  }
}
