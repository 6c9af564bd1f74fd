import { caption } from './diagram.ts';
import type { Diagram, Vertex } from './diagram.ts';

/** For Markdown: GitHub and others draw it. */
export function mermaid({ vertices, edges }: Diagram): string {
  const ids = new Map(vertices.map(({ id }, i) => [id, `v${i}`]));
  const text = (vertex: Vertex): string => caption(vertex).replaceAll('"', '#quot;');
  const shape = (vertex: Vertex): string => (vertex.kind === 'file' ? `[/"${text(vertex)}"/]` : `["${text(vertex)}"]`);
  return [
    'flowchart LR',
    ...vertices.map((vertex) => `  ${ids.get(vertex.id)!}${shape(vertex)}`),
    ...edges.map(({ from, to }) => `  ${ids.get(from)!} --> ${ids.get(to)!}`),
    '',
  ].join('\n');
}

/** For Graphviz. */
export function dot({ vertices, edges }: Diagram): string {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    'digraph pipeline {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ...vertices.map(
      (vertex) =>
        `  ${quoted(vertex.id)} [label=${quoted(caption(vertex))}${vertex.kind === 'file' ? ', shape=note, style=""' : ''}];`,
    ),
    ...edges.map(({ from, to }) => `  ${quoted(from)} -> ${quoted(to)};`),
    '}',
    '',
  ].join('\n');
}
