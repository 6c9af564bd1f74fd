import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { InputError, oneOf } from '../../errors.ts';
import { planAll, Scan } from '../../plan/scan.ts';
import { notRunExitCode } from '../exit-codes.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { defaultJobs, openFrom, positiveInteger, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';
import { plural } from '../../plural.ts';
import { recomputeProgress } from '../recompute-progress.ts';
import { untilInterrupted } from '../until-interrupted.ts';

interface Options extends CommonOptions {
  readonly sample: number;
  readonly seed: string | undefined;
  readonly jobs: number;
}

export function acceptVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('accept')
    .description('after a change of code that should change no result: keep the results if a sample comes out equal')
    .argument('<stage>', 'the stage whose code changed');
  withCommonOptions(command, invocation)
    .requiredOption('--sample <k>', 'number of its nodes to compute with the new code', positiveInteger)
    .option('--seed <text>', 'what to draw by (default: a new random one, which is printed)')
    .option('--jobs <n>', 'worker processes', positiveInteger, defaultJobs)
    .action((stage: string, options: Options) => accept(invocation, stage, options));
  withExample(command, invocation, `repro accept ${exampleWords(invocation).stage} --sample 5`);
}

async function accept(invocation: Invocation, stage: string, options: Options): Promise<void> {
  const [session, acceptance, { drawSample, upperBound }, { recompute }, { WorkerPool }] = await Promise.all([
    openFrom(invocation, options, 'existing'),
    import('../../travel/accept.ts'),
    import('../../travel/sampling.ts'),
    import('../../travel/recompute.ts'),
    import('../../execute/worker-pool.ts'),
  ]);
  const stages = [...new Set(session.graph.nodes.map((node) => node.stage.name))];
  if (!stages.includes(stage)) throw new InputError(`${stage}: no such stage: ${oneOf(stages)}`);
  const decisions = planAll(session.graph, new Scan(session));
  const { changed, others } = acceptance.changedNodes(session, decisions, stage);
  if (changed.length === 0)
    throw new InputError(
      `${stage}: no node has a result of other code and is otherwise as before: there is nothing to accept` +
        (others.length ? ` (${others[0]!})` : ''),
    );
  const seed = options.seed ?? randomBytes(8).toString('hex');
  const drawn = drawSample(
    changed.map((item) => ({ item, id: item.decision.key, stratum: item.node.name.split(',')[0]!, weight: 1 })),
    Math.min(options.sample, changed.length),
    seed,
  );
  print(`seed ${seed}: ${plural(drawn.length, 'node')} of ${changed.length} drawn\n`);

  const found: { readonly verdict: string; readonly line: string }[] = [];
  const runner = new WorkerPool(new URL('./worker.mjs', import.meta.url));
  const interrupted = await untilInterrupted(async (signal) => {
    const nodes = new Set(drawn.map(({ node }) => node));
    const progress = { runner, jobs: options.jobs, signal, onNode: recomputeProgress(drawn.map(({ node }) => node)) };
    await recompute(session, nodes, decisions, progress, (results, _, of) => {
      for (const each of drawn) {
        if (!of.has(each.node)) continue;
        const comparison = acceptance.compared(each, results.get(each.node));
        if (comparison.verdict === 'same') continue;
        const { verdict, detail } = comparison;
        found.push({ verdict, line: `${verdict.padEnd(9)} ${each.node.name}: ${detail}` });
      }
    });
  });
  await runner.close();
  if (interrupted || found.length > 0) {
    session.close();
    for (const { verdict, line } of found) if (verdict !== 'interrupted') print(`${line}\n`);
    const has = (verdict: string): boolean => found.some((each) => each.verdict === verdict);
    const why = has('different')
      ? 'the new code gives other results'
      : has('failed')
        ? 'the new code fails'
        : interrupted
          ? 'interrupted'
          : 'some of the sample cannot run here';
    print(`${stage}: ${why}: nothing was accepted\n`);
    process.exitCode = has('different') || has('failed') ? 1 : interrupted ? 130 : notRunExitCode;
    return;
  }
  acceptance.takeOver(session, changed, { seed, sample: drawn.map(({ decision }) => decision.key) });
  session.close();
  const bound =
    drawn.length === changed.length
      ? 'all of them'
      : `at most ${Math.ceil(100 * upperBound(0, drawn.length))}% differ, with 95% confidence`;
  print(
    `${stage}: ${drawn.length} computed with the new code, all equal (${bound}): ${plural(changed.length, 'result')} accepted\n`,
  );
  for (const line of others.slice(0, 5)) print(`not accepted: ${line}\n`);
}
