import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { BackendChoice } from '../backends/choice.ts';
import type { RunSummary } from '../events.ts';
import { keyScheme } from '../plan/key.ts';
import type { Session } from '../session.ts';

/** How the published results came to be. Not in any key and not in the lock: it differs between machines. */
export interface Provenance {
  readonly pipeline: string;
  readonly set: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly overrides: readonly string[];
  readonly finishedAt: string;
  readonly seconds: number;
  readonly nodes: { readonly executed: number; readonly cached: number; readonly notRun: number };
  readonly stages: Readonly<
    Record<string, { readonly executed: number; readonly cached: number; readonly seconds: number }>
  >;
  /** By stage, the numeric class of what ran or would have. */
  readonly backends: Readonly<Record<string, string>>;
  /** By stage, how the backend was chosen: its name, the device that `auto` found, and what it passed over. */
  readonly backendChoices: Readonly<Record<string, BackendChoice>>;
  /** By stage and numeric class, how many results of another backend were accepted (`--accept-backend`). */
  readonly accepted: AcceptedCounts;
  readonly keyScheme: number;
  readonly commit: string | null;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
}

export type AcceptedCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;
export type StageCounts = Map<string, { executed: number; cached: number; seconds: number }>;

export async function collectProvenance(
  session: Session,
  summary: RunSummary,
  stages: StageCounts,
  accepted: AcceptedCounts,
): Promise<Provenance> {
  const backends: Record<string, string> = {};
  for (const node of session.graph.nodes) {
    const numericClass = session.numericClass(node);
    if (numericClass !== undefined) backends[node.stage.name] = numericClass;
  }
  return {
    pipeline: session.pipeline.name,
    set: session.parameters.name,
    parameters: session.parameters.values,
    overrides: session.parameters.overrides,
    finishedAt: new Date().toISOString(),
    seconds: Math.round(summary.seconds * 10) / 10,
    nodes: { executed: summary.executed, cached: summary.cached, notRun: summary.notRun },
    stages: Object.fromEntries(
      [...stages].map(([name, { executed, cached, seconds }]) => [
        name,
        { executed, cached, seconds: Math.round(seconds * 10) / 10 },
      ]),
    ),
    backends,
    backendChoices: Object.fromEntries(session.backends),
    accepted,
    keyScheme,
    commit: await commitOf(session.root),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${process.arch}`,
    node: process.version,
    packages: directDependencies(session.root),
  };
}

export function provenanceMarkdown(facts: Provenance): string {
  const rows = Object.entries(facts.stages).map(
    ([stage, { executed, cached, seconds }]) => `| ${stage} | ${executed} | ${cached} | ${seconds} |`,
  );
  const packages = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  return `## Provenance

Parameter set \`${facts.set}\`${facts.overrides.length ? ` with ${facts.overrides.map((override) => `\`${override}\``).join(', ')}` : ''}, finished ${facts.finishedAt.slice(0, 19).replace('T', ' ')} UTC after ${facts.seconds} s: ${facts.nodes.executed} nodes executed, ${facts.nodes.cached} cached, ${facts.nodes.notRun} not run.

| stage | executed | cached | seconds of work |
|---|--:|--:|--:|
${rows.join('\n')}

- Commit: ${facts.commit ?? 'not a git checkout'}
- Machine: ${facts.processor}, ${facts.cores} cores, ${facts.memoryGiB} GiB; ${facts.system}; Node ${facts.node}
- Backends: ${
    Object.entries(facts.backends)
      .map(([stage, name]) => `${stage} on ${name}${deviceOf(facts.backendChoices[stage])}`)
      .join(', ') || 'none'
  }${acceptedWords(facts.accepted)}; key scheme ${facts.keyScheme}
- Packages: ${packages.join(', ')}

The full parameters are in \`provenance.json\`; keys and digests of all nodes are in \`lock.json\`.
`;
}

function deviceOf(choice: BackendChoice | undefined): string {
  return choice?.device === undefined ? '' : ` (${choice.device})`;
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

async function commitOf(root: string): Promise<string | null> {
  const { $ } = await import('zx');
  const git = $({ cwd: root, quiet: true, nothrow: true });
  const commit = await git`git rev-parse --short=12 HEAD`;
  if (commit.exitCode !== 0) return null;
  const changes = await git`git status --porcelain --untracked-files=no -- . :!reports`;
  return commit.stdout.trim() + (changes.stdout.trim() ? ' with uncommitted changes' : '');
}

function directDependencies(root: string): Record<string, string> {
  try {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    return Object.fromEntries(
      Object.keys(dependencies).map((name) => {
        const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
          version: string;
        };
        return [name, version];
      }),
    );
  } catch {
    return {};
  }
}
