/** A worker thread: loads the bundle of a stage, which is the code its key names, and runs nodes one after another. */
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { BatchFailure, StageContext } from '../graph/context.ts';
import type { FromWorker, JobMessage, ToWorker } from './protocol.ts';

const port = parentPort!;
const say = (message: FromWorker): void => port.postMessage(message);
let controller = new AbortController();

port.on('message', (message: ToWorker) => {
  if (message.type === 'abort') controller.abort();
  else void execute(message);
});

async function execute(job: JobMessage): Promise<void> {
  controller = new AbortController();
  try {
    const code = (await import(pathToFileURL(job.bundle).href)) as {
      run?: (context: StageContext) => Promise<void>;
      runBatch?: (contexts: readonly StageContext[]) => Promise<readonly BatchFailure[] | void>;
    };
    const contexts = job.nodes.map(
      (node, index) => ({ ...node, signal: controller.signal, progress: throttled(index) }) as unknown as StageContext,
    );
    // A stage that only listens would never hear of an interrupt that came while its code was loaded.
    controller.signal.throwIfAborted();
    if (job.batch) {
      if (!code.runBatch) throw new Error('the stage declares batchBy but its code exports no runBatch');
      const failures = await code.runBatch(contexts);
      say({ type: 'done', ...(failures && { failures }) });
    } else {
      if (!code.run) throw new Error('the code of the stage exports no run');
      await code.run(contexts[0]!);
      say({ type: 'done' });
    }
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    if (name === 'NotRun') say({ type: 'not-run', message });
    else say({ type: 'failed', message, stack: stack ?? '', code: (error as NodeJS.ErrnoException | undefined)?.code });
  }
}

/** At most ten reports a second leave the worker, however often the stage reports. */
function throttled(index: number): (fraction: number) => void {
  let last = 0;
  return (fraction) => {
    const now = Date.now();
    if (now - last < 100) return;
    last = now;
    say({ type: 'progress', index, fraction });
  };
}
