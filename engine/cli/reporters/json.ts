import type { RunEvent } from '../../events.ts';
import type { Reporter } from './index.ts';

/** One JSON object a line; nodes by name. The last line is `run-finished`. */
export function jsonReporter(out: { write: (text: string) => unknown }): Reporter {
  return {
    emit: (event) => {
      out.write(JSON.stringify(flat(event)) + '\n');
    },
    close: () => undefined,
  };
}

function flat(event: RunEvent): object {
  if (!('node' in event)) return event;
  return { ...event, node: event.node.name, stage: event.node.stage.name };
}
