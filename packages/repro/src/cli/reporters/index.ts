import { terminal } from '../../escape.ts';
import type { EventListener, RunEvent } from '../../events.ts';
import { wantsColour, wantsLinks } from './colours.ts';
import { jsonReporter } from './json.ts';
import type { Terminal } from './live-area.ts';
import { plainReporter } from './plain.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { ttyReporter } from './tty.ts';

export type LogFormat = 'tty' | 'plain' | 'json';

export function reporterFor(
  format: LogFormat | undefined,
  options: Pick<ReporterOptions, 'report' | 'reportPath' | 'earlierPaces' | 'summary'>,
): Reporter {
  return reporterOn(process.stdout, format, options);
}

/** What a reporter writes of events that come all at once. */
export function writtenBy(
  format: LogFormat | undefined,
  { report, reportPath, summary }: Pick<ReporterOptions, 'report' | 'reportPath' | 'summary'>,
  tell: (emit: EventListener) => void,
): string {
  let text = '';
  const { columns, rows } = process.stdout;
  const write = (chunk: string): void => void (text += chunk);
  const out: Terminal = { columns, rows, write, on: () => undefined, off: () => undefined };
  const { emit, close } = reporterOn(out, format, { report, reportPath, summary, earlierPaces: () => new Map() });
  tell(emit);
  close();
  return text;
}

function reporterOn(
  out: Terminal,
  format: LogFormat | undefined,
  options: Pick<ReporterOptions, 'report' | 'reportPath' | 'earlierPaces' | 'summary'>,
): Reporter {
  const { stdout, env } = process;
  const chosen = format ?? (stdout.isTTY && env['TERM'] !== 'dumb' ? 'tty' : 'plain');
  const full = {
    ...options,
    colour: wantsColour(stdout),
    links: wantsLinks(stdout),
    annotate: env['GITHUB_ACTIONS'] === 'true',
  };
  if (chosen === 'json') return jsonReporter(out);
  const { emit, close } = chosen === 'tty' ? ttyReporter(out, full) : plainReporter(out, full);
  return { emit: (event) => emit(escaped(event)), close };
}

/** Of an event, what a stage or a program printed or said, as a terminal may get it. */
function escaped(event: RunEvent): RunEvent {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(event))
    if (/^(message|log|by|rerun)$/.test(name) && typeof value === 'string')
      shown[name] = terminal(name === 'log' ? overwritten(value) : value);
  return { ...event, ...shown };
}

/** A line of progress that was written over itself: what it showed last. */
function overwritten(log: string): string {
  return log
    .split('\n')
    .map((line) => {
      const shown = line.replace(/\r+$/, '');
      return shown.slice(shown.lastIndexOf('\r') + 1);
    })
    .join('\n');
}
