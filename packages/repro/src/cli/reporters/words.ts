import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { RunEvent } from '../../events.ts';
import { shownPath } from '../print.ts';
import { fileLink } from './colours.ts';
import type { Colours } from './colours.ts';
import { clock } from './duration.ts';

type Failure = Extract<RunEvent, { type: 'node-failed' }>;
type Finished = Extract<RunEvent, { type: 'run-finished' }>;

/** A failed node: its name, key, cause, the tail of its log and the command that runs just it again. */
export function failureLines({ node, key, message, log, rerun }: Failure, { bold, dim, red }: Colours): string[] {
  const [first = '', ...more] = message.split('\n');
  const lines = [
    `${red('FAILED')} ${bold(node.name)}${key ? dim(` (key ${key.slice(0, 12)})`) : ''}: ${first}`,
    ...more.map((line) => `    ${line}`),
  ];
  const tail = log.trim();
  if (tail) lines.push(...tail.split('\n').map((line) => `    ${line}`));
  lines.push(`  rerun it with: ${rerun}`);
  const advice = adviceOf(node);
  if (advice) lines.push(`  ${advice}`);
  return lines;
}

/** What the stage advises where a node cannot be made; if that cannot be told either, why. */
function adviceOf({ stage, params }: Failure['node']): string | undefined {
  try {
    return stage.withoutIt?.(params);
  } catch (error) {
    return `(stage ${stage.name}: withoutIt: ${messageOf(error)})`;
  }
}

/**
 * Where the report is now: a run of uncommitted code publishes next to it. `report`: where it was expected; `path`: within
 * the directory of a report.
 */
export function reportIn(
  directory: string | undefined,
  report: string | undefined,
  path = basename(report ?? ''),
): string | undefined {
  return report === undefined || directory === undefined ? report : shownPath(join(directory, path));
}

/** More paths than this are told as a number. */
const fewPaths = 8;

/** `paths`: what a run of some nodes published. */
export function finishedLines(
  { executed, cached, failed, notRun, interrupted, seconds }: Finished,
  report: string | undefined,
  paths: readonly string[],
  { bold, green, red, yellow }: Colours,
  links = false,
): string[] {
  const word = interrupted ? yellow('interrupted') : failed ? red('failed') : green('done');
  const lines = [
    `${bold(word)}: ${executed} executed, ${cached} cached, ${failed} failed, ${notRun} not run in ${clock(seconds)}`,
  ];
  if (interrupted) lines.push('finished nodes are kept: run again to go on');
  else if (failed && report !== undefined)
    lines.push(`${report} was not updated: fix the failures above and run again`);
  // Without a figure there may be no report.
  else if (report !== undefined && (notRun === 0 || existsSync(report)))
    lines.push(
      `report: ${fileLink(report, report, links)}${report.endsWith('.html') ? ' (open it in a browser)' : ''}`,
    );
  if (paths.length > fewPaths) lines.push(`published ${paths.length} files, the first is ${shownPath(paths[0]!)}`);
  else lines.push(...paths.map((path) => `published ${shownPath(path)}`));
  return lines;
}
