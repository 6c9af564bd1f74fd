import type { Colours } from './colours.ts';
import { cutMiddle, shownName } from '../../graph/shown-name.ts';
import { padEnd, textWidth } from '../../text-width.ts';
import { clock, roughly } from './duration.ts';
import type { Progress } from './progress.ts';

/** The live view of a run as lines, at most `rows` of them: what is told first is the last to be left out. */
export function frame(
  progress: Progress,
  { columns, rows, now, colour }: { columns: number; rows: number; now: number; colour: Colours },
): string[] {
  const lines = [headline(progress, colour), summary(progress, columns, colour)];
  const stages = stageLines(progress, colour);
  const running = runningLines(progress, columns, now, colour);
  const room = rows - lines.length - 2;
  const forRunning = Math.min(running.length, Math.max(2, room - stages.length, Math.floor(room / 3)));
  const forStages = Math.max(0, room - forRunning);
  if (stages.length > 0 && forStages > 0) lines.push('', ...within(stages, forStages, colour));
  if (running.length > 0 && forRunning > 0) lines.push('', ...within(running, forRunning, colour));
  return lines.slice(0, rows);
}

function headline(progress: Progress, { bold, dim, red, yellow }: Colours): string {
  const executed = progress.count('executed');
  const left = progress.nodes - progress.ended;
  const [failed, notRun] = [progress.count('failed'), progress.count('notRun')];
  const parts = [`${executed} done`, `${progress.count('cached')} cached`, `${left} left`];
  return (
    `${bold(progress.set)}${progress.backend === 'none' ? '' : ` ${dim(progress.backend)}`}  ${parts.join(', ')}` +
    (failed ? `, ${red(`${failed} failed`)}` : '') +
    (notRun ? `, ${yellow(`${notRun} not run`)}` : '')
  );
}

function summary(progress: Progress, columns: number, { dim }: Colours): string {
  const { fraction, secondsLeft, everyPaceKnown } = progress.estimate();
  const executed = progress.count('executed');
  const elapsed = progress.elapsedSeconds;
  const perSecond = executed / Math.max(elapsed, 0.1);
  const rate =
    executed === 0
      ? ''
      : perSecond >= 1
        ? `, ${perSecond.toFixed(1)} nodes/s`
        : `, ${(60 * perSecond).toFixed(1)} nodes/min`;
  const left =
    secondsLeft === undefined ? '' : `, ${everyPaceKnown ? 'about' : 'more than'} ${roughly(secondsLeft)} left`;
  const words = `${percent(fraction)}  ${clock(elapsed)}${left}${dim(rate)}`;
  return `${bar(fraction, Math.max(10, Math.min(40, columns - 48)))} ${words}`;
}

function stageLines(progress: Progress, { dim, green, red }: Colours): string[] {
  const stages = [...progress.stages.values()];
  const name = Math.max(...stages.map(({ stage }) => textWidth(stage)));
  const digits = Math.max(...stages.map(({ nodes }) => String(nodes).length));
  const busy = new Map<string, number>();
  for (const { node } of progress.running.values()) busy.set(node.stage.name, (busy.get(node.stage.name) ?? 0) + 1);
  return stages.map(({ stage, nodes, executed, cached, failed, notRun }) => {
    const ended = executed + cached + notRun;
    const counts = `${padEnd(stage, name)}  ${String(ended).padStart(digits)}/${String(nodes).padEnd(digits)}`;
    const details = [
      cached && `${cached} cached`,
      notRun && `${notRun} not run`,
      busy.has(stage) && `${busy.get(stage)!} running`,
      failed && red(`${failed} failed`),
    ].filter(Boolean);
    const mark = failed ? red('✗') : ended === nodes ? green('✓') : busy.has(stage) ? '›' : ' ';
    const line = `${mark} ${counts}${details.length ? `  ${details.join(', ')}` : ''}`;
    return busy.has(stage) || failed ? line : dim(line);
  });
}

function runningLines(progress: Progress, columns: number, now: number, { cyan, dim }: Colours): string[] {
  const longestFirst = [...progress.running.values()].sort((a, b) => a.since - b.since);
  const room = columns - 30;
  const name = Math.min(room, Math.max(0, ...longestFirst.map(({ node }) => textWidth(shownName(node.name)))));
  const lines = longestFirst.map(({ node, since, fraction }) => {
    const padded = padEnd(cutMiddle(shownName(node.name), name), name);
    const seconds = clock((now - since) / 1000).padStart(7);
    return fraction === undefined
      ? `  ${cyan(padded)} ${' '.repeat(15)} ${seconds}`
      : `  ${cyan(padded)} ${bar(fraction, 10)} ${percent(fraction)} ${seconds}`;
  });
  const waiting = progress.waiting.size;
  if (waiting > 0) lines.push(dim(`  ${waiting} ${waiting === 1 ? 'is' : 'are'} being built by another run`));
  return lines;
}

function within(lines: readonly string[], room: number, { dim }: Colours): readonly string[] {
  return lines.length <= room ? lines : [...lines.slice(0, room - 1), dim(`  and ${lines.length - room + 1} more`)];
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar that moves by an eighth of a character. */
export function bar(fraction: number, width: number): string {
  const filled = Math.min(1, Math.max(0, fraction)) * width;
  const whole = Math.floor(filled);
  const part = eighths[Math.floor((filled - whole) * 8)]!;
  return `▕${('█'.repeat(whole) + part).padEnd(width)}▏`;
}

function percent(fraction: number): string {
  return `${Math.floor(100 * fraction + 1e-9)}%`.padStart(4);
}
