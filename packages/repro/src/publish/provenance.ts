import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendChoice } from '../backends/choice.ts';
import { installed, pipelineImports } from '../code/edited-packages.ts';
import type { RunSummary } from '../events.ts';
import { markdown, markdownCode } from '../escape.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { keyScheme } from '../plan/key.ts';
import { machineWords, readTrace } from '../plan/trace.ts';
import type { Machine } from '../plan/trace.ts';
import type { Places, PlannedSet, Session } from '../session-parts.ts';
import { commitWords } from './git.ts';
import { isObject } from '../is-object.ts';
import { isString, parseJsonText } from '../store/records.ts';
import { readJsonBlob } from '../store/store.ts';
import { describeEnvironment } from '../environments/words.ts';
import type { Described } from '../environments/environment.ts';
import type { CodeState } from './git.ts';
import { readText } from '../store/files.ts';
import { plural } from '../plural.ts';

/** How the published results came to be. Not in any key and not in the lock: it differs between machines. */
export interface Provenance {
  readonly pipeline: string;
  readonly set: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly overrides: readonly string[];
  /** Of the run that published. */
  readonly finishedAt: string;
  readonly seconds: number;
  readonly nodes: { readonly executed: number; readonly cached: number; readonly notRun: number };
  /** By stage: how many of its nodes that run executed and found, and the work of all of them, whenever it was done. */
  readonly stages: Readonly<
    Record<string, { readonly executed: number; readonly cached: number; readonly seconds: number }>
  >;
  /** Where the nodes ran, each when it was built. */
  readonly machines: readonly (Machine & { readonly nodes: number; readonly seconds: number })[];
  /** By stage, the numeric class of what ran or would have. */
  readonly backends: Readonly<Record<string, string>>;
  /** By stage, how the backend was chosen: its name, the device that `auto` found, and what it passed over. */
  readonly backendChoices: Readonly<Record<string, BackendChoice>>;
  /** By stage and numeric class, how many results of another backend were accepted (`--accept-backend`). */
  readonly accepted: AcceptedCounts;
  /** Programs of the machine, with how many packages, that commands without an environment started. */
  readonly programs?: readonly string[];
  /** By node, the environments of commands: interpreter, platform, packages. */
  readonly environments: Readonly<Record<string, unknown>>;
  /** Node -> where its result came from, for results that were made elsewhere and taken in. */
  readonly adopted: Readonly<Record<string, string>>;
  readonly keyScheme: number;
  readonly commit: string | null;
  readonly packages: Readonly<Record<string, string>>;
}

export type AcceptedCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;
export type StageCounts = Map<string, { executed: number; cached: number; seconds: number }>;

export function collectProvenance(
  session: Session,
  keys: readonly (Key | undefined)[],
  summary: RunSummary,
  counts: StageCounts,
  accepted: AcceptedCounts,
  code: CodeState,
): Provenance {
  const backends: Record<string, string> = {};
  for (const node of session.graph.nodes) {
    const numericClass = session.numericClass(node);
    if (numericClass !== undefined) backends[node.stage.name] = numericClass;
  }
  const { seconds, machines, adopted, programs } = workOf(session, keys);
  return {
    pipeline: session.pipeline.name,
    set: session.parameters.name,
    parameters: session.parameters.values,
    overrides: session.parameters.overrides,
    finishedAt: new Date().toISOString(),
    seconds: tenths(summary.seconds),
    nodes: { executed: summary.executed, cached: summary.cached, notRun: summary.notRun },
    stages: Object.fromEntries(
      [...counts].map(([name, { executed, cached }]) => [
        name,
        { executed, cached, seconds: tenths(seconds.get(name) ?? 0) },
      ]),
    ),
    machines,
    backends,
    backendChoices: Object.fromEntries(session.backends),
    accepted,
    adopted,
    environments: environmentsOf(session, keys),
    ...(programs.length > 0 && { programs }),
    keyScheme,
    commit: commitWords(code),
    packages: versionsOfPackages(session.root),
  };
}

/** Seconds of work by stage, and where it was done, added up from each node's own run. */
function workOf(
  { graph, store }: PlannedSet & Places,
  keys: readonly (Key | undefined)[],
): {
  seconds: Map<string, number>;
  machines: Provenance['machines'];
  adopted: Record<string, string>;
  programs: readonly string[];
} {
  const programs = new Set<string>();
  const adopted: Record<string, string> = {};
  const seconds = new Map<string, number>();
  const machines = new Map<string, { machine: Machine; nodes: number; seconds: number }>();
  for (const { index, stage, name } of graph.nodes) {
    const key = keys[index];
    const result = key && store.readResult(key);
    const trace = result && readTrace(store, result.trace);
    if (!trace) continue;
    if (trace.adopted) {
      adopted[name] = trace.adopted.origin;
      continue;
    }
    seconds.set(stage.name, (seconds.get(stage.name) ?? 0) + trace.seconds);
    if (stage.command && !stage.command.environment)
      for (const words of programWords(trace.code.packages)) programs.add(words);
    const machine = canonicalJson(trace.machine);
    const known = machines.get(machine) ?? { machine: trace.machine, nodes: 0, seconds: 0 };
    machines.set(machine, { ...known, nodes: known.nodes + 1, seconds: known.seconds + trace.seconds });
  }
  const sorted = [...machines.values()].sort((a, b) => b.seconds - a.seconds);
  return {
    seconds,
    adopted,
    programs: [...programs].sort(),
    machines: sorted.map((each) => ({ ...each.machine, nodes: each.nodes, seconds: tenths(each.seconds) })),
  };
}

/**
 * Programs that a command started without a declared environment, of `{ "python3": "3.11.7 linux-x86_64", "python3: numpy":
 * "2.1.0" }`: `python3 3.11.7 linux-x86_64 with 1 package`.
 */
function programWords(packages: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(packages);
  return names
    .filter((name) => !name.includes(': '))
    .map((name) => {
      const count = names.filter((other) => other.startsWith(`${name}: `)).length;
      const version = packages[name]!;
      const program = version.startsWith(name) ? version : `${name} ${version}`;
      return `${program}${count > 0 ? ` with ${plural(count, 'package')}` : ''}`;
    });
}

function environmentsOf(
  { graph, store }: PlannedSet & Places,
  keys: readonly (Key | undefined)[],
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const node of graph.nodes) {
    if (!isEnvironment(node)) continue;
    const key = keys[node.index];
    const blob = key && store.readResult(key)?.outputs[environmentOutput];
    const described = blob && readJsonBlob(store, blob);
    if (described !== undefined) found[node.name] = described;
  }
  return found;
}

/** The output of an environment that describes it. */
export const environmentOutput = 'environment';

export function isEnvironment({ stage }: GraphNode): boolean {
  return stage.name === 'environment' && stage.here !== undefined;
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

export function provenanceMarkdown(facts: Provenance): string {
  const rows = Object.entries(facts.stages).map(
    ([stage, { executed, cached, seconds }]) => `| ${stage} | ${executed} | ${cached} | ${seconds} |`,
  );
  const packages = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  const overrides = facts.overrides.map((override) => markdownCode(override)).join(', ');
  const machines = facts.machines.map(
    ({ nodes, seconds, ...machine }) =>
      `${plural(nodes, 'node')}, ${seconds} s of work: ${markdown(machineWords(machine))}`,
  );
  return `## Provenance

Parameter set ${markdownCode(facts.set)}${overrides && ` with ${overrides}`}, published ${facts.finishedAt.slice(0, 19).replace('T', ' ')} UTC by a run of ${facts.seconds} s: ${plural(facts.nodes.executed, 'node')} executed, ${facts.nodes.cached} cached, ${facts.nodes.notRun} not run. Seconds of work are those of each node's own run, whenever that was.

| stage | executed | cached | seconds of work |
|---|--:|--:|--:|
${rows.join('\n')}

- Commit: ${facts.commit ?? 'not a git checkout'}
${machines.map((machine) => `- Machine: ${machine}\n`).join('')}- Backends: ${
    Object.entries(facts.backends)
      .map(([stage, name]) => `${stage} on ${name}${deviceOf(facts.backendChoices[stage])}`)
      .join(', ') || 'none'
  }${acceptedWords(facts.accepted)}; key scheme ${facts.keyScheme}
${Object.values(facts.environments)
  .map((each) => `- Environment: ${markdown(describeEnvironment(each as Described))}\n`)
  .join('')}${Object.entries(facts.adopted)
    .map(([node, origin]) => `- Not computed here, but taken in: ${markdownCode(node)} from ${markdown(origin)}\n`)
    .join(
      '',
    )}${facts.programs ? `- Programs of the machine: ${markdown(facts.programs.join('; '))}\n` : ''}- Packages: ${packages.join(', ') || 'none'}

The full parameters are in \`provenance.json\`; keys and digests of all nodes are in \`lock.json\`.
`;
}

function deviceOf(choice: BackendChoice | undefined): string {
  return choice?.device === undefined ? '' : ` (${markdown(choice.device)})`;
}

function acceptedWords(accepted: AcceptedCounts): string {
  return Object.entries(accepted)
    .flatMap(([stage, classes]) =>
      Object.entries(classes).map(
        ([numericClass, count]) => `, accepted for it: ${count} of ${stage} on ${numericClass}`,
      ),
    )
    .join('');
}

/** Versions of the packages that the project declares, and of those that pipeline.ts imports though they are not declared. */
function versionsOfPackages(root: string): Record<string, string> {
  const names = new Set([...declaredPackages(root), ...pipelineImports(root).names]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const folder = installed(root, name);
      const manifest = folder && parseJsonText(readText(join(folder, 'package.json')));
      return isObject(manifest) && isString(manifest['version']) ? [[name, manifest['version']]] : [];
    }),
  );
}

function declaredPackages(root: string): string[] {
  const path = join(root, 'package.json');
  const manifest = existsSync(path) ? parseJsonText(readText(path)) : undefined;
  return isObject(manifest) && isObject(manifest['dependencies']) ? Object.keys(manifest['dependencies']) : [];
}
