import fc from 'fast-check';
import { appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/graph/digest.ts';
import { source } from '../../src/graph/graph.ts';
import type { Store } from '../../src/store/store.ts';
import { SourceText, inputTexts, puppetStage } from '../puppets.ts';
import type { Puppet, PuppetProject } from '../puppets.ts';

const stages = [
  puppetStage('a'),
  puppetStage('b', { batchBy: ['value'], maximumBatch: 3 }),
  puppetStage('c', { resources: { cpu: 2 } }),
];

/** A node as data: what it takes is given by positions, taken modulo how many there are before it. */
export interface WorldNode {
  readonly stage: number;
  readonly value: number;
  readonly from: readonly number[];
  readonly maybe: number | null;
  readonly reads: readonly number[];
}

export interface World {
  readonly nodes: readonly WorldNode[];
  readonly code: readonly number[];
  readonly sources: readonly number[];
}

const worldNode: fc.Arbitrary<WorldNode> = fc.record({
  stage: fc.nat(2),
  value: fc.nat(2),
  from: fc.array(fc.nat(20), { maxLength: 3 }),
  maybe: fc.option(fc.nat(20)),
  reads: fc.array(fc.nat(1), { maxLength: 1 }),
});

/** Values come from small domains, so that edits are often undone and old results become right again. */
export const randomWorld: fc.Arbitrary<World> = fc.record({
  nodes: fc.array(worldNode, { minLength: 1, maxLength: 12 }),
  code: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1)),
  sources: fc.tuple(fc.nat(2), fc.nat(2)),
});

export type Edit =
  | { readonly edit: 'value'; readonly node: number; readonly to: number }
  | { readonly edit: 'code'; readonly stage: number; readonly to: number }
  | { readonly edit: 'source'; readonly source: number; readonly to: number }
  | { readonly edit: 'rewire'; readonly node: number; readonly to: WorldNode }
  | { readonly edit: 'append'; readonly to: WorldNode }
  | { readonly edit: 'drop' };

export const randomEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ edit: fc.constant('value' as const), node: fc.nat(20), to: fc.nat(2) }),
  fc.record({ edit: fc.constant('code' as const), stage: fc.nat(2), to: fc.nat(1) }),
  fc.record({ edit: fc.constant('source' as const), source: fc.nat(1), to: fc.nat(2) }),
  fc.record({ edit: fc.constant('rewire' as const), node: fc.nat(20), to: worldNode }),
  fc.record({ edit: fc.constant('append' as const), to: worldNode }),
  fc.record({ edit: fc.constant('drop' as const) }),
);

export function applyEdit(world: World, edit: Edit): World {
  const put = <T>(list: readonly T[], at: number, value: T): T[] =>
    list.map((old, i) => (i === at % list.length ? value : old));
  const { nodes } = world;
  switch (edit.edit) {
    case 'value':
      return { ...world, nodes: put(nodes, edit.node, { ...nodes[edit.node % nodes.length]!, value: edit.to }) };
    case 'code':
      return { ...world, code: put(world.code, edit.stage, edit.to) };
    case 'source':
      return { ...world, sources: put(world.sources, edit.source, edit.to) };
    case 'rewire':
      return { ...world, nodes: put(nodes, edit.node, edit.to) };
    case 'append':
      return nodes.length < 15 ? { ...world, nodes: [...nodes, edit.to] } : world;
    case 'drop':
      return nodes.length > 1 ? { ...world, nodes: nodes.slice(0, -1) } : world;
  }
}

/** The project as the world says; returns the names of its nodes by position. */
export function realize(project: PuppetProject, world: World): string[] {
  world.sources.forEach((content, i) => project.write(`source-${i}.txt`, `${content}`));
  stages.forEach(({ declaration }, i) => project.code.set(declaration.name, `${world.code[i]!}`));
  const nodes: { name: string }[] = [];
  project.build(() => {
    const made: ReturnType<(typeof stages)[number]>[] = [];
    world.nodes.forEach(({ stage, value, from, maybe, reads }, position) => {
      const earlier = (at: number) => made[at % position]!.out;
      const handles = stages[stage]!(
        { position, value },
        {
          from: position ? from.map(earlier) : [],
          maybe: position && maybe !== null ? earlier(maybe) : undefined,
          read: reads.map((i) => source(`source-${i}.txt`, SourceText)),
        },
      );
      made.push(handles);
      nodes.push(handles.node);
    });
  });
  return nodes.map(({ name }) => name);
}

/** What a node computes: few different values, so that changed inputs often leave the bytes as they were. */
function computed(position: number, code: number, value: number, inputs: string[][]): string {
  return `${position}: ${parseInt(sha256(JSON.stringify([code, value, inputs])).slice(0, 8), 16) % 3}`;
}

/** As a puppet computes it, from the files it was handed. */
export function textOf(world: World): (job: Puppet['jobs'][number]) => string {
  return ({ params, inputs }) => {
    const { position, value } = params as { position: number; value: number };
    return computed(position, world.code[world.nodes[position]!.stage]!, value, inputTexts(inputs));
  };
}

/** The simplest thing that could be a store: results by everything they are made of. */
export class ModelStore {
  readonly #results = new Map<string, string>();
  readonly #blobs = new Set<string>();

  /** Of the wanted nodes and what they need: those that have to run, and what each comes to. */
  plan(
    world: World,
    wanted: ReadonlySet<number>,
  ): { run: Set<number>; add: (position: number) => void; texts: string[] } {
    const run = new Set<number>();
    const texts: string[] = [];
    const keys: string[] = [];
    world.nodes.forEach(({ stage, value, from, maybe, reads }, position) => {
      const inputs = [
        position ? from.map((at) => texts[at % position]!) : [],
        position && maybe !== null ? [texts[maybe % position]!] : ['absent'],
        reads.map((i) => `${world.sources[i]!}`),
      ];
      texts.push(computed(position, world.code[stage]!, value, inputs));
      keys.push(JSON.stringify([stage, world.code[stage], position, value, inputs]));
    });
    for (const position of needed(world, wanted)) {
      if (!this.#blobs.has(this.#results.get(keys[position]!) ?? '')) run.add(position);
    }
    const add = (position: number): void => {
      this.#results.set(keys[position]!, texts[position]!);
      this.#blobs.add(texts[position]!);
    };
    return { run, add, texts };
  }

  loseBlob(text: string): void {
    this.#blobs.delete(text);
  }
}

function needed({ nodes }: World, wanted: ReadonlySet<number>): Set<number> {
  const closed = new Set<number>();
  const open = [...wanted];
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    if (closed.has(position)) continue;
    closed.add(position);
    const { from, maybe } = nodes[position]!;
    if (position > 0) for (const at of maybe === null ? from : [...from, maybe]) open.push(at % position);
  }
  return closed;
}

export const randomLoss = fc.record({
  position: fc.nat(20),
  how: fc.constantFrom('remove' as const, 'flip' as const, 'truncate' as const, 'extend' as const),
});

/** Damages the blob with this content in the store and the model, if it is there. */
export function lose(
  store: Store,
  model: ModelStore,
  text: string,
  how: 'remove' | 'flip' | 'truncate' | 'extend',
): void {
  const path = store.blobPath(sha256(text));
  try {
    const bytes = readFileSync(path);
    chmodSync(path, 0o644);
    if (how === 'remove') rmSync(path);
    else if (how === 'truncate') writeFileSync(path, bytes.subarray(1));
    else if (how === 'extend') appendFileSync(path, '!');
    else {
      bytes[0] = 0x78;
      writeFileSync(path, bytes);
    }
    model.loseBlob(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Only helps; losing it must change nothing but the time a run takes and what `why` can tell. */
export function loseMemory(directory: string): void {
  for (const name of ['blob-index', 'roots']) rmSync(join(directory, name), { recursive: true, force: true });
}
