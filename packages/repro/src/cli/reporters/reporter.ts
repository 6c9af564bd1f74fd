import type { EventListener } from '../../events.ts';
import type { EarlierPaces } from './progress.ts';

/** Renders events. `close` restores the terminal. */
export interface Reporter {
  readonly emit: EventListener;
  readonly close: () => void;
}

export interface ReporterOptions {
  /** Where the report is once the run is done, for the last line. */
  readonly report: string | undefined;
  /** How fast nodes were in earlier runs, for the time left; asked only if something runs. */
  readonly earlierPaces: () => EarlierPaces;
  readonly colour: boolean;
  readonly annotate: boolean;
}
