import type { GraphNode } from '../../graph/graph.ts';

/** A box of a diagram: a stage with the number of its nodes, a node, or a file of the project. */
export interface Vertex {
  readonly id: string;
  readonly label: string;
  readonly kind: 'stage' | 'node' | 'file';
  /** Of a stage: how many nodes it has. */
  readonly count: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** How many handles it stands for. */
  readonly count: number;
}

/** Vertices in a topological order. */
export interface Diagram {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

/**
 * One box for each stage, or with `full` for each node; and the files that stages read. `nodes` are in topological order;
 * what they are made from and is not among them is left out.
 */
export function diagramOf(nodes: readonly GraphNode[], full: boolean): Diagram {
  const drawn = new Set<unknown>(nodes);
  const vertices = new Map<string, { id: string; label: string; kind: Vertex['kind']; count: number }>();
  const edges = new Map<string, { from: string; to: string; count: number }>();
  for (const node of nodes) {
    const to = full ? node.name : node.stage.name;
    for (const { handles } of node.inputs) {
      for (const { node: producer } of handles) {
        if (producer.kind === 'node' && !drawn.has(producer)) continue;
        const from = producer.kind === 'source' ? producer.path : full ? producer.name : producer.stage.name;
        if (producer.kind === 'source' && !vertices.has(from))
          vertices.set(from, { id: from, label: from, kind: 'file', count: 1 });
        if (from === to) continue;
        const edge = edges.get(`${from}\n${to}`);
        if (edge) edge.count++;
        else edges.set(`${from}\n${to}`, { from, to, count: 1 });
      }
    }
    const vertex = vertices.get(to);
    if (vertex) vertex.count++;
    else vertices.set(to, { id: to, label: to, kind: full ? 'node' : 'stage', count: 1 });
  }
  return { vertices: topological([...vertices.values()], [...edges.values()]), edges: [...edges.values()] };
}

/** What a stage is drawn as: `train × 300`. */
export function caption({ label, count }: Vertex): string {
  return count > 1 ? `${label} × ${count}` : label;
}

/** Stages may feed each other both ways (not nodes); such edges are drawn as they come. */
function topological(vertices: Vertex[], edges: readonly Edge[]): Vertex[] {
  const incoming = new Map(vertices.map(({ id }) => [id, 0]));
  const outgoing = new Map<string, string[]>(vertices.map(({ id }) => [id, []]));
  for (const { from, to } of edges) {
    incoming.set(to, incoming.get(to)! + 1);
    outgoing.get(from)!.push(to);
  }
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const ready = vertices.filter(({ id }) => incoming.get(id) === 0);
  const order = new Set<Vertex>();
  for (let at = 0; at < ready.length; at++) {
    order.add(ready[at]!);
    for (const to of outgoing.get(ready[at]!.id)!) {
      incoming.set(to, incoming.get(to)! - 1);
      if (incoming.get(to) === 0) ready.push(byId.get(to)!);
    }
  }
  return [...order, ...vertices.filter((vertex) => !order.has(vertex))];
}
