import type { RunEvent } from '../../events.ts';
import { shownPath } from '../print.ts';
import { plural } from '../../plural.ts';
import { colours } from './colours.ts';
import { roughly } from './duration.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { Progress } from './progress.ts';
import { failureLines, finishedLines, reportIn } from './words.ts';

const summaryMilliseconds = 5_000;
/** Up to so many nodes, each gets its line. */
const fewNodes = 40;
/** In a larger run, only a node that took longer does. */
const slowSeconds = 1;

/** A line for each thing worth reading later: for logs and CI. With `annotate`, failures also as GitHub's annotations. */
export function plainReporter(
  out: { write: (text: string) => unknown },
  { report, reportPath, earlierPaces, annotate, summary }: ReporterOptions,
): Reporter {
  const colour = colours(false);
  const progress = new Progress(() => performance.now(), earlierPaces);
  const say = (text: string): void => void out.write(text + '\n');
  let told = 0;
  let paths: readonly string[] = [];
  let directory: string | undefined;
  const timer = setInterval(() => {
    if (progress.ended === told && progress.running.size === 0) return;
    const oldest = progress.ended === told ? longestRunning(progress) : '';
    told = progress.ended;
    say(progressLine(progress) + oldest);
  }, summaryMilliseconds).unref();

  const emit = (event: RunEvent): void => {
    progress.apply(event);
    switch (event.type) {
      case 'run-started':
        return say(
          `${event.set}: ${plural(event.nodes, 'node')}, ${event.executor ?? `${event.jobs} workers`}, backend ${event.backend}, store ${event.store}`,
        );
      case 'node-finished':
        if (progress.nodes <= fewNodes || event.seconds > slowSeconds)
          say(`done ${event.node.name} (${event.seconds.toFixed(2)} s)`);
        return;
      case 'node-failed':
        for (const line of failureLines(event, colour)) say(line);
        if (annotate)
          say(
            `::error title=${escapeProperty(event.node.name)}::${escapeData(`${event.message}\nrerun it with: ${event.rerun}`)}`,
          );
        return;
      case 'node-not-run':
        if (event.leftOut) return;
        return say(`not run ${event.node.name}: ${event.message}`);
      case 'node-blocked':
        return say(`blocked ${event.node.name}: ${event.by} failed`);
      case 'node-waiting':
        return say(`waiting ${event.node.name}: another run is building it`);
      case 'warning':
        if (annotate) say(`::warning::${escapeData(event.message)}`);
        return say(`warning: ${event.message}`);
      case 'note':
        return say(event.message);
      case 'published':
        if (event.paths) return void (paths = event.paths);
        directory = event.directory;
        return say(`published ${plural(event.files, 'file')} in ${shownPath(event.directory)}`);
      case 'run-finished':
        for (const line of finishedLines(event, reportIn(directory, report, reportPath), paths, colour)) say(line);
        for (const line of summary(event, directory, colour)) say(line);
        return;
      case 'node-started':
      case 'node-cached':
      case 'node-progress':
        return;
    }
  };
  return { emit, close: () => clearInterval(timer) };
}

/** `123/540 train 100/400, fit 23/60; about 45 s left`: only stages that are under way. */
function progressLine(progress: Progress): string {
  const under = [...progress.stages.values()]
    .map((stage) => ({ ...stage, ended: stage.executed + stage.cached + stage.failed + stage.notRun }))
    .filter(
      ({ stage, ended, nodes }) =>
        ended < nodes && (ended > 0 || [...progress.running.keys()].some((node) => node.stage.name === stage)),
    )
    .map(({ stage, ended, nodes }) => `${stage} ${ended}/${nodes}`);
  const { secondsLeft, everyPaceKnown } = progress.estimate();
  const left =
    secondsLeft === undefined || progress.ended === progress.nodes
      ? ''
      : `; ${everyPaceKnown ? 'about' : 'more than'} ${roughly(secondsLeft)} left`;
  return `${progress.ended}/${progress.nodes} ${under.join(', ')}`.trimEnd() + left;
}

/** Where nothing has ended since the last line: `; train[m=32] has run for 2 min`. */
function longestRunning(progress: Progress): string {
  const [oldest] = [...progress.running.values()].sort((a, b) => a.since - b.since);
  return oldest ? `; ${oldest.node.name} has run for ${roughly((performance.now() - oldest.since) / 1000)}` : '';
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
