import type { RunEvent } from '../events.ts';
import type { CollectedFootprint } from './invocation.ts';
import { clock } from './reporters/duration.ts';
import type { ReporterOptions } from './reporters/reporter.ts';
import { writtenBy } from './reporters/index.ts';
import type { LogFormat } from './reporters/index.ts';

/** Events of a run that found everything fresh and in place. */
const quietEvents: ReadonlySet<RunEvent['type']> = new Set(['run-started', 'node-cached', 'note', 'run-finished']);

/** No run takes as long. It holds the place of the time that a repetition takes. */
const someTime = 3600 * 123_456 + 78;

/**
 * Watches a run for its footprint: a run in which anything happened leaves none. `format`: JSON has a line for each node,
 * and so always comes from a run.
 */
export class RepeatableRun {
  readonly #collected: CollectedFootprint;
  readonly #format: LogFormat | undefined;
  readonly #events: RunEvent[] = [];

  constructor(collected: CollectedFootprint, format: LogFormat | undefined) {
    this.#collected = collected;
    this.#format = format;
    if (format === 'json') collected.footprint.end('one line a node was asked for');
  }

  note(event: RunEvent): void {
    if (!quietEvents.has(event.type)) this.#collected.footprint.end(`the run had an event of type ${event.type}`);
    else if (event.type !== 'node-cached') this.#events.push(event);
  }

  /** Keeps the footprint, if it is to be had, once the run has ended. `store`: its directory. */
  keep(store: string, options: Pick<ReporterOptions, 'report' | 'reportPath' | 'summary'>): void {
    const { footprint, path, touched } = this.#collected;
    const last = this.#events.at(-1);
    const nothingDone =
      last?.type === 'run-finished' && last.executed + last.failed + last.notRun === 0 && !last.interrupted;
    footprint.end(nothingDone ? undefined : 'the run had something to do');
    if (footprint.doubt(store) !== undefined) return;
    const text = writtenBy(this.#format, options, (emit) => {
      for (const event of this.#events) emit(event.type === 'run-finished' ? { ...event, seconds: someTime } : event);
    });
    footprint.keep(path, { text: text.replace(clock(someTime), '\0'), store, touched });
  }
}
