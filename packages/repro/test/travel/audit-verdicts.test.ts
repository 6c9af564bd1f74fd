import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import type { JobMessage } from '../../src/execute/protocol.ts';
import type { JobOutcome, Runner } from '../../src/execute/worker-pool.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { Scan, planSettled } from '../../src/plan/scan.ts';
import type { Decision } from '../../src/plan/scan.ts';
import type { Session } from '../../src/session-parts.ts';
import {
  auditCandidates,
  auditCounts,
  auditStatement,
  auditedNode,
  mergeAudits,
  parseAudit,
} from '../../src/travel/audit.ts';
import type { Audit, AuditVerdict, AuditedNode } from '../../src/travel/audit.ts';
import { recompute } from '../../src/travel/recompute.ts';
import { PuppetProject, puppetStage, puppetText } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const [plain, drifts, device, fails, killed] = ['plain', 'drifts', 'device', 'fails', 'killed'].map((name) =>
  puppetStage(name),
) as [Stage, Stage, Stage, Stage, Stage];
const [needsDevice, mayUseDevice, afterThat, needsFailed, needsKilled, unused] = [
  'needs-device',
  'may-use-device',
  'after-that',
  'needs-failed',
  'needs-killed',
  'unused',
].map((name) => puppetStage(name)) as [Stage, Stage, Stage, Stage, Stage, Stage];
type Stage = ReturnType<typeof puppetStage>;

let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
beforeEach(async () => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
  project.build(() => {
    plain({}, none);
    drifts({}, none);
    const card = device({ i: 1 }, none).out;
    needsDevice({}, { ...none, from: [card] });
    afterThat({}, { ...none, from: [mayUseDevice({}, { ...none, maybe: card }).out] });
    needsFailed({}, { ...none, from: [fails({}, none).out] });
    needsKilled({}, { ...none, from: [killed({ i: 2 }, none).out] });
    unused({}, none);
  });
  await project.start().finishAll();
});
afterEach(() => directory[Symbol.dispose]());

const ends: Readonly<Record<string, JobOutcome>> = {
  device: { type: 'not-run', message: 'no GPU' },
  fails: { type: 'failed', message: 'the loss is NaN', log: '' },
  killed: { type: 'failed', message: 'killed (SIGKILL)', log: '', cannotRun: true },
};

/** Ends jobs as `ends` says, and others with their bytes. `before`: each job. */
function runnerOf(before: (node: string) => void = () => undefined): Runner {
  return {
    run: ({ nodes: [job] }: JobMessage) => {
      before(job!.node);
      const end = ends[job!.node];
      if (!end) writeFileSync(job!.outputs['out']!.path, job!.node === 'drifts' ? 'other' : puppetText(job!));
      return Promise.resolve(end ?? { type: 'done' });
    },
    abort: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** The project with its store, and what is decided about its nodes. */
function opened(): { session: Session; decisions: ReturnType<typeof planSettled>['decisions'] } {
  const session = {
    ...project.context(project.openStore()),
    graph: project.graph,
    execution: () => undefined,
    pinOf: () => undefined,
  } as unknown as Session;
  return { session, decisions: planSettled(project.graph, new Scan(session)).decisions };
}

async function audit(runner: Runner, signal = new AbortController().signal): Promise<Audit> {
  const { session, decisions } = opened();
  const drawn = auditCandidates(session, decisions, false).map(({ item }) => item);
  const nodes: AuditedNode[] = [];
  const options = { runner, jobs: 1, signal, onNode: () => undefined };
  await recompute(session, new Set(drawn), decisions, options, (results, recomputed, of) => {
    for (const node of of) nodes.push(auditedNode(session, recomputed, node, fresh(decisions, node), results));
  });
  session.store.close();
  return auditOf(nodes, project.graph.nodes.length);
}

function fresh(decisions: readonly Decision[], { index }: GraphNode): Extract<Decision, { state: 'fresh' }> {
  return decisions[index] as Extract<Decision, { state: 'fresh' }>;
}

function auditOf(nodes: readonly AuditedNode[], population: number): Audit {
  return {
    format: 'repro-audit',
    pipeline: 'puppets',
    set: 'quick',
    draws: [],
    population: { nodes: population, seconds: 0 },
    drawnBy: 'nodes',
    nodes,
  };
}

const verdictsOf = ({ nodes }: Audit): Record<string, AuditVerdict> =>
  Object.fromEntries(nodes.map(({ node, verdict }) => [node, verdict]));

/** Makes the bytes of a node's output known, and not here. */
function takeAway(name: string): void {
  const store = project.openStore();
  const { result } = project.states(store)[name] as Extract<Decision, { state: 'fresh' }>;
  const { digest } = result.outputs['out']!;
  store.elsewhere.add([digest]);
  rmSync(store.blobPath(digest), { force: true });
  store.close();
}

test('an audit tells what differs, what fails and what cannot run here; what needs that is computed of what is recorded', async () => {
  const found = await audit(runnerOf());
  assert.deepEqual(verdictsOf(found), {
    plain: 'same',
    drifts: 'different',
    device: 'not-run',
    'needs-device': 'same',
    'may-use-device': 'same',
    'after-that': 'same',
    fails: 'failed',
    'needs-failed': 'failed',
    killed: 'not-run',
    'needs-killed': 'same',
    unused: 'same',
  });
});

test('what needs something that cannot run here, and whose bytes are elsewhere, cannot run here either', async () => {
  for (const name of ['device', 'killed']) takeAway(name);
  const found = await audit(runnerOf());
  assert.deepEqual(verdictsOf(found), {
    plain: 'same',
    drifts: 'different',
    device: 'not-run',
    'needs-device': 'not-run',
    'may-use-device': 'not-run',
    'after-that': 'not-run',
    fails: 'failed',
    'needs-failed': 'failed',
    killed: 'not-run',
    'needs-killed': 'not-run',
    unused: 'same',
  });
  const details = Object.fromEntries(found.nodes.map(({ node, detail }) => [node, detail]));
  assert.equal(details['device'], 'no GPU');
  assert.equal(details['needs-device'], 'device was not run');
  assert.equal(details['after-that'], 'it can use device, which was not computed again here');
  assert.equal(details['needs-failed'], 'fails failed, which it needs');
  assert.equal(details['needs-killed'], 'killed cannot run here, which it needs');
  assert.equal(
    auditStatement(found),
    '5 of 11 nodes recomputed, 1 different, 2 failed, 6 more could not run here: 60% of those that can run here differ or fail',
  );
});

test('an interrupt keeps what was compared, and calls no node unequal', async () => {
  const abort = new AbortController();
  const order: string[] = [];
  const found = await audit(
    runnerOf((node) => {
      order.push(node);
      if (order.length === 2) abort.abort();
    }),
    abort.signal,
  );
  assert.equal(order.length, 2);
  assert.equal(found.nodes.length, 11);
  assert.ok(auditCounts(found).interrupted >= 7);
  for (const { node, verdict } of found.nodes)
    if (order.includes(node)) assert.notEqual(verdict, 'interrupted', node);
    else assert.ok(verdict === 'interrupted' || node.startsWith('needs-'), `${node}: ${verdict}`);
});

test('what a store that breaks down had compared is reported before its error', async () => {
  const broken: JobOutcome = { type: 'failed', message: 'no space left', log: '', code: 'ENOSPC' };
  const runner = runnerOf();
  let jobs = 0;
  const run: Runner['run'] = (job, onProgress) =>
    ++jobs === 2 ? Promise.resolve(broken) : runner.run(job, onProgress);
  const nodes: number[] = [];
  const { session, decisions } = opened();
  const options = {
    runner: { ...runner, run },
    jobs: 1,
    signal: new AbortController().signal,
    onNode: () => undefined,
  };
  const compare = (results: ReadonlyMap<unknown, unknown>): void => void nodes.push(results.size);
  await assert.rejects(recompute(session, new Set(project.graph.nodes), decisions, options, compare), /no space left/);
  assert.equal(nodes.length, 1);
  assert.ok(nodes[0]! > 0);
});

const node = (name: string, verdict: AuditVerdict): AuditedNode => ({
  node: name,
  key: name,
  recorded: {},
  recomputed: {},
  verdict,
  detail: 'no GPU',
  seconds: 0,
});
const several = (verdict: AuditVerdict, count: number): AuditedNode[] =>
  Array.from({ length: count }, (_, i) => node(`${verdict} ${i}`, verdict));

test('the share is of what can run here, and what an interrupt left counts as if it differed', () => {
  const says = (...nodes: readonly AuditedNode[][]): string => auditStatement(auditOf(nodes.flat(), 1020));
  assert.equal(
    says(several('same', 24)),
    '24 of 1020 nodes recomputed, all equal: at most 12% differ, with 95% confidence',
  );
  assert.equal(
    says(several('same', 24), several('not-run', 6)),
    '24 of 1020 nodes recomputed, all equal, 6 more could not run here: at most 12% of those that can run here differ, with 95% confidence',
  );
  assert.equal(
    says(several('same', 24), several('interrupted', 6)),
    '24 of 1020 nodes recomputed, all equal, 6 more did not end before the interrupt and count as different: at most 36% differ, with 95% confidence',
  );
  assert.equal(
    says(several('not-run', 6)),
    '0 of 1020 nodes recomputed: this says nothing about the results (not-run 0: no GPU)',
  );
  assert.equal(says(), '0 of 1020 nodes recomputed: this says nothing about the results');
});

test('in a merged audit, a node that one of them could run is one that can be run', () => {
  const order: readonly AuditVerdict[] = ['different', 'failed', 'same', 'not-run', 'interrupted'];
  for (const [i, better] of order.entries())
    for (const worse of order.slice(i + 1))
      for (const pair of [[better, worse] as const, [worse, better] as const]) {
        const [a, b] = pair.map((verdict) => auditOf([node('train', verdict)], 1));
        assert.deepEqual(verdictsOf(mergeAudits([a!, b!])), { train: better }, pair.join(' and '));
      }
});

test('audits of other results do not merge, whatever their sets are called', () => {
  const one = { ...node('train', 'same'), recorded: { out: 'a'.repeat(64) } };
  const merge = (other: AuditedNode): Audit => mergeAudits([auditOf([one], 3), auditOf([other], 3)]);
  assert.equal(merge({ ...one }).nodes.length, 1);
  assert.equal(merge(node('other', 'same')).nodes.length, 2);
  for (const other of [
    { ...one, key: 'b'.repeat(64) },
    { ...one, recorded: { out: 'b'.repeat(64) } },
    { ...one, recorded: {} },
  ])
    assert.throws(() => merge(other), /^Error: train has another result in one of them$/);
});

test('bytes with a tolerance that are not here cannot be called different', async () => {
  const measure = puppetStage('measure', {}, { determinism: { level: 'numeric', rtol: 1e-6, atol: 0 } });
  const exact = puppetStage('exact');
  project.build(() => {
    measure({}, none);
    exact({}, none);
  });
  await project.start().finishAll();
  const drifting: Runner = {
    ...runnerOf(),
    run: ({ nodes: [job] }: JobMessage) => {
      writeFileSync(job!.outputs['out']!.path, '2');
      return Promise.resolve({ type: 'done' });
    },
  };
  assert.deepEqual(verdictsOf(await audit(drifting)), { exact: 'different', measure: 'different' });
  takeAway('measure');
  takeAway('exact');
  const found = await audit(drifting);
  assert.deepEqual(verdictsOf(found), { exact: 'different', measure: 'not-run' });
  assert.match(found.nodes.find((each) => each.node === 'measure')!.detail, /tolerance: .* not here to compare with/);
});

test('an audit that counts a node twice, or more nodes than there are, is none', () => {
  const audit = auditOf([{ ...node('train', 'same'), key: 'a'.repeat(64) }], 2);
  const parsed = (changed: Partial<Audit>): boolean =>
    parseAudit(JSON.stringify({ ...audit, ...changed })) !== undefined;
  assert.ok(parsed({}));
  assert.ok(!parsed({ nodes: [audit.nodes[0]!, audit.nodes[0]!] }));
  assert.ok(!parsed({ population: { nodes: 0, seconds: 0 } }));
  assert.ok(!parsed({ population: { nodes: 2, seconds: -1 } }));
  assert.ok(!parsed({ nodes: [{ ...audit.nodes[0]!, seconds: -1e308 }] }));
  assert.ok(!parsed({ nodes: [{ ...audit.nodes[0]!, verdict: 'constructor' as AuditVerdict }] }));
});
