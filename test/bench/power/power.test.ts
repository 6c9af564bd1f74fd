import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partId } from 'repro/claims';
import type { Part } from 'repro/claims';
import type { NoiseTable } from '../../../bench/power/noise.ts';
import { overSeeds } from '../../../bench/power/over-seeds.ts';
import { agreement, distances, partRows } from '../../../bench/power/quick-seeds.ts';
import type { QuickSeeds } from '../../../bench/power/quick-seeds.ts';
import { insideOf, outsideOf, probabilityReproduced, withoutNoise } from '../../../bench/power/simulate.ts';
import type { Scale } from '../../../bench/power/simulate.ts';
import { leastTrue, mostFalse } from '../../../stages/report/power.ts';
import type { PowerTable } from '../../../stages/report/power.ts';
import { claims } from '../../stages/report/ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { sets } = readJson('stages/report/power.json') as PowerTable;

for (const set of ['quick', 'ci']) {
  test(`${set} decides exactly the claims that its simulated power lets it decide`, () => {
    const { decides } = readJson(`params/${set}.json`) as { decides: string[] };
    const able = Object.entries(sets[set]!).flatMap(([id, power]) => (power.decides ? [id] : []));
    assert.deepEqual([...decides].sort(), able.sort());
  });
}

test('paper decides what its simulated power lets it decide, and judges what could not be simulated', () => {
  const { decides } = readJson('params/paper.json') as { decides: string[] };
  const judged = Object.entries(sets['paper']!).flatMap(([id, power]) =>
    power.decides || power.parts.some(({ holds }) => holds === null) ? [id] : [],
  );
  assert.deepEqual([...decides].sort(), judged.sort());
  for (const id of decides)
    for (const { holds, fails } of sets['paper']![id]!.parts)
      assert.ok((holds ?? 1) >= leastTrue && (fails ?? 0) <= mostFalse, `${id}: a part that was simulated fails`);
});

test('what power.json says of a claim follows from its parts, which are those of claims.json', () => {
  for (const powers of Object.values(sets)) {
    assert.deepEqual(
      Object.keys(powers),
      claims.map(({ id }) => id),
    );
    for (const { id, parts } of claims) {
      const power = powers[id]!;
      assert.deepEqual(
        power.parts.map((part) => part.id),
        parts.map((_, i) => partId(i)),
        id,
      );
      const able = power.parts.every(({ reason }) => !reason) && power.holds >= leastTrue && power.fails <= mostFalse;
      assert.equal(power.decides, able, id);
      if (!able) assert.notEqual(power.reason, '', id);
    }
  }
});

test('the probabilities are those of the rules as they are: simulated again', () => {
  for (const name of ['strong-near-one', 'exponent-rule', 'stronger-is-better', 'width-size']) {
    const part = claims.find(({ id }) => id === name)!.parts[0]!;
    const { holds, fails, noise, scale } = sets['quick']![name]!.parts[0]!;
    const moves = { standardDeviation: noise!, flips: noise! };
    assert.equal(Number(probabilityReproduced(part, part.effect!.holds, moves, scale!).toPrecision(3)), holds, name);
    assert.equal(Number(probabilityReproduced(part, part.effect!.fails, moves, scale!).toPrecision(3)), fails, name);
  }
});

const scale: Scale = { cells: { planned: 20, excluded: 0, used: 20 }, seeds: 1, standardError: null, halfWidth: null };
const ask = (part: Partial<Part>, effect: number, noise: number, at = scale): number =>
  probabilityReproduced(
    { quantity: 'x', rule: 'mean', expectation: { low: 0.8, high: 1.2 }, design: 40, why: '', ...part },
    effect,
    { standardDeviation: noise, flips: noise },
    at,
  );

test('over the ten master seeds no verdict comes more or less often than the simulation says', () => {
  const choose = (k: number): number =>
    Array.from({ length: k }, (_, i) => (10 - i) / (i + 1)).reduce((a, b) => a * b, 1);
  for (const { name, verdicts, seeds, simulated } of overSeeds(
    claims,
    readJson('bench/power/noise.json') as NoiseTable,
    400,
  )) {
    assert.equal(seeds, 10);
    // As sure as 400 draws can be of it.
    const p = Math.min(0.995, Math.max(0.005, simulated!));
    const found = verdicts['reproduced'] ?? 0;
    const tail = (isOut: (k: number) => boolean): number =>
      Array.from({ length: 11 }, (_, k) => (isOut(k) ? choose(k) * p ** k * (1 - p) ** (10 - k) : 0)).reduce(
        (a, b) => a + b,
      );
    const least = Math.min(
      tail((k) => k <= found),
      tail((k) => k >= found),
    );
    // 37 parts: one in 200 by luck alone would be one of them in 5.
    assert.ok(least > 0.005, `${name}: reproduced by ${found} of 10, simulated ${simulated}`);
  }
});

test('no claim that quick decides wavers more over its master seeds than its simulated power says', () => {
  const seeds = readJson('bench/power/quick-seeds.json') as QuickSeeds;
  const claimsOfQuick = agreement(seeds, sets['quick']!);
  const decided = claimsOfQuick.filter(({ decided: is }) => is);
  assert.ok(decided.length >= 15);
  for (const { id, again, others, simulated } of decided) {
    // As sure as 10000 draws can be of it.
    const p = Math.min(0.999, simulated!);
    // At most as many agree, if each seed agrees with this probability.
    let tail = 0;
    for (let k = 0, choose = 1; k <= again; k++) {
      tail += choose * p ** k * (1 - p) ** (others - k);
      choose = (choose * (others - k)) / (k + 1);
    }
    assert.ok(tail > 0.005, `${id}: ${again} of ${others} seeds agree, simulated ${simulated}`);
  }
  const isShare = (name: string): boolean => {
    const [id, letter] = name.split(' ');
    return claims.find((claim) => claim.id === id)!.parts['abcd'.indexOf(letter!)]!.rule.startsWith('share');
  };
  const found = distances(seeds, sets['quick']!, isShare);
  const rms = Math.sqrt(found.reduce((sum, { z }) => sum + z * z, 0) / found.length);
  // The noise of ci, scaled to the cells of quick, is that between seeds of quick.
  assert.ok(rms < 1.5, `root mean square of ${found.length} distances in units of the simulated noise: ${rms}`);
});

test('README has the verdicts of quick over its ten master seeds, part by part', () => {
  const text = readFileSync(join(root, 'bench/power/README.md'), 'utf8');
  const rows = partRows(readJson('bench/power/quick-seeds.json') as QuickSeeds);
  assert.ok(rows.length > 20 && text.includes(`\n${rows.join('\n')}\n`), rows.join('\n'));
});

test('seeds are compared claim by claim with the first', () => {
  const seeds: QuickSeeds = {
    'weak-slow a': { verdicts: ['reproduced', 'reproduced', 'inconclusive'], measured: [0.2, 0.2, 0.6] },
    'strong-near-one a': { verdicts: ['reproduced', 'reproduced', 'reproduced'], measured: [1, 1.1, 0.9] },
    'strong-near-one b': { verdicts: ['reproduced', 'not-reproduced', 'reproduced'], measured: [1, 0.7, 1] },
  };
  assert.deepEqual(
    agreement(seeds, sets['quick']!).map(({ id, again, others }) => [id, again, others]),
    [
      ['weak-slow', 1, 2],
      ['strong-near-one', 1, 2],
    ],
  );
  assert.equal(distances(seeds, sets['quick']!, (name) => name.endsWith('b')).length, 4);
});

test('the noise of single exponents makes a distance from a rule larger, and is taken away from a measured one', () => {
  const part: Partial<Part> = { quantity: 'exponent-rule-distance', rule: 'within', expectation: { high: 0.25 } };
  const noisy = { ...scale, cellNoise: Array.from({ length: 20 }, () => 0.15) };
  assert.equal(ask(part, 0.22, 0, scale), 1);
  // The root of 0.22^2 + 0.15^2 is 0.266, beyond the bound.
  assert.ok(ask(part, 0.22, 0, noisy) < 0.35);
  assert.ok(ask(part, 0.1, 0, noisy) > 0.98);
  assert.ok(Math.abs(withoutNoise(Math.hypot(0.2, 0.15), noisy) - 0.2) < 1e-12);
  assert.equal(withoutNoise(0.1, noisy), 0);
  assert.equal(withoutNoise(0.3, scale), 0.3);
});

test('power falls with noise, and is that of a normal error: 0.2 from the bound', () => {
  assert.equal(ask({}, 1, 0), 1);
  assert.ok(Math.abs(ask({}, 1, 0.1) - 0.954) < 0.02);
  assert.ok(Math.abs(ask({}, 1.2, 0.1) - 0.5) < 0.04);
  assert.equal(ask({}, 1.6, 0.1), 0);
});

test('a share: cells that are inside, but for those that flip', () => {
  const share: Partial<Part> = { rule: 'share', expectation: { below: 1, share: 0.9 } };
  assert.equal(ask(share, 1, 0), 1);
  assert.equal(ask(share, 0.8, 0), 0);
  // At most 2 of 20 flip: 0.677 at a tenth.
  assert.ok(Math.abs(ask(share, 1, 0.1) - 0.677) < 0.04);
});

test('a set with too few cells or seeds passes nothing', () => {
  assert.equal(ask({ design: 400 }, 1, 0), 0);
  assert.equal(ask({ seeds: 3 }, 1, 0), 0);
});

test('values inside and outside of bounds', () => {
  for (const expectation of [{ low: 1, high: 2 }, { above: 0 }, { below: 0.001 }, { high: 3 }, { low: 0.95 }]) {
    const [inside, outside] = [insideOf(expectation), outsideOf(expectation)];
    const within = (value: number): boolean =>
      value >= (expectation.low ?? -Infinity) &&
      value <= (expectation.high ?? Infinity) &&
      value > (expectation.above ?? -Infinity) &&
      value < (expectation.below ?? Infinity);
    assert.deepEqual([within(inside), within(outside)], [true, false], JSON.stringify(expectation));
  }
});
