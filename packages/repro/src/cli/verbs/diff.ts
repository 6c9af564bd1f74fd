import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { labelOf } from '../../publish/label.ts';
import { writeNamedFile } from '../../store/named-file.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { collect, withExample, withReportsOption, withStoreOption } from '../options.ts';
import { print, printJson, shownPath, terminalWidth } from '../print.ts';
import { colours, wantsColour } from '../reporters/colours.ts';

interface Options {
  readonly set: readonly string[];
  readonly store: string;
  readonly reports: string;
  readonly page: string | undefined;
  readonly json: boolean;
}

export function diffVerb(program: Command, invocation: Invocation): void {
  const { set, override } = exampleWords(invocation);
  const command = program
    .command('diff')
    .description(
      'differences of two published reports: parameters, claims, figures, tables, and nodes with the reasons',
    )
    .argument('<report>', 'a set, the directory of a report, or COMMIT:SET')
    .argument(
      '[other]',
      'the report to compare with (default: compare the committed report of the set, or that of COMMIT, with the present one)',
    );
  withReportsOption(withStoreOption(command, invocation), invocation)
    .option('--set <path=value>', 'compare the set with its run that had these overrides; repeatable', collect, [])
    .option('--page <file>', 'HTML page to write, with the figures that differ next to each other')
    .option('--json', 'print JSON', false)
    .action((first: string, second: string | undefined, options: Options) => diff(invocation, first, second, options));
  withExample(
    command,
    invocation,
    `repro diff HEAD~1:${set} ${set} --page diff.html`,
    `repro diff ${set} --set ${override}`,
  );
}

async function diff({ root }: Invocation, first: string, second: string | undefined, options: Options): Promise<void> {
  const [{ readReport }, { compareReports }, { Store }] = await Promise.all([
    import('../../diff/published-report.ts'),
    import('../../diff/compare.ts'),
    import('../../store/store.ts'),
  ]);
  const reports = resolve(options.reports);
  const [a, b] = operands(first, second, options.set);
  const [before, after] = [readReport(root, reports, a), readReport(root, reports, b)];
  const directory = resolve(options.store);
  const store = existsSync(directory) ? new Store(directory, 'look') : undefined;
  const found = compareReports(before, after, store);
  store?.close();
  if (options.page !== undefined) {
    const { diffPage } = await import('../diff/page.ts');
    writeNamedFile(options.page, diffPage(found, before, after));
  }
  if (options.json) return printJson(found);
  const { diffText } = await import('../diff/text.ts');
  process.stdout.write(diffText(found, terminalWidth(), colours(wantsColour(process.stdout))));
  if (options.page !== undefined) print(`written to ${shownPath(resolve(options.page))}\n`);
}

/** The two reports that are meant: older first. */
function operands(first: string, second: string | undefined, overrides: readonly string[]): [string, string] {
  if (overrides.length > 0) {
    if (second !== undefined) throw new InputError(`diff ${second}: expected one set with --set`);
    return [first, labelOf({ name: first, overrides })];
  }
  if (second !== undefined) return [first, second];
  const ofCommit = /^[^:]+:([^:]+)$/.exec(first);
  return ofCommit ? [first, ofCommit[1]!] : [`HEAD:${first}`, first];
}
