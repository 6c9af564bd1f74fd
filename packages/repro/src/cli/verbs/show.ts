import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { StageCode } from '../../code/stage-code.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { planMatching } from '../../plan/matching.ts';
import { Scan } from '../../plan/scan.ts';
import type { Decision } from '../../plan/scan.ts';
import { machineWords, readTrace } from '../../plan/trace.ts';
import type { Machine, Trace } from '../../plan/trace.ts';
import type { Session } from '../../session-parts.ts';
import type { ActionResult, BlobReference } from '../../store/store.ts';
import { terminalLine } from '../../escape.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { byteSize, print, printJson, shownPath } from '../print.ts';
import { plural } from '../../plural.ts';

export function showVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('show')
    .description('details of a node: key, parameters, inputs, outputs, times, paths of its bytes')
    .argument('<node>', 'a node, or a pattern');
  withCommonOptions(command, invocation)
    .option('--json', 'print JSON', false)
    .action((pattern: string, options: CommonOptions & { json: boolean }) => show(invocation, pattern, options));
  withExample(command, invocation, `repro show '${exampleWords(invocation).node}'`);
}

async function show(
  invocation: Invocation,
  pattern: string,
  options: CommonOptions & { json: boolean },
): Promise<void> {
  const session = await openFrom(invocation, options);
  const { nodes, decisions } = planMatching(session.graph, new Scan(session), pattern);
  const facts = nodes.map((node) => describe(session, node, decisions[node.index]!));
  session.close();
  if (options.json) printJson(facts);
  else print(facts.map(text).join('\n'));
}

interface NodeFacts {
  readonly node: string;
  readonly stage: string;
  readonly summary: string;
  readonly state: string;
  readonly key: string | undefined;
  /** Of which result inputs, outputs and times are told: the present key's, or the last one's. */
  readonly resultOf: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** Of the key: the one that is accepted, where that has the result. */
  readonly backend: string | undefined;
  /** Where the result was made, and under which backend. */
  readonly madeOn: { readonly backend: string | undefined; readonly machine: Machine } | undefined;
  readonly code: { readonly digest: string; readonly files: number; readonly packages: number };
  readonly inputs: Trace['inputs'];
  readonly outputs: Readonly<
    Record<string, { readonly digest: string; readonly size: number; readonly path: string; readonly isHere: boolean }>
  >;
  readonly seconds: number | undefined;
  readonly finishedAt: string | undefined;
  readonly message: string | undefined;
  /** Where the result came from, if it was made elsewhere. */
  readonly adopted: string | undefined;
  /** Where what its last job printed is, if it printed anything. */
  readonly log: string | undefined;
}

function describe({ store, byName, code, numericClass }: Session, node: GraphNode, decision: Decision): NodeFacts {
  const record = byName.read(node.name);
  const key = decision.state === 'pending' ? undefined : decision.key;
  const resultKey = decision.state === 'fresh' ? decision.key : record?.key || undefined;
  const result: ActionResult | undefined =
    decision.state === 'fresh' ? decision.result : resultKey === undefined ? undefined : store.readResult(resultKey);
  const trace = result && readTrace(store, result.trace);
  const { digest, files, packages }: StageCode = code.get(node.stage)!;
  const located = (blob: BlobReference): NodeFacts['outputs'][string] => ({
    digest: blob.digest,
    size: blob.size,
    path: shownPath(store.blobPath(blob.digest)),
    isHere: existsSync(store.blobPath(blob.digest)),
  });
  return {
    node: node.name,
    stage: node.stage.name,
    summary: node.stage.summary,
    state: decision.state,
    key,
    resultOf: result && resultKey,
    params: node.params,
    backend: (decision.state === 'fresh' && trace?.backend) || numericClass(node),
    madeOn: trace && { backend: trace.backend, machine: trace.machine },
    code: { digest, files: Object.keys(files).length, packages: Object.keys(packages).length },
    inputs: trace?.inputs ?? {},
    outputs: Object.fromEntries(Object.entries(result?.outputs ?? {}).map(([name, blob]) => [name, located(blob)])),
    seconds: trace?.seconds,
    finishedAt: trace?.finishedAt,
    adopted: trace?.adopted?.origin,
    message: record?.state === 'done' ? undefined : record?.message,
    log: [key, resultKey, record?.key]
      .flatMap((each) => (each ? store.logPath(each) : []))
      .filter((path) => existsSync(path))
      .map(shownPath)[0],
  };
}

const mostInputs = 12;

/** Characters of parameters that a line shows. */
const longest = 160;

/** All in a line if they are short; else a line each, cut where it is long: a fit may have the cells of a whole sweep. */
export function parameterLines(params: Readonly<Record<string, unknown>>): string[] {
  const entries = Object.entries(params);
  const all = JSON.stringify(params);
  if (all.length <= longest) return entries.length > 0 ? [all] : [];
  return entries.map(([name, value]) => {
    const shown = JSON.stringify(value);
    const more = `… (${byteSize(Buffer.byteLength(shown))}; --json has all)`;
    return `${name}: ${shown.length <= longest ? shown : shown.slice(0, longest) + more}`;
  });
}

function text(facts: NodeFacts): string {
  const lines = [`${facts.node}: ${facts.state}`];
  const add = (name: string, value: string | undefined): void =>
    void (value !== undefined && lines.push(`  ${name.padEnd(9)} ${value}`));
  add('stage', `${facts.stage}: ${facts.summary}`);
  add('key', facts.key ?? 'not known until its inputs are built');
  parameterLines(facts.params).forEach((line, i) => add(i ? '' : 'params', line));
  add('backend', facts.backend);
  const { digest, files, packages } = facts.code;
  add('code', `${digest.slice(0, 12)}: ${plural(files, 'file')}, ${plural(packages, 'package')}`);
  if (facts.message !== undefined) add('message', facts.message);
  add('log', facts.log);
  if (facts.resultOf === undefined) return [...lines, '  no result in the store'].join('\n') + '\n';
  if (facts.resultOf !== facts.key) lines.push(`  the last result (key ${facts.resultOf.slice(0, 12)}):`);
  add(
    'built',
    facts.finishedAt && `${facts.finishedAt.slice(0, 19).replace('T', ' ')} UTC in ${facts.seconds!.toFixed(2)} s`,
  );
  if (facts.madeOn) {
    const { backend, machine } = facts.madeOn;
    add('on', terminalLine(`${backend === undefined ? '' : `${backend}; `}${machineWords(machine)}`));
  }
  add('adopted', facts.adopted && `from ${facts.adopted}`);
  for (const [name, parts] of Object.entries(facts.inputs)) {
    parts
      .slice(0, mostInputs)
      .forEach(({ from, digest }, i) => add(i ? '' : 'input', `${name}: ${from} ${digest?.slice(0, 12) ?? 'absent'}`));
    if (parts.length > mostInputs) add('', `${name}: and ${parts.length - mostInputs} more`);
  }
  for (const [name, { path, size, isHere }] of Object.entries(facts.outputs))
    add('output', `${name}: ${isHere ? path : 'not here, it came without bytes'} (${byteSize(size)})`);
  return lines.join('\n') + '\n';
}
