import type { Session } from '../session.ts';

/** What git says of the code that made a report. */
export interface CodeState {
  /** `d42f096698cf`; null outside a git checkout. */
  readonly commit: string | null;
  /** Tracked files changed, or files that the results depend on are not in git. Reports do not count. */
  readonly uncommitted: boolean;
  /** Files of the report itself are in git. */
  readonly reportTracked: boolean;
}

/** What a provenance says of a commit that is not the whole truth. */
export const uncommittedWords = ' with uncommitted changes';

export async function codeState({ root, reportDirectory, code, graph, parameters }: Session): Promise<CodeState> {
  const { $ } = await import('zx');
  const git = $({ cwd: root, quiet: true, nothrow: true });
  const commit = await git`git rev-parse --short=12 HEAD`;
  if (commit.exitCode !== 0) return { commit: null, uncommitted: false, reportTracked: false };
  const used = new Set<string>(['pipeline.ts', parameters.file]);
  for (const { files } of code.values()) for (const path of Object.keys(files)) used.add(path);
  for (const { inputs } of graph.nodes)
    for (const { handles } of inputs) for (const { node } of handles) if (node.kind === 'source') used.add(node.path);
  const [status, tracked] = await Promise.all([
    git`git status --porcelain -z --untracked-files=all -- . :!reports`,
    git`git ls-files -- ${reportDirectory}`,
  ]);
  const changes = status.stdout.split('\0').filter((line) => line.length > 3);
  const uncommitted = changes.some((line) => !line.startsWith('??') || used.has(line.slice(3)));
  return { commit: commit.stdout.trim(), uncommitted, reportTracked: tracked.exitCode === 0 && tracked.stdout !== '' };
}

export function commitWords({ commit, uncommitted }: CodeState): string | null {
  return commit === null ? null : commit + (uncommitted ? uncommittedWords : '');
}
