import type { Diagram, Vertex } from './diagram.ts';

/** A place in a layer: a vertex, or a bend where an edge passes through. */
export interface Place {
  readonly vertex: Vertex | undefined;
  readonly layer: number;
  /** From the top of the layer. */
  position: number;
}

export interface Layering {
  readonly layers: readonly (readonly Place[])[];
  /** For each edge of the diagram the places it goes through, from end to end. */
  readonly routes: readonly (readonly Place[])[];
}

const sweeps = 8;

/**
 * A layered drawing (Sugiyama): each vertex right of all it needs, files just left of what reads them, long edges
 * through bends, and the order within a layer by the mean place of the neighbours, swept to and fro.
 */
export function layOut({ vertices, edges }: Diagram): Layering {
  const position = new Map(vertices.map(({ id }, i) => [id, i]));
  const forward = edges.filter(({ from, to }) => position.get(from)! < position.get(to)!);
  const layerOf = new Map<string, number>(vertices.map(({ id }) => [id, 0]));
  const outgoing = new Map<string, string[]>(vertices.map(({ id }) => [id, []]));
  for (const { from, to } of forward) outgoing.get(from)!.push(to);
  for (const { id } of vertices)
    for (const to of outgoing.get(id)!) layerOf.set(to, Math.max(layerOf.get(to)!, layerOf.get(id)! + 1));
  for (const { id, kind } of vertices) {
    const readers = outgoing.get(id)!;
    if (kind === 'file' && readers.length) layerOf.set(id, Math.min(...readers.map((to) => layerOf.get(to)!)) - 1);
  }
  const lowest = Math.min(0, ...layerOf.values());

  const layers: Place[][] = [];
  const add = (vertex: Vertex | undefined, layer: number): Place => {
    const places = (layers[layer] ??= []);
    const place = { vertex, layer, position: places.length };
    places.push(place);
    return place;
  };
  const placeOf = new Map(vertices.map((vertex) => [vertex.id, add(vertex, layerOf.get(vertex.id)! - lowest)]));
  const neighbours = new Map<Place, { left: Place[]; right: Place[] }>();
  const sides = (place: Place): { left: Place[]; right: Place[] } => {
    let found = neighbours.get(place);
    if (!found) neighbours.set(place, (found = { left: [], right: [] }));
    return found;
  };
  const routes = forward.map(({ from, to }) => {
    const [start, end] = [placeOf.get(from)!, placeOf.get(to)!];
    const route = [start];
    for (let layer = start.layer + 1; layer < end.layer; layer++) route.push(add(undefined, layer));
    route.push(end);
    for (let i = 1; i < route.length; i++) {
      sides(route[i - 1]!).right.push(route[i]!);
      sides(route[i]!).left.push(route[i - 1]!);
    }
    return route;
  });

  const sortBy = (layer: Place[], side: 'left' | 'right'): void => {
    const target = new Map(
      layer.map((place) => [place, mean(sides(place)[side].map((other) => other.position)) ?? place.position]),
    );
    layer.sort((a, b) => target.get(a)! - target.get(b)!).forEach((place, i) => (place.position = i));
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let i = 1; i < layers.length; i++) sortBy(layers[i]!, 'left');
    for (let i = layers.length - 2; i >= 0; i--) sortBy(layers[i]!, 'right');
  }
  return { layers, routes };
}

function mean(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}
