/** The public surface of the engine: what `pipeline.ts`, `stages/` and the command line build on. */
export { available, directory, file, json, many, optional, parquet, table } from './graph/artifact.ts';
export type {
  ArtifactType,
  Available,
  ColumnType,
  Determinism,
  InputType,
  Many,
  Optional,
  ValueOf,
} from './graph/artifact.ts';
export { GraphError, group, source } from './graph/graph.ts';
export type { Graph, GraphNode, Handle } from './graph/graph.ts';
export { defineCommand } from './graph/command.ts';
export type { Command, CommandDeclaration } from './graph/command.ts';
export { container, python, r, tools } from './environments/environment.ts';
export type { Environment } from './environments/environment.ts';
export { command } from './graph/command-call.ts';
export type { CommandCall } from './graph/command-call.ts';
export { claim, from } from './outline/claim.ts';
export type { ClaimDeclaration, JudgedClaim, ValueAt } from './outline/claim.ts';
export { agree, intervalContains, intervalWithin, largest, mean, median, share, within } from './outline/rules.ts';
export type { Bounds, Rule } from './outline/rules.ts';
export { vegaLite } from './outline/vega-lite.ts';
export type { Drawing, Specification } from './outline/vega-lite.ts';
export type { Outline } from './outline/report.ts';
export { fetchFile } from './fetch-file/fetch-file.ts';
export { defineStage } from './graph/stage.ts';
export type { BackendProbe, Stage, StageDeclaration } from './graph/stage.ts';
export type { BatchFailure, ContextOf, StageContext, StageRun, StageRunBatch } from './graph/context.ts';
export { canonicalJson } from './graph/canonical-json.ts';
export { InputError } from './errors.ts';
export { ClaimResult, ClaimResults, Verdict } from './claims/claim.ts';
export { figureOutputs, FigureCaption } from './figures/artifacts.ts';
export { Page, page } from './page/stage.ts';
export { claimsSchema } from './claims/definition.ts';
export { parseClaims } from './claims/parse.ts';
export { definePipeline } from './pipeline.ts';
export type {
  BuildContext,
  OutlineDefinition,
  PipelineDefinition,
  PipelinePart,
  Publication,
  ValuesOf,
} from './pipeline.ts';
export { parseJson } from './params/parse-json.ts';
export { Type } from '@sinclair/typebox';
export type { Static } from '@sinclair/typebox';
export { firstError } from './params/validate.ts';
export { didYouMean } from './nearest.ts';
