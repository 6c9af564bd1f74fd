import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { isPattern } from '../plan/source-folder.ts';
import type { PlannedSet, Session } from '../session-parts.ts';
import { runGit } from './run-git.ts';

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
  const commit = await runGit(root, 'rev-parse', '--short=12', 'HEAD');
  if (commit === undefined) return { commit: null, uncommitted: false, reportTracked: false };
  const used = new Set<string>(['pipeline.ts', parameters.file]);
  for (const { files } of code.values()) for (const path of Object.keys(files)) used.add(path);
  for (const { inputs } of graph.nodes)
    for (const { handles } of inputs) for (const { node } of handles) if (node.kind === 'source') used.add(node.path);
  const folders = sourceFoldersOf(graph);
  const reports = relative(root, resolve(root, dirname(reportDirectory))).replaceAll('\\', '/');
  const isInside = reports !== '' && reports !== 'reports' && !reports.startsWith('..') && !isAbsolute(reports);
  const but = [':!reports', ...(isInside ? [`:(exclude,literal)${reports}`] : [])];
  const [status, tracked, prefix, ignored] = await Promise.all([
    runGit(root, 'status', '--porcelain', '-z', '--untracked-files=all', '--', '.', ...but),
    runGit(root, 'ls-files', '--', reportDirectory),
    runGit(root, 'rev-parse', '--show-prefix'),
    // A project in a folder that git ignores, such as one below a home directory that is in git, is none of its commits.
    runGit(root, 'check-ignore', '--', 'pipeline.ts', parameters.file),
  ]);
  const changes = status?.split('\0').filter((line) => line.length > 3);
  // Paths are those from the root of the repository, of which the project may be a folder.
  const start = (prefix ?? '').replace(/\n$/, '');
  const pathOf = (line: string): string => (line.startsWith(start, 3) ? line.slice(3 + start.length) : line.slice(3));
  // Where git does not say, the commit alone may not be the whole truth.
  const uncommitted =
    !changes ||
    (ignored ?? '') !== '' ||
    changes.some(
      (line) =>
        !line.startsWith('??') || used.has(pathOf(line)) || folders.some((base) => pathOf(line).startsWith(base)),
    );
  return { commit: commit.trim(), uncommitted, reportTracked: (tracked ?? '') !== '' };
}

/** Source folders, or those before a pattern, with their slash: a new file there may be a new input. */
function sourceFoldersOf({ nodes }: PlannedSet['graph']): string[] {
  const sources = nodes.flatMap(({ inputs }) => inputs.flatMap(({ handles }) => handles));
  return sources.flatMap(({ node, type }) => {
    if (node.kind !== 'source' || !type.isFolder) return [];
    const parts = node.path.split('/').filter((part) => part !== '');
    const end = parts.findIndex(isPattern);
    return [
      parts
        .slice(0, end < 0 ? undefined : end)
        .map((part) => `${part}/`)
        .join(''),
    ];
  });
}

export function commitWords({ commit, uncommitted }: CodeState): string | null {
  return commit === null ? null : commit + (uncommitted ? uncommittedWords : '');
}
