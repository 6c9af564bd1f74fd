import type { Command } from 'commander';
import { planAll, Scan } from '../../plan/scan.ts';
import type { NodeState } from '../../plan/scan.ts';
import type { ReasonKind } from '../../plan/reasons.ts';
import { terminalLine } from '../../escape.ts';
import { padEnd, textWidth } from '../../text-width.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print, printJson, printPainted, terminalWidth } from '../print.ts';
import { plural } from '../../plural.ts';
import { wrapLine } from '../wrap.ts';
import { colours, wantsColour } from '../reporters/colours.ts';
import type { Colours } from '../reporters/colours.ts';

const states: readonly NodeState[] = ['fresh', 'stale', 'missing', 'failed', 'not-run', 'pending'];

/** `why` in one word, for a column. */
const word: Readonly<Record<ReasonKind, string>> = {
  forced: 'forced',
  'input pending': 'input',
  'never built': 'new',
  'parameter changed': 'parameter',
  'code changed': 'code',
  'input changed': 'input',
  'command changed': 'command',
  'variable changed': 'variable',
  'backend changed': 'backend',
  'key scheme changed': 'scheme',
  'declaration changed': 'declaration',
  'output damaged': 'damaged',
  'output lost': 'lost',
  'result lost': 'lost',
  'bytes needed': 'bytes',
  'failed before': 'failed',
  'could not run before': 'unavailable',
};

export function statusVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description('number of nodes by stage and state, with the reasons in one word each');
  withCommonOptions(command, invocation)
    .option('--json', 'print JSON', false)
    .action((options: CommonOptions & { json: boolean }) => status(invocation, options));
  withExample(command, invocation, `repro status --params ${exampleWords(invocation).set} --json`);
}

async function status(invocation: Invocation, options: CommonOptions & { json: boolean }): Promise<void> {
  const session = await openFrom(invocation, options);
  const decisions = planAll(session.graph, new Scan(session));
  const stages = new Map<string, { counts: Record<NodeState, number>; why: Map<string, number> }>();
  const nodes: { node: string; state: NodeState; why: string[] }[] = [];
  for (const node of session.graph.nodes) {
    const { state, reasons } = decisions[node.index]!;
    const row = stages.get(node.stage.name) ?? {
      counts: { fresh: 0, stale: 0, missing: 0, failed: 0, 'not-run': 0, pending: 0 },
      why: new Map<string, number>(),
    };
    stages.set(node.stage.name, row);
    row.counts[state]++;
    const why = [...new Set(reasons.map(({ kind }) => word[kind]))];
    for (const each of why) row.why.set(each, (row.why.get(each) ?? 0) + 1);
    nodes.push({ node: node.name, state, why });
  }
  session.close();
  if (options.json) {
    const summary = Object.fromEntries(
      [...stages].map(([name, { counts, why }]) => [name, { ...counts, why: Object.fromEntries(why) }]),
    );
    printJson({ set: session.parameters.name, stages: summary, nodes });
    return;
  }
  const width = process.stdout.isTTY ? terminalWidth() : Infinity;
  printPainted(statusText(stages, width, colours(wantsColour(process.stdout))));
  const fresh = nodes.filter(({ state }) => state === 'fresh').length;
  const other = nodes.length - fresh;
  const { command } = invocation;
  const next = `${command} run builds ${other === 1 ? 'the other' : `the other ${other}`}, ${command} why NODE has the reasons`;
  print(`${fresh} of ${plural(nodes.length, 'node')} are up to date${other ? `; ${next}` : ''}\n`);
}

type Stages = ReadonlyMap<
  string,
  { readonly counts: Readonly<Record<NodeState, number>>; readonly why: ReadonlyMap<string, number> }
>;

/** A row a stage. Where the terminal is too narrow for every state, those that no node has are left out, then reasons broken into lines. */
export function statusText(stages: Stages, width: number, colour: Colours): string {
  const name = Math.max(...[...stages.keys()].map((each) => textWidth(each)), 5);
  const rows = [...stages];
  const used = states.filter((state) => rows.some(([, { counts }]) => counts[state] > 0));
  const shown = name + cellWidth * states.length + 16 > width ? used : states;
  const room = width - name - cellWidth * shown.length - 2;
  const painted = (state: NodeState, count: number): string => {
    const text = (count || '·').toString().padStart(cellWidth);
    return count ? colourOf(state, colour)(text) : colour.dim(text);
  };
  const lines = rows.map(([stage, { counts, why }]) => {
    const words = [...why].map(([each, count]) => (count > 1 ? `${each} x${count}` : each)).join(', ');
    const cells = shown.map((state) => painted(state, counts[state])).join('');
    const [first = '', ...more] = wrapLine(words, Math.max(11, room)).map((line) => line.trim());
    const below = ' '.repeat(name + cellWidth * shown.length + 2);
    const row = `${padEnd(terminalLine(stage), name)}${cells}${first && `  ${first}`}\n`;
    return row + more.map((line) => `${below}${line}\n`).join('');
  });
  const head = `${'stage'.padEnd(name)}${shown.map((state) => state.padStart(cellWidth)).join('')}  why`;
  return `${colour.bold(head)}\n${lines.join('')}`;
}

const cellWidth = 9;

function colourOf(state: NodeState, { green, red, yellow, cyan }: Colours): (text: string) => string {
  if (state === 'fresh') return green;
  return state === 'failed' ? red : state === 'pending' ? cyan : yellow;
}
