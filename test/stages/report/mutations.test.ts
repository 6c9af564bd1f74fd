/** Twelve ways to tamper with stored measurements: each ends in the verdict or the refusal that the protocol asks for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstError } from 'repro';
import { acknowledgementsOf, judgeClaims, judgeGate } from 'repro/claims';
import type { Claim, ClaimResult } from 'repro/claims';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import { checkIndependence, publishedSources } from '../../../stages/report/claims/published-sources.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { FittedSweep } from '../../../stages/toy/artifacts.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import type { ModelSummary } from '../../../stages/toy/model-summary.ts';
import { claims, idealSources } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as PublishedPointsContent;

type Change = (model: ModelSummary) => Partial<ModelSummary> | undefined;

/** The stored results with models of an experiment changed, or left out where there is no change, and fitted again. */
function tampered(experiment: string, change: Change): Sources {
  const sources = idealSources();
  const sweeps = sources.sweeps.map((sweep) => {
    if (sweep.experiment !== experiment) return sweep;
    const models = sweep.models.flatMap((model) => {
      const changed = change(model);
      return changed ? [{ ...model, ...changed }] : [];
    });
    return fitSweep(experiment, [], models);
  });
  return { ...sources, sweeps };
}

const judged = (id: string, sources: Sources): ClaimResult =>
  judgeClaims(
    claims.filter((claim) => claim.id === id),
    vocabulary,
    sources,
  )[0]!;
const partOf = (id: string, letter: string, sources: Sources) =>
  judged(id, sources).parts.find((part) => part.id === letter)!;

const strong =
  (change: Change): Change =>
  (model) =>
    model.gamma < 0 ? change(model) : {};
const weak =
  (change: Change): Change =>
  (model) =>
    model.gamma > 0 ? change(model) : {};

test('1: biases times ten and positive, and either alone', () => {
  for (const factor of [-10, 10, -1]) {
    const sources = tampered(
      'small',
      strong(({ strongBiasMedian: b }) => ({ strongBiasMedian: b === null ? null : factor * b })),
    );
    const part = partOf('small-negative-bias', 'a', sources);
    assert.equal(part.verdict, 'not-reproduced', `times ${factor}`);
    assert.equal(part.measured, 0);
  }
});

test('2: weak losses times 100', () => {
  const sources = tampered(
    'small',
    weak(({ loss }) => ({ loss: 100 * loss })),
  );
  assert.equal(partOf('unlearned-loss', 'a', sources).verdict, 'not-reproduced');
});

/** A finding of one part; the other holds. */
function withFinding(id: string, letter: string, low: number, high: number): Claim[] {
  const acknowledged = { ideal: { verdict: 'not-reproduced' as const, low, high, reason: 'Known.' } };
  return claims
    .filter((claim) => claim.id === id)
    .map((claim) => ({
      ...claim,
      parts: claim.parts.map((part, i) => (String.fromCharCode(97 + i) === letter ? { ...part, acknowledged } : part)),
    }));
}
const gate = (known: Claim[], sources: Sources) =>
  judgeGate(
    judgeClaims(known, vocabulary, sources),
    known.map(({ id }) => id),
    acknowledgementsOf(known, 'ideal'),
    false,
  );

test('3: the gap at 1 filled, within a claim whose other part is an acknowledged finding', () => {
  const known = withFinding('norms-split-at-one', 'b', 0, 0.5);
  const unranked: Change = strong(() => ({ strongRankTest: { z: 0, p: 0.5 } }));
  assert.equal(gate(known, tampered('small', unranked)).open, true);
  const filled: Change = strong(() => ({ strongRankTest: { z: 0, p: 0.5 }, normDensityAtOne: 9 }));
  assert.equal(judged('norms-split-at-one', tampered('small', filled)).verdict, 'not-reproduced', 'as it was');
  assert.equal(gate(known, tampered('small', filled)).open, false);
});

test('4: Eq. 4 equal to the loss under strong superposition, within such a claim', () => {
  const known = withFinding('unlearned-loss', 'a', 0.6, 0.8);
  const twice: Change = weak(({ loss }) => ({ unlearnedLoss: loss / 2 }));
  assert.equal(gate(known, tampered('small', twice)).open, true);
  const both: Change = (model) => ({ unlearnedLoss: model.gamma < 0 ? model.loss : model.loss / 2 });
  assert.equal(gate(known, tampered('small', both)).open, false);
  // The same part, contradicted by another value than the one that is known.
  for (const factor of [20, 1.5]) {
    const other: Change = weak(({ loss }) => ({ unlearnedLoss: loss / factor }));
    assert.equal(judged('unlearned-loss', tampered('small', other)).parts[0]!.verdict, 'not-reproduced', `${factor}`);
    assert.equal(gate(known, tampered('small', other)).open, false, `${factor}`);
  }
});

test('5: all cells but one removed', () => {
  for (const id of ['stronger-is-better', 'etf-count', 'overlap-variance', 'strong-overlap']) {
    const one = tampered('small', ({ alpha, m, gamma }) =>
      alpha === 1 && m === 27 && Math.abs(gamma) < 2 ? {} : undefined,
    );
    assert.notEqual(judged(id, one).verdict, 'reproduced', id);
    assert.equal(
      judged(id, one).parts.some(({ verdict }) => verdict === 'inconclusive' || verdict === 'not-run'),
      true,
      id,
    );
  }
});

test('6: one distribution removed', () => {
  const sources = tampered('large', ({ frequencies }) => (frequencies === 'linear' ? undefined : {}));
  const line = partOf('one-line', 'a', sources);
  assert.equal(line.verdict, 'inconclusive');
  assert.match(line.detail, /Too few cells/);
  assert.equal(partOf('large-r2', 'a', sources).verdict, 'inconclusive');
});

test('7: p values undefined, all or half of them', () => {
  const undefinedWhere = (isUndefined: (model: ModelSummary) => boolean) =>
    partOf(
      'norms-split-at-one',
      'b',
      tampered('small', (model) => (isUndefined(model) ? { strongRankTest: null } : {})),
    );
  assert.equal(undefinedWhere(() => true).verdict, 'inconclusive');
  const half = undefinedWhere(({ m }) => m < 18);
  assert.equal(half.verdict, 'inconclusive');
  assert.match(half.detail, /have a value, and 80% are needed/);
});

test('8: a loss that explodes at m = n', () => {
  const sources = tampered('breakdown', ({ m }) => (m === 256 ? { loss: 1e3 } : {}));
  assert.equal(partOf('breakdown', 'b', sources).verdict, 'not-reproduced');
});

test('9: half of the seeds removed', () => {
  const part = partOf(
    'insensitivity',
    'a',
    tampered('insensitivity', ({ replicate }) => (replicate < 2 ? {} : undefined)),
  );
  assert.equal(part.verdict, 'inconclusive');
  assert.match(part.detail, /Too few seeds/);
});

test('10: a number that is none is refused, in memory and in a file', () => {
  const sources = tampered('small', ({ alpha, m }) => (alpha === 1 && m === 10 ? { representedFraction: NaN } : {}));
  assert.throws(() => judged('decay-tunes-superposition', sources), /representedFraction is not a finite number/);
  assert.throws(() => tampered('small', ({ m }) => (m === 10 ? { loss: NaN } : {})), /log of NaN/);
  const [sweep] = idealSources().sweeps;
  const stored = JSON.parse(JSON.stringify({ ...sweep, models: [{ ...sweep!.models[0]!, loss: NaN }] })) as unknown;
  assert.match(firstError(FittedSweep.schema!, stored)!, /models\[0\]\.loss/);
});

test('11: overlaps below the Welch bound are refused', () => {
  const sources = tampered(
    'small',
    strong(({ strongOverlap: o }) => ({ strongOverlap: o && { ...o, meanSquare: 0.5 * o.welchBoundSquared } })),
  );
  assert.throws(() => judged('strong-overlap', sources), /below Welch's bound/);
});

test('12: the authors’ points in place of ours are refused', () => {
  const published = publishedSources(points);
  assert.throws(
    () => checkIndependence(published.sweeps, points),
    /small: 15 of \d+ losses are the authors' published points/,
  );
  checkIndependence(idealSources().sweeps, points);
  // A loss that happens to agree is no copy.
  const [row] = points.series.largeLosses.rows;
  const close = tampered('large', ({ frequencies, m, gamma }) =>
    frequencies === row!.frequencies && m === row!.m && gamma > 0 ? { loss: row!.loss } : {},
  );
  checkIndependence(close.sweeps, points);
});
