import type { RunEvent } from '../../events.ts';
import type { Reporter } from './index.ts';

/** A line for each thing worth reading later: for logs and CI. */
export function plainReporter(out: { write: (text: string) => unknown }): Reporter {
  const say = (text: string): void => void out.write(text + '\n');
  const emit = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        return say(`${event.set}: ${event.nodes} nodes, ${event.jobs} workers, backend ${event.backend}, store ${event.store}`);
      case 'node-finished':
        return say(`done ${event.node.name} (${event.seconds.toFixed(2)} s)`);
      case 'node-failed':
        say(`FAILED ${event.node.name} (key ${event.key.slice(0, 12)}): ${event.message}`);
        if (event.log.trim()) say(event.log.trim().replace(/^/gm, '    '));
        return say(`  rerun it with: ${event.rerun}`);
      case 'node-not-run':
        return say(`not run ${event.node.name}: ${event.message}`);
      case 'node-blocked':
        return say(`blocked ${event.node.name}: ${event.by} failed`);
      case 'node-waiting':
        return say(`waiting ${event.node.name}: another run is building it`);
      case 'warning':
        return say(`warning: ${event.message}`);
      case 'published':
        return say(`published ${event.files} files in ${event.directory}`);
      case 'run-finished':
        return say(
          `${event.interrupted ? 'interrupted' : event.failed ? 'failed' : 'done'}: ${event.executed} executed, ${event.cached} cached, ${event.failed} failed, ${event.notRun} not run in ${event.seconds.toFixed(1)} s`,
        );
      case 'node-started':
      case 'node-cached':
      case 'node-progress':
        return;
    }
  };
  return { emit, close: () => undefined };
}
