/** Which claims a set decides: by the probability that its rules pass a true claim, and the smallest false one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseClaims } from 'repro';
import { partId, selects } from 'repro/claims';
import type { Claim, ClaimResult, Part, PartResult } from 'repro/claims';
import { leastTrue, mostFalse } from '../../stages/report/power.ts';
import type { ClaimPower, PartPower, PowerTable } from '../../stages/report/power.ts';
import { coordinates } from '../../stages/report/claims/coordinates.ts';
import { vocabulary } from '../../stages/report/claims/vocabulary.ts';
import { isDistance, measureNoise, readSources } from './noise.ts';
import type { NoiseTable, PartNoise } from './noise.ts';
import { overSeeds } from './over-seeds.ts';
import { draws, probabilityOf, probabilityReproduced, shareBefore, withoutNoise } from './simulate.ts';

const noiseFile = 'bench/power/noise.json';
const powerFile = 'stages/report/power.json';
const options = process.argv.slice(2);
const claims = parseClaims(readFileSync('params/claims.json', 'utf8'), 'params/claims.json', vocabulary);

/** Parts without replicates of their own, and those whose noise is of the same kind: ratios of losses of the same models. */
const borrowed: Readonly<Record<string, readonly [claim: string, part: string]>> = {
  'unit-norm a': ['stronger-is-better', 'a'],
};

const [flag, store, ...reports] = options;
if (flag === '--noise') {
  const noise = measureNoise(
    claims,
    reports.map((report) => readSources(store!, report)),
  );
  writeFileSync(noiseFile, JSON.stringify(noise, null, 1) + '\n');
}
const noise = JSON.parse(readFileSync(noiseFile, 'utf8')) as NoiseTable;
const folder = process.env['REPRO_REPORTS'] ?? 'reports';
const sets = ['quick', 'ci', 'paper'].map((set) => [set, powerOfSet(`${folder}/${set}`)] as const);
const seeds = Math.min(...Object.values(noise).flatMap((parts) => Object.values(parts).map((part) => part.seeds)));
const table: PowerTable = { draws, seeds, sets: Object.fromEntries(sets) };
writeFileSync(powerFile, JSON.stringify(table, null, 1) + '\n');
for (const { name, cells, verdicts, standardDeviation, simulated } of overSeeds(claims, noise)) {
  const of = (verdict: string): number => verdicts[verdict] ?? 0;
  console.log(
    `| \`${name}\` | ${cells} | ${of('reproduced')} | ${of('not-reproduced')} | ${of('inconclusive')} | ${Number(standardDeviation.toPrecision(3))} | ${simulated === undefined ? '–' : (10 * simulated).toFixed(1)} |`,
  );
}
for (const [set, powers] of sets) {
  const decided = Object.entries(powers).flatMap(([id, { decides }]) => (decides ? [id] : []));
  console.log(`${set} decides ${decided.length}: ${decided.join(', ')}`);
  for (const [id, { decides, reason }] of Object.entries(powers)) if (!decides) console.log(`  not ${id}: ${reason}`);
}

function powerOfSet(report: string): Record<string, ClaimPower> {
  const results = JSON.parse(readFileSync(`${report}/claims.json`, 'utf8')) as ClaimResult[];
  const curves = readCurves(`${report}/exponents.csv`);
  return Object.fromEntries(
    claims.map((claim) => [
      claim.id,
      powerOfClaim(
        claim,
        results.find(({ id }) => id === claim.id)!,
        curves,
      ),
    ]),
  );
}

function powerOfClaim({ id, parts }: Claim, { parts: found }: ClaimResult, curves: readonly CurveOfSet[]): ClaimPower {
  const powers = parts.map((part, i) => powerOfPart(`${id} ${partId(i)}`, part, found[i]!, curves));
  const unknown = powers.find((power) => power.reason);
  const holds = powers.reduce((product, power) => product * (power.holds ?? 0), 1);
  const fails = Math.max(...powers.map((power) => power.fails ?? 0));
  const reason = unknown
    ? `${parts.length > 1 ? `part ${unknown.id}: ` : ''}${unknown.reason}`
    : holds < leastTrue
      ? `a true claim passes with probability ${holds.toFixed(2)}`
      : fails > mostFalse
        ? `a false claim passes with probability ${fails.toFixed(2)}`
        : '';
  const repeats = powers.some((power) => power.repeats === null)
    ? null
    : rounded(powers.reduce((product, power) => product * power.repeats!, 1));
  return { decides: !reason, reason, holds: rounded(holds), fails: rounded(fails), repeats, parts: powers };
}

function powerOfPart(name: string, part: Part, found: PartResult, curves: readonly CurveOfSet[]): PartPower {
  const [claim, letter] = borrowed[name] ?? (name.split(' ') as [string, string]);
  const nothing = { id: found.id, holds: null, fails: null, repeats: null, noise: null, scale: null };
  if (found.verdict === 'not-run') return { ...nothing, reason: 'this set has no such models' };
  const known = noise[claim]?.[letter];
  if (!known) return { ...nothing, reason: 'no replicates of such models: how far luck moves them is not known' };
  if (part.rule === 'equivalent' || !part.effect) return { ...nothing, reason: 'this rule is not simulated' };
  const here = scaled(known, part, found.cells.used);
  const moves = rounded(/^share/.test(part.rule) ? here.flips : here.standardDeviation);
  const { planned, used } = found.cells;
  const halfWidth = found.low === null || found.high === null ? null : (found.high - found.low) / 2;
  const scale = {
    cells: { planned, used, excluded: planned - used },
    seeds: found.seeds?.least ?? 1,
    ...{ standardError: found.standardError, halfWidth },
    cellNoise: isDistance(part) ? cellNoiseOf(part, known, curves) : null,
  };
  const moved = { standardDeviation: moves, flips: moves };
  const location =
    found.measured === null
      ? null
      : part.rule.startsWith('share')
        ? shareBefore(found.measured, moves)
        : withoutNoise(found.measured, scale);
  const repeats = location === null ? null : rounded(probabilityOf(found.verdict, part, location, moved, scale));
  const [holds, fails] = [part.effect.holds, part.effect.fails].map((effect) =>
    probabilityReproduced(part, effect, moved, scale),
  ) as [number, number];
  const tooFew = holds === 0 && /Too few/.test(found.detail);
  return {
    id: found.id,
    ...{ holds: rounded(holds), fails: rounded(fails) },
    repeats,
    noise: moves,
    scale,
    reason: tooFew ? /Too few[^.]*\./.exec(found.detail)![0].replace(/\.$/, '').replace('Too', 'too') : '',
  };
}

/** Noise goes with one over the root of the number of cells; that of the largest of them does not. */
function scaled(known: PartNoise, { rule }: Part, cells: number): PartNoise {
  if (rule === 'largest' || cells === 0) return known;
  return { ...known, standardDeviation: known.standardDeviation * Math.sqrt(known.cells / cells) };
}

/** A curve over m of a set: what its exponent is about, and over how many seeds. */
interface CurveOfSet {
  readonly frequencies: string;
  readonly alpha: number;
  readonly gamma: number;
  readonly n: number;
  readonly m: readonly number[];
  readonly seeds: number;
}

/** The curves of the small sweep in a published table. */
function readCurves(file: string): CurveOfSet[] {
  const [head, ...lines] = readFileSync(file, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const rows = lines.map((cells) => Object.fromEntries(head!.map((name, i) => [name, cells[i]!])));
  return rows
    .filter(({ experiment, alpha }) => experiment === 'small' && alpha !== '')
    .map((row) => ({
      frequencies: row['frequencies']!,
      alpha: Number(row['alpha']),
      gamma: Number(row['gamma']),
      n: Number(row['n']),
      m: [],
      seeds: Number(row['replicatesCount'] || 1),
    }));
}

/** How uncertain the exponent of each cell of a part is: as at the nearest alpha of the runs for noise, over its seeds. */
function cellNoiseOf(part: Part, { exponents = [] }: PartNoise, curves: readonly CurveOfSet[]): number[] {
  return curves
    .filter((curve) => selects(curve as never, part.cells, coordinates as never))
    .map(({ alpha, seeds: count }) => {
      const [nearest] = [...exponents].sort((a, b) => Math.abs(a.alpha - alpha) - Math.abs(b.alpha - alpha));
      return rounded(nearest!.standardDeviation / Math.sqrt(count));
    });
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
