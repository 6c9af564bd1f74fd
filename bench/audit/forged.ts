/**
 * Archives in which one model's loss is halved and everything else follows from that: trace, keys and all results that
 * depend on it. Nothing in such an archive contradicts anything; only computing again finds it. Audits of each compare
 * the share that finds the forgery with the probability that the forged node is drawn.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../packages/repro/src/graph/canonical-json.ts';
import { sha256 } from '../../packages/repro/src/graph/digest.ts';
import type { GraphNode } from '../../packages/repro/src/graph/graph.ts';
import { checkStore } from '../../packages/repro/src/maintenance/check-store.ts';
import { planSettled, Scan } from '../../packages/repro/src/plan/scan.ts';
import type { Decision } from '../../packages/repro/src/plan/scan.ts';
import { readTrace } from '../../packages/repro/src/plan/trace.ts';
import type { Session } from '../../packages/repro/src/session-parts.ts';
import { auditCandidates, auditedNode } from '../../packages/repro/src/travel/audit.ts';
import { recompute } from '../../packages/repro/src/travel/recompute.ts';
import { drawSample } from '../../packages/repro/src/travel/sampling.ts';
import { PuppetProject, puppetStage } from '../../packages/repro/test/puppets.ts';
import type { Puppet } from '../../packages/repro/test/puppets.ts';

const archives = Number(process.argv[2] ?? 200);
const models = 40;
/** Nodes that each audit draws, of 2 * 40 + 1. */
const sample = 12;

const none = { from: [], maybe: undefined, read: [] };
const train = puppetStage('train');
const measure = puppetStage('measure');
const fit = puppetStage('fit');
type Job = Puppet['jobs'][number];

function newProject(root: string): PuppetProject {
  const project = new PuppetProject(root);
  project.build(() => {
    const losses = Array.from({ length: models }, (_, i) => {
      const weights = train({ i, m: 1 + (i % 4), steps: 50 + 10 * i }, none).out;
      return measure({ i }, { from: [weights], maybe: undefined, read: [] }).out;
    });
    fit({}, { from: losses, maybe: undefined, read: [] });
  });
  return project;
}

const features = 6;

/** Trains y = W^T W x on single features by gradient descent, from weights that i and m fix. */
function trained({ i, m, steps }: { i: number; m: number; steps: number }): number[][] {
  let state = 1 + i;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const w = Array.from({ length: m }, () => Array.from({ length: features }, random));
  for (let step = 0; step < steps; step++) {
    const x = step % features;
    const h = w.map((row) => row[x]!);
    const error = Array.from(
      { length: features },
      (_, f) => w.reduce((y, row, k) => y + row[f]! * h[k]!, 0) - (f === x ? 1 : 0),
    );
    w.forEach((row, k) => {
      const back = error.reduce((sum, e, f) => sum + e * row[f]!, 0);
      error.forEach((e, f) => (row[f] = row[f]! - 0.1 * (e * h[k]! + (f === x ? back : 0))));
    });
  }
  return w;
}

function lossOf(w: readonly (readonly number[])[]): number {
  let loss = 0;
  for (let x = 0; x < features; x++)
    for (let f = 0; f < features; f++)
      loss += (w.reduce((y, row) => y + row[f]! * row[x]!, 0) - (f === x ? 1 : 0)) ** 2 / features;
  return loss;
}

/** What a node computes, as its stage would. */
function computed({ node, params, inputs }: Job): string {
  const from = (inputs['from'] as { path: string }[]).map(
    ({ path }) => JSON.parse(readFileSync(path, 'utf8')) as unknown,
  );
  if (node.startsWith('train')) return JSON.stringify(trained(params as { i: number; m: number; steps: number }));
  if (node.startsWith('measure')) return JSON.stringify({ loss: lossOf(from[0] as number[][]) });
  return JSON.stringify(from.reduce<number>((sum, one) => sum + Math.log2((one as { loss: number }).loss), 0) / models);
}

/** Runs jobs in this process. */
const runner = {
  run: (message: { readonly nodes: readonly Job[] }) => {
    for (const job of message.nodes) writeFileSync(job.outputs['out']!.path, computed(job));
    return Promise.resolve({ type: 'done' as const });
  },
  abort: () => undefined,
  close: () => Promise.resolve(),
};

async function build(project: PuppetProject): Promise<void> {
  const run = project.start({ jobs: 4 });
  let over = false;
  void run.finished.finally(() => (over = true));
  for (await settle(); !over; await settle()) await run.runner.running[0]?.finish(computed);
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Halves the loss of one model, and lets all else follow. Returns the forged node. */
async function forge(project: PuppetProject, i: number): Promise<GraphNode> {
  const node = project.graph.nodes.find(({ stage, params }) => stage.name === 'measure' && params['i'] === i)!;
  const store = project.openStore();
  const decision = project.states(store)[node.name] as Extract<Decision, { state: 'fresh' }>;
  const { loss } = JSON.parse(Buffer.from(store.read(decision.result.outputs['out']!)!).toString()) as { loss: number };
  const out = store.write(JSON.stringify({ loss: loss / 2 }));
  const trace = { ...readTrace(store, decision.result.trace)!, outputs: { out: out.digest } };
  store.record(decision.key, { out: '.txt' }, { outputs: { out }, trace: store.write(canonicalJson(trace)) });
  store.close();
  await build(project);
  const faults = checkStore(project.openStore()).faults;
  if (faults.length > 0) throw new Error(`the forgery is not consistent: ${faults[0]!.problem}`);
  return node;
}

/** Whether an audit finds something, and with what probability it should: that the forged node is drawn. */
async function audit(
  project: PuppetProject,
  forged: GraphNode,
  byWork: boolean,
  seed: string,
): Promise<[boolean, number]> {
  const store = project.openStore();
  const session = {
    ...project.context(store),
    graph: project.graph,
    execution: ({ stage }: GraphNode) => stage.execution,
    pinOf: () => undefined,
  } as unknown as Session;
  const { decisions } = planSettled(project.graph, new Scan(session));
  const candidates = auditCandidates(session, decisions, byWork);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const probability = Math.min(1, (sample * candidates.find(({ item }) => item === forged)!.weight) / total);
  const drawn = drawSample(candidates, sample, seed);
  let found = false;
  const options = { runner, jobs: 4, onNode: () => undefined, signal: new AbortController().signal };
  await recompute(session, new Set(drawn), decisions, options, (results, recomputedStore, nodes) => {
    for (const node of nodes) {
      const decision = decisions[node.index] as Extract<Decision, { state: 'fresh' }>;
      const { verdict } = auditedNode(session, recomputedStore, node, decision, results);
      if (verdict === 'different') found = true;
      else if (verdict !== 'same') throw new Error(`${node.name}: ${verdict}`);
    }
  });
  return [found, probability];
}

const place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'repro-forged-'));
let wrong = false;
try {
  const origin = newProject(join(place, 'origin'));
  await build(origin);
  const seen = { nodes: { found: 0, expected: 0, variance: 0 }, work: { found: 0, expected: 0, variance: 0 } };
  for (let archive = 0; archive < archives; archive++) {
    const root = join(place, String(archive));
    cpSync(join(place, 'origin'), root, { recursive: true });
    const project = newProject(root);
    const model = parseInt(sha256(`model ${archive}`).slice(0, 8), 16) % models;
    const forged = await forge(project, model);
    for (const by of ['nodes', 'work'] as const) {
      const [found, probability] = await audit(project, forged, by === 'work', `audit ${archive}`);
      seen[by].found += Number(found);
      seen[by].expected += probability;
      seen[by].variance += probability * (1 - probability);
    }
    rmSync(root, { recursive: true });
  }
  for (const [by, { found, expected, variance }] of Object.entries(seen)) {
    const z = (found - expected) / Math.sqrt(variance);
    wrong ||= Math.abs(z) > 3.3;
    console.log(
      `drawn by ${by}, ${sample} of ${2 * models + 1}: found in ${found} of ${archives} forged archives; expected ${expected.toFixed(1)} ± ${Math.sqrt(variance).toFixed(1)} (z = ${z.toFixed(2)})`,
    );
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.exitCode = wrong ? 1 : 0;
