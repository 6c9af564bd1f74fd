import type { EventListener } from '../../events.ts';
import { jsonReporter } from './json.ts';
import { plainReporter } from './plain.ts';

export type LogFormat = 'tty' | 'plain' | 'json';

/** Renders events. `close` restores the terminal. */
export interface Reporter {
  readonly emit: EventListener;
  readonly close: () => void;
}

export function reporterFor(format: LogFormat | undefined, _options: { readonly jobs: number }): Reporter {
  const chosen = format ?? 'plain';
  return chosen === 'json' ? jsonReporter(process.stdout) : plainReporter(process.stdout);
}
