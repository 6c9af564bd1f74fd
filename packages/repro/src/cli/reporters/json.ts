import { json } from '../../escape.ts';
import type { RunEvent } from '../../events.ts';
import type { Reporter } from './reporter.ts';

/** One JSON object a line; nodes by name. The last line is `run-finished`, its members in a fixed order. */
export function jsonReporter(out: { write: (text: string) => unknown }): Reporter {
  return {
    emit: (event) => void out.write(json(flat(event)) + '\n'),
    close: () => undefined,
  };
}

function flat(event: RunEvent): object {
  if (event.type === 'run-finished') {
    const { type, executed, cached, failed, notRun, seconds, interrupted } = event;
    return { type, executed, cached, failed, notRun, seconds, ...(interrupted && { interrupted }) };
  }
  if (!('node' in event)) return event;
  return { ...event, node: event.node.name, stage: event.node.stage.name };
}
