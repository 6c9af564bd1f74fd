import type { JobMessage } from './protocol.ts';

/** What a job needs to know of the code of a stage. */
interface Code {
  readonly bundlePath: string;
  readonly selfContained?: boolean;
}

/** The code of a job, by the code of each of its nodes: variants of one stage name a module of their own. */
export function jobCode(
  codes: readonly Code[],
  nodes: JobMessage['nodes'],
): Pick<JobMessage, 'bundle' | 'selfContained' | 'nodes'> {
  const bundle = codes[0]!.bundlePath;
  return {
    bundle,
    ...(codes.every(({ selfContained }) => selfContained) && { selfContained: true }),
    nodes: nodes.map((node, i) => (codes[i]!.bundlePath === bundle ? node : { ...node, bundle: codes[i]!.bundlePath })),
  };
}
