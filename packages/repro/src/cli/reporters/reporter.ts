import type { EventListener, RunEvent } from '../../events.ts';
import type { Colours } from './colours.ts';
import type { EarlierPaces } from './progress.ts';

/** Renders events. `close` restores the terminal. */
export interface Reporter {
  readonly emit: EventListener;
  readonly close: () => void;
}

export interface ReporterOptions {
  /** Where the report is once the run is done, for the last line. */
  readonly report: string | undefined;
  /** Its path within the directory that is published; default: its name. */
  readonly reportPath?: string | undefined;
  /** How fast nodes were in earlier runs, for the time left; asked only if something runs. */
  readonly earlierPaces: () => EarlierPaces;
  /** What is said of the claims once the run is done; `directory`: where it published, if it did. */
  readonly summary: (
    event: Extract<RunEvent, { type: 'run-finished' }>,
    directory: string | undefined,
    colour: Colours,
  ) => readonly string[];
  readonly colour: boolean;
  /** Whether the terminal has links. */
  readonly links: boolean;
  readonly annotate: boolean;
}
