import type { RunEvent } from '../../events.ts';
import { colours } from './colours.ts';
import { frame } from './frame.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { LiveArea } from './live-area.ts';
import type { Terminal } from './live-area.ts';
import { wrapLine } from '../wrap.ts';
import { Progress } from './progress.ts';
import { failureLines, finishedLines, reportIn } from './words.ts';

const frameMilliseconds = 100;

/** A live view at the foot of the terminal; failures and warnings stay above it. */
export function ttyReporter(
  terminal: Terminal,
  { report, reportPath, earlierPaces, colour: coloured, links, summary }: ReporterOptions,
): Reporter {
  const colour = colours(coloured);
  const now = (): number => performance.now();
  const progress = new Progress(now, earlierPaces);
  const area = new LiveArea(terminal);
  let last: string[] = [];
  let above: string[] = [];
  let paths: readonly string[] = [];
  let directory: string | undefined;

  const wrapped = (lines: readonly string[]): string[] => lines.flatMap((line) => wrapLine(line, area.columns));

  const draw = (): void => {
    const lines = frame(progress, { columns: area.columns, rows: area.rows - 1, now: now(), colour });
    area.draw(lines, wrapped(above));
    above = [];
  };
  const timer = setInterval(draw, frameMilliseconds).unref();
  terminal.on('resize', draw);

  const emit = (event: RunEvent): void => {
    progress.apply(event);
    switch (event.type) {
      case 'node-failed':
        above.push(...failureLines(event, colour));
        return;
      case 'node-not-run':
        if (event.leftOut) return;
        above.push(`${colour.yellow('not run')} ${event.node.name}: ${event.message}`);
        return;
      case 'warning':
        above.push(`${colour.yellow('warning')}: ${event.message}`);
        return;
      case 'note':
        above.push(event.message);
        return;
      case 'published':
        if (event.paths) paths = event.paths;
        else directory = event.directory;
        return;
      case 'run-finished':
        last = [
          ...finishedLines(event, reportIn(directory, report, reportPath), paths, colour, links),
          ...summary(event, directory, colour),
        ];
        return;
      default:
        return;
    }
  };
  const close = (): void => {
    clearInterval(timer);
    terminal.off('resize', draw);
    area.close(wrapped([...above, ...last]));
  };
  return { emit, close };
}
