import { wantsColour } from './colours.ts';
import { jsonReporter } from './json.ts';
import { plainReporter } from './plain.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { ttyReporter } from './tty.ts';

export type LogFormat = 'tty' | 'plain' | 'json';

export function reporterFor(
  format: LogFormat | undefined,
  options: Pick<ReporterOptions, 'report' | 'earlierPaces'>,
): Reporter {
  const { stdout, env } = process;
  const chosen = format ?? (stdout.isTTY && env['TERM'] !== 'dumb' ? 'tty' : 'plain');
  const full = { ...options, colour: wantsColour(stdout), annotate: env['GITHUB_ACTIONS'] === 'true' };
  if (chosen === 'json') return jsonReporter(stdout);
  return chosen === 'tty' ? ttyReporter(stdout, full) : plainReporter(stdout, full);
}
