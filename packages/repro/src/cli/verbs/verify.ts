import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { GateFinding } from '../../claims/gate.ts';
import { junitReport } from '../../claims/junit.ts';
import type { Verification } from '../../claims/verify.ts';
import { InputError, oneOf } from '../../errors.ts';
import { terminalLine } from '../../escape.ts';
import { truncate } from '../../text-width.ts';
import { knownReports } from '../../publish/known-reports.ts';
import { writeNamedFile } from '../../store/named-file.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { complain, print, printJson, printPainted, shownPath, table, terminalWidth } from '../print.ts';
import { plural } from '../../plural.ts';
import { colours, wantsColour } from '../reporters/colours.ts';
import type { Colours } from '../reporters/colours.ts';

interface Options extends CommonOptions {
  readonly published: boolean;
  readonly strict: boolean;
  readonly reasons: boolean;
  readonly json: boolean;
  readonly junit: string | undefined;
}

export function verifyVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('verify')
    .description('claims gate: exit code 0 only if every required claim is reproduced or has its acknowledged verdict');
  command.argument('[sets...]', 'with --published: sets whose reports to check; all that are in git if none');
  withCommonOptions(command, invocation)
    .option('--published', 'compare published reports with their locks, without a store', false)
    .option('--strict', 'require every claim, not only those that the set must decide', false)
    .option('--reasons', 'say why each acknowledged verdict is known', false)
    .option('--json', 'print JSON', false)
    .option('--junit <file>', 'JUnit report to write as well, for CI')
    .action((sets: string[], options: Options) => {
      if (options.published) return verifyReports(invocation, sets, options);
      if (sets.length > 0)
        throw new InputError(`${sets[0]!}: expected --published before sets, or --params ${sets[0]!} for its claims`);
      return verifyClaims(invocation, options);
    });
  withExample(
    command,
    invocation,
    `repro verify --params ${exampleWords(invocation).set} --junit claims.xml`,
    'repro verify --published',
  );
}

async function verifyReports(
  { root, pipeline }: Invocation,
  sets: readonly string[],
  { reports, json, strict, reasons, junit }: Options,
): Promise<void> {
  for (const [option, isGiven] of Object.entries({ strict, reasons, junit: junit !== undefined }))
    if (isGiven)
      throw new InputError(`--${option}: it is about claims, which --published does not judge: use one of them`);
  const [{ verifyPublished }, { publishedSets }, { setsIndexProblem }] = await Promise.all([
    import('../../publish/verify-published.ts'),
    import('../../publish/published-sets.ts'),
    import('../../publish/sets-index.ts'),
  ]);
  const directory = resolve(reports);
  const chosen = sets.length > 0 ? sets : await publishedSets(root, directory);
  if (chosen.length === 0) throw new InputError(`${reports}: no published report is there: expected one a set`);
  const found = chosen.map((set) => {
    if (!existsSync(join(directory, set)))
      throw new InputError(
        `${set}: no such report in ${reports}: ${knownReports(directory).length > 0 ? oneOf(knownReports(directory)) : 'expected the report that git has'}`,
      );
    return { set, faults: verifyPublished(join(directory, set)) };
  });
  // Of reports that are not as published it could say nothing right.
  const isAll = sets.length === 0 && found.every(({ faults }) => faults.length === 0);
  const ofIndex = isAll ? setsIndexProblem(pipeline.name, directory, chosen) : undefined;
  if (ofIndex !== undefined && !json) print(`${shownPath(join(directory, 'index.html'))}: ${ofIndex}\n`);
  if (json)
    printJson(
      ofIndex === undefined ? found : [...found, { set: null, faults: [{ path: 'index.html', problem: ofIndex }] }],
    );
  else
    for (const { set, faults } of found) {
      for (const { path, problem } of faults)
        print(`${terminalLine(`${shownPath(join(directory, set, path))}: ${problem}`)}\n`);
      print(`${terminalLine(set)}: ${faults.length ? plural(faults.length, 'fault') : 'as published'}\n`);
    }
  process.exitCode = ofIndex !== undefined || found.some(({ faults }) => faults.length > 0) ? 1 : 0;
}

async function verifyClaims(invocation: Invocation, options: Options): Promise<void> {
  const [session, { verify }] = await Promise.all([openFrom(invocation, options), import('../../claims/verify.ts')]);
  // A run with --set has a report of its own.
  const set = session.rootFacts.label;
  const verification = verify(session, options.strict);
  session.close();
  if (options.junit !== undefined) writeJunit(options.junit, junitReport(set, findingsOf(verification)));
  const open = verification.current && verification.gate.open;
  if (options.json) {
    printJson(
      verification.current
        ? { set, open, current: true, findings: verification.gate.findings }
        : { set, open, current: false, message: verification.message },
    );
  } else if (verification.current) {
    const { findings } = verification.gate;
    const width = process.stdout.isTTY ? terminalWidth() : Infinity;
    printPainted(findingsText(findings, options.reasons, width, colours(wantsColour(process.stdout))));
    const count = (status: GateFinding['status']): number =>
      findings.filter((finding) => finding.status === status).length;
    print(
      `${set}: the gate is ${open ? 'open' : 'shut'}. Of ${plural(findings.length, 'part')} of claims, ${count('passed')} passed, ${count('acknowledged')} acknowledged, ${count('refused')} refused, ${count('not required')} not required\n`,
    );
  } else complain(`${set}: ${verification.message}`);
  process.exitCode = open ? 0 : 1;
}

/** A pipe or a device, such as /dev/stdout, is written to; a file is replaced. */
function writeJunit(name: string, text: string): void {
  const stats = statSync(resolve(name), { throwIfNoEntry: false });
  if (stats && !stats.isFile() && !stats.isDirectory()) writeFileSync(name, text);
  else writeNamedFile(name, text);
}

/** A line a finding, the refused ones first. Why an acknowledged one is known is said on request. */
export function findingsText(
  findings: readonly GateFinding[],
  reasons: boolean,
  width: number,
  colour: Colours,
): string {
  const order: readonly GateFinding['status'][] = ['refused', 'acknowledged', 'not required', 'passed'];
  const sorted = [...findings].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const rows = sorted.map(({ id, part, verdict, measured, status, message }) => [
    part === null ? id : `${id} (${part})`,
    verdict.replaceAll('-', ' '),
    status,
    measured,
    status === 'refused' || reasons ? message : '',
  ]);
  const [head, ...lines] = table([['claim', 'verdict', 'gate', 'measured', ''], ...rows])
    .trimEnd()
    .split('\n');
  const paint = { refused: colour.red, acknowledged: colour.yellow, passed: colour.green, 'not required': colour.dim };
  const fitted = (line: string): string => (reasons ? line : truncate(line, width));
  return (
    [colour.bold(fitted(head!)), ...lines.map((line, i) => paint[sorted[i]!.status](fitted(line)))].join('\n') + '\n'
  );
}

/** What a JUnit report shows: of a report that is not current, that it is not. */
function findingsOf(verification: Verification): readonly GateFinding[] {
  if (verification.current) return verification.gate.findings;
  const { message } = verification;
  return [{ id: 'report', part: null, verdict: 'absent', measured: '', status: 'refused', message }];
}
