/** How far what a part measures moves from one master seed to another, from runs of one set that differ in nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge, missing, partId } from 'repro/claims';
import type { Claim, Evidence, Part, Range, Registered, Selection } from 'repro/claims';
import { mean, variance } from '../../numerics/statistics/moments.ts';
import { selectFits } from '../../stages/report/claims/quantities/sources.ts';
import type { Sources } from '../../stages/report/claims/quantities/sources.ts';
import { vocabulary } from '../../stages/report/claims/vocabulary.ts';

/** Between the seeds: of a number, its standard deviation; of a share of cells, the probability that a cell flips. */
export interface PartNoise {
  readonly seeds: number;
  /** Cells that each seed has: with more of them the noise is smaller. */
  readonly cells: number;
  readonly standardDeviation: number;
  readonly flips: number;
  /** Mean over the seeds of what is measured. */
  readonly mean: number;
  /** Halves of the widths of the 95% intervals, where there are some: of few points they differ much. */
  readonly halfWidths: readonly number[];
  /** Of a distance from a rule, which noise of single exponents makes larger: their standard deviation at each alpha. */
  readonly exponents?: readonly { readonly alpha: number; readonly standardDeviation: number }[];
  /** Verdicts of the rule over the seeds, whether or not their cells are enough for one. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** By claim and part; parts that the runs have no models for are not there. */
export type NoiseTable = Readonly<Record<string, Readonly<Record<string, PartNoise>>>>;

interface Lock {
  readonly nodes: Readonly<Record<string, { readonly outputs: Readonly<Record<string, string>> }>>;
}

/** The results of a run that claims are judged by, from its published lock file and a store. */
export function readSources(store: string, report: string): Sources {
  const { nodes } = JSON.parse(readFileSync(join(report, 'lock.json'), 'utf8')) as Lock;
  const outputs = (stage: string, output: string): unknown[] =>
    Object.entries(nodes)
      .filter(([name]) => name === stage || name.startsWith(`${stage}[`))
      .map(([, node]) => JSON.parse(readFileSync(join(store, 'cas', node.outputs[output]!), 'utf8')) as unknown);
  return {
    sweeps: outputs('fit-exponents', 'sweep') as Sources['sweeps'],
    random: outputs('random-geometry', 'random')[0] as Sources['random'],
    languageModels: JSON.parse(
      readFileSync('params/published/language-models.json', 'utf8'),
    ) as Sources['languageModels'],
    sizes: outputs('fit-sizes', 'sizes')[0] as Sources['sizes'],
    ...{ readsModels: false, heads: undefined, losses: undefined, tokens: undefined },
  };
}

export function measureNoise(claims: readonly Claim[], seeds: readonly Sources[]): NoiseTable {
  return Object.fromEntries(
    claims.flatMap(({ id, parts }) => {
      const found = parts.flatMap((part, i) => {
        const noise = noiseOf(part, seeds);
        return noise ? [[partId(i), noise] as const] : [];
      });
      return found.length ? [[id, Object.fromEntries(found)]] : [];
    }),
  );
}

function noiseOf(part: Part, seeds: readonly Sources[]): PartNoise | undefined {
  for (const asked of [part, withoutGamma(part), withoutAlpha(withoutGamma(part))]) {
    const evidence = seeds.map((sources) => measure(asked, sources));
    if (evidence.some(({ kind }) => kind === 'missing')) continue;
    const judged = evidence.map((found) => judge(asked, found, { enough: false }));
    const measured = judged.map((one) => one.measured);
    if (measured.some((value) => value === null)) continue;
    const cells = Math.min(...judged.map((one) => one.cells.used));
    const spread = variance(measured as number[]);
    // Without a seed in it, as of published sizes, a number is as uncertain as it says.
    const reported = spread === 0 ? (judged[0]!.standardError ?? 0) : 0;
    return {
      seeds: seeds.length,
      cells,
      standardDeviation: Math.max(Math.sqrt(spread), reported),
      flips: flipsOf(spread, cells),
      mean: mean(measured as number[]),
      halfWidths: judged.flatMap(({ low, high }) => (low === null || high === null ? [] : [(high - low) / 2])),
      ...(isDistance(part) && { exponents: exponentNoise(asked, seeds) }),
      verdicts: count(judged.map(({ verdict }) => verdict)),
    };
  }
  return undefined;
}

function measure(part: Part, sources: Sources): Evidence {
  const { quantities }: Registered<Sources> = vocabulary;
  const quantity = quantities.find(({ id }) => id === part.quantity)!;
  try {
    return quantity.measure(part, sources);
  } catch {
    return missing('cannot be measured here');
  }
}

/** Whether noise makes what a part measures larger, and not only less certain. */
export function isDistance({ quantity }: Pick<Part, 'quantity'>): boolean {
  return quantity === 'exponent-rule-distance';
}

function exponentNoise({ cells }: Part, seeds: readonly Sources[]): NonNullable<PartNoise['exponents']> {
  const exponents = new Map<number, number[]>();
  for (const { sweeps } of seeds) {
    const small = sweeps.find(({ experiment }) => experiment === 'small')!;
    for (const { alpha, exponent } of selectFits(small, cells))
      if (alpha !== null) exponents.set(alpha, [...(exponents.get(alpha) ?? []), exponent]);
  }
  return [...exponents].map(([alpha, values]) => ({ alpha, standardDeviation: Math.sqrt(variance(values)) }));
}

/** Any gamma of the same sign: runs for noise have one of each. */
function withoutGamma(part: Part): Part {
  const widened = (selection: Selection | undefined): Selection | undefined => {
    const gamma = selection?.['gamma'] as Range | undefined;
    if (!gamma) return selection;
    const bound = gamma.is ?? gamma.atLeast ?? gamma.atMost ?? gamma.above ?? gamma.below ?? 0;
    const positive = bound > 0 || (bound === 0 && gamma.above !== undefined);
    return { ...selection, gamma: positive ? { above: 0 } : { below: 0 } };
  };
  const { cells, against } = part;
  return { ...part, ...(cells && { cells: widened(cells)! }), ...(against && { against: widened(against)! }) };
}

function withoutAlpha(part: Part): Part {
  const { alpha: _, ...cells } = part.cells ?? {};
  return { ...part, cells };
}

/** f where a share of N cells, each flipped with probability f, has this variance: f (1 - f) / N. */
function flipsOf(variance: number, cells: number): number {
  return (1 - Math.sqrt(1 - 4 * Math.min(0.25, cells * variance))) / 2;
}

function count(verdicts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
