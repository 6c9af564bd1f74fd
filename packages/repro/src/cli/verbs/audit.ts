import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { planSettled, Scan } from '../../plan/scan.ts';
import type { Decision } from '../../plan/scan.ts';
import { readOrdinaryText } from '../../store/files.ts';
import { terminalLine } from '../../escape.ts';
import { checkNamedFile, refuseOther, writeNamedFile } from '../../store/named-file.ts';
import type * as AuditModule from '../../travel/audit.ts';
import type { Audit, AuditedNode } from '../../travel/audit.ts';
import { notRunExitCode } from '../exit-codes.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { defaultJobs, openFrom, positiveInteger, withCommonOptions, withExample, duration } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';
import { plural } from '../../plural.ts';
import { recomputeProgress } from '../recompute-progress.ts';
import { untilInterrupted } from '../until-interrupted.ts';

interface Options extends CommonOptions {
  readonly sample: number | undefined;
  readonly budget: number | undefined;
  readonly byWork: boolean;
  readonly seed: string | undefined;
  readonly jobs: number;
  readonly merge: boolean;
  readonly out: string;
}

type Fresh = Extract<Decision, { state: 'fresh' }>;

export function auditVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('audit')
    .description('recomputation of a random sample of results, with the share that can differ at 95% confidence')
    .argument('[audits...]', 'with --merge: files that audits wrote');
  withCommonOptions(command, invocation)
    .option('--sample <k>', 'number of nodes to draw', positiveInteger)
    .option('--budget <time>', 'as many as fit into this time: 30s, 5m, 2h', duration)
    .option('--by-work', 'weight by work, and report the share of work', false)
    .option('--seed <text>', 'seed of the sample (default: a random one, which is printed)')
    .option('--jobs <n>', 'worker processes', positiveInteger, defaultJobs)
    .option('--merge', 'merge audits of the same results into one, without computing anything', false)
    .option('--out <file>', 'where the audit is written', 'audit.json')
    .action((files: string[], options: Options) =>
      options.merge ? merge(files, options) : audit(invocation, files, options),
    );
  withExample(
    command,
    invocation,
    `repro audit --params ${exampleWords(invocation).set} --budget 5m`,
    'repro audit --merge mine.json yours.json --out audit.json',
  );
}

/** How the file of an audit begins. */
const auditStart = '{ "format": "repro-audit"';

async function audit(invocation: Invocation, files: readonly string[], options: Options): Promise<void> {
  if (files.length > 0) throw new InputError(`${files[0]!}: expected --merge before audits`);
  if ((options.sample === undefined) === (options.budget === undefined))
    throw new InputError('audit: expected one of --sample and --budget');
  checkNamedFile(resolve(options.out), options.out);
  refuseOther(resolve(options.out), [auditStart], options.out);
  const [session, audits, { drawSample, withinBudget }, { recompute }, { WorkerPool }] = await Promise.all([
    openFrom(invocation, options, 'existing'),
    import('../../travel/audit.ts'),
    import('../../travel/sampling.ts'),
    import('../../travel/recompute.ts'),
    import('../../execute/worker-pool.ts'),
  ]);
  const { decisions } = planSettled(session.graph, new Scan(session));
  const all = audits.auditCandidates(session, decisions, options.byWork);
  if (all.length === 0)
    throw new InputError(`${session.parameters.name}: no result of it is in the store: run it, or import an archive`);
  const { budget } = options;
  const { candidates, count } =
    budget === undefined ? { candidates: all, count: options.sample! } : withinBudget(all, budget, options.jobs);
  if (candidates.length === 0)
    throw new InputError(
      `--budget ${budget} s: expected at least ${Math.min(...all.map(({ cost }) => cost)).toPrecision(2)} s, which the shortest of the nodes takes`,
    );
  const atMostSeconds = candidates.length < all.length ? budget : undefined;
  const seed = options.seed ?? randomBytes(8).toString('hex');
  const drawn = drawSample(candidates, count, seed);
  print(`seed ${seed}: ${plural(drawn.length, 'node')} of ${candidates.length} drawn\n`);
  const left = all.length - candidates.length;
  if (atMostSeconds !== undefined)
    print(
      `not drawn from: ${plural(left, 'node')} that ${left === 1 ? 'takes' : 'take'} longer than ${atMostSeconds} s\n`,
    );

  const found: AuditedNode[] = [];
  const runner = new WorkerPool(new URL('./worker.mjs', import.meta.url));
  try {
    await untilInterrupted(async (signal) => {
      const progress = { runner, jobs: options.jobs, signal, onNode: recomputeProgress(drawn) };
      await recompute(session, new Set(drawn), decisions, progress, (results, store, nodes) => {
        for (const node of nodes)
          found.push(audits.auditedNode(session, store, node, decisions[node.index] as Fresh, results));
      });
    });
  } finally {
    // Where the store broke down too: what was compared until then counts.
    await runner.close();
    session.close();
    const population = { candidates, atMostSeconds };
    report(audits.newAudit(session, seed, population, options.byWork ? 'work' : 'nodes', found), audits, options.out);
  }
}

async function merge(files: readonly string[], { out, sample, budget, seed, byWork }: Options): Promise<void> {
  for (const [option, value] of Object.entries({ sample, budget, seed, 'by-work': byWork || undefined }))
    if (value !== undefined) throw new InputError(`audit --merge: nothing is drawn: remove --${option}`);
  const rules = await import('../../travel/audit.ts');
  const { mergeAudits, parseAudit } = rules;
  if (files.length < 2) throw new InputError('audit --merge: expected two files or more');
  const audits = files.map((file) => {
    const found = parseAudit(readOrdinaryText(file) ?? '');
    if (!found) throw new InputError(`${file}: expected a file that \`repro audit\` wrote`);
    return found;
  });
  let merged: Audit;
  try {
    merged = mergeAudits(audits);
  } catch (error) {
    throw new InputError(`audit --merge: ${(error as Error).message}: expected audits of the same results`);
  }
  report(merged, rules, out);
}

type AuditRules = Pick<typeof AuditModule, 'auditCounts' | 'auditStatement'>;

function report(audit: Audit, { auditCounts, auditStatement }: AuditRules, out: string): void {
  for (const { node, verdict, detail } of audit.nodes)
    if (verdict !== 'same' && verdict !== 'interrupted')
      print(`${verdict.padEnd(9)} ${terminalLine(`${node}: ${detail}`)}\n`);
  print(`${terminalLine(`${audit.set}: ${auditStatement(audit)}`)}\n`);
  writeNamedFile(out, `${JSON.stringify(audit, null, 1)}\n`);
  print(`written to ${out}\n`);
  const { different, failed, interrupted, 'not-run': notRun } = auditCounts(audit);
  process.exitCode = different + failed > 0 ? 1 : interrupted > 0 ? 130 : notRun > 0 ? notRunExitCode : 0;
}
