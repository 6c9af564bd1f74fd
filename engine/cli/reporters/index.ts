import type { EventListener } from '../../events.ts';
import { wantsColour } from './colours.ts';
import { jsonReporter } from './json.ts';
import { plainReporter } from './plain.ts';
import type { MeasuredRates } from './progress.ts';
import { ttyReporter } from './tty.ts';

export type LogFormat = 'tty' | 'plain' | 'json';

/** Renders events. `close` restores the terminal. */
export interface Reporter {
  readonly emit: EventListener;
  readonly close: () => void;
}

export interface ReporterOptions {
  /** Where the report is once the run is done, for the last line. */
  readonly report: string | undefined;
  /** Seconds per unit of cost in earlier runs, for the time left; asked only if something runs. */
  readonly measuredRates: () => MeasuredRates;
  readonly colour: boolean;
  readonly annotate: boolean;
}

export function reporterFor(format: LogFormat | undefined, options: Pick<ReporterOptions, 'report' | 'measuredRates'>): Reporter {
  const { stdout, env } = process;
  const chosen = format ?? (stdout.isTTY && env['TERM'] !== 'dumb' ? 'tty' : 'plain');
  const full = { ...options, colour: wantsColour(stdout), annotate: env['GITHUB_ACTIONS'] === 'true' };
  if (chosen === 'json') return jsonReporter(stdout);
  return chosen === 'tty' ? ttyReporter(stdout, full) : plainReporter(stdout, full);
}
