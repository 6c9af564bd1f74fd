/** Which claims a set decides: by the probability that its rules pass a true claim, and the smallest false one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseClaims } from 'repro';
import { partId } from 'repro/claims';
import type { Claim, ClaimResult, Part, PartResult } from 'repro/claims';
import { leastTrue, mostFalse } from '../../stages/report/power.ts';
import type { ClaimPower, PartPower, PowerTable } from '../../stages/report/power.ts';
import { vocabulary } from '../../stages/report/claims/vocabulary.ts';
import { measureNoise, readSources } from './noise.ts';
import type { NoiseTable, PartNoise } from './noise.ts';
import { draws, probabilityReproduced } from './simulate.ts';

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
const sets = ['quick', 'ci'].map((set) => [set, powerOfSet(`${folder}/${set}/claims.json`)] as const);
const seeds = Math.min(...Object.values(noise).flatMap((parts) => Object.values(parts).map((part) => part.seeds)));
const table: PowerTable = { draws, seeds, sets: Object.fromEntries(sets) };
writeFileSync(powerFile, JSON.stringify(table, null, 1) + '\n');
for (const [set, powers] of sets) {
  const decided = Object.entries(powers).flatMap(([id, { decides }]) => (decides ? [id] : []));
  console.log(`${set} decides ${decided.length}: ${decided.join(', ')}`);
  for (const [id, { decides, reason }] of Object.entries(powers)) if (!decides) console.log(`  not ${id}: ${reason}`);
}

function powerOfSet(file: string): Record<string, ClaimPower> {
  const results = JSON.parse(readFileSync(file, 'utf8')) as ClaimResult[];
  return Object.fromEntries(
    claims.map((claim) => [
      claim.id,
      powerOfClaim(
        claim,
        results.find(({ id }) => id === claim.id)!,
      ),
    ]),
  );
}

function powerOfClaim({ id, parts }: Claim, { parts: found }: ClaimResult): ClaimPower {
  const powers = parts.map((part, i) => powerOfPart(`${id} ${partId(i)}`, part, found[i]!));
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
  return { decides: !reason, reason, holds: rounded(holds), fails: rounded(fails), parts: powers };
}

function powerOfPart(name: string, part: Part, found: PartResult): PartPower {
  const [claim, letter] = borrowed[name] ?? (name.split(' ') as [string, string]);
  const nothing = { id: found.id, holds: null, fails: null, noise: null, scale: null };
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
  };
  const [holds, fails] = [part.effect.holds, part.effect.fails].map((effect) =>
    probabilityReproduced(part, effect, { standardDeviation: moves, flips: moves }, scale),
  ) as [number, number];
  const tooFew = holds === 0 && /Too few/.test(found.detail);
  return {
    id: found.id,
    ...{ holds: rounded(holds), fails: rounded(fails) },
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

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
