import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaledExpectation } from '../../../stages/report/multiverse/constants.ts';
import { worldsFigure } from '../../../stages/report/multiverse/figure.ts';
import { judgeWorlds } from '../../../stages/report/multiverse/judge-worlds.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { claims, idealSources } from './ideal-sweeps.ts';
import type { Mutation } from './ideal-sweeps.ts';

/** Of the small sweep alone, which has one seed a cell: 3 ranges, 2 readings, 3 constants. */
function judged(id: string, mutation?: Mutation) {
  const sources = idealSources(mutation);
  const small = sources.sweeps.filter(({ experiment }) => experiment === 'small');
  const found = judgeWorlds(
    claims.filter((claim) => claim.id === id),
    vocabulary,
    { ...sources, sweeps: small },
  );
  assert.equal(found.worlds, 18);
  return { verdicts: found.verdicts[id]!, movedBy: found.movedBy[id]! };
}
const all = { reproduced: 0, 'not-reproduced': 0, inconclusive: 0, 'not-run': 0 };

test('a claim that holds whatever is chosen has one verdict in all worlds', () => {
  assert.deepEqual(judged('strong-near-one'), { verdicts: { ...all, reproduced: 18 }, movedBy: [] });
});

test('each choice that was made otherwise moves what rests on it', () => {
  // Twice too steep by the scripts' losses alone.
  const scripts = judged('strong-near-one', ({ loss, gamma, m }) => ({ trainingLoss: gamma < 0 ? m ** -2 : loss }));
  assert.deepEqual(scripts, {
    verdicts: { ...all, reproduced: 9, 'not-reproduced': 9 },
    movedBy: ['the scripts’ readings'],
  });
  // A line bent by its last point.
  const bent: Mutation = ({ loss, gamma, m }) => {
    const other = gamma < 0 && m === 27 ? loss / 4 : loss;
    return { loss: other, trainingLoss: other };
  };
  assert.deepEqual(judged('strong-near-one', bent).movedBy, ['lines without the largest m']);
  // An exponent of 0.85: within 0.2 of 1, not within 0.1.
  const slow: Mutation = ({ alpha, gamma, m, loss }) => {
    const other = gamma < 0 && alpha! <= 1.375 ? m ** -0.85 : loss;
    return { loss: other, trainingLoss: other };
  };
  assert.deepEqual(judged('strong-near-one', slow), {
    verdicts: { ...all, reproduced: 12, 'not-reproduced': 6 },
    movedBy: ['constants × 0.5'],
  });
});

test('a line is without its own first point, where it starts after the smallest m', () => {
  const sources = idealSources(({ frequencies, gamma, m, loss }, experiment) => {
    const isBent = experiment === 'large' && frequencies === 'power-law' && gamma > 0 && m === 64;
    return isBent ? { loss: loss / 3, trainingLoss: loss / 3 } : { trainingLoss: loss };
  });
  const weak = claims.filter(({ id }) => id === 'large-r2').map((claim) => ({ ...claim, parts: [claim.parts[1]!] }));
  const large = sources.sweeps.filter(({ experiment }) => experiment === 'large');
  const found = judgeWorlds(weak, vocabulary, { ...sources, sweeps: large });
  // Of the weak power law the line starts at m = 64.
  assert.deepEqual(found.movedBy['large-r2'], ['lines without the smallest m']);
});

test('one seed at a time: a cell with several is judged by each of them', () => {
  const sources = idealSources();
  const found = judgeWorlds(
    claims.filter(({ id }) => id === 'insensitivity'),
    vocabulary,
    { ...sources, sweeps: sources.sweeps.filter(({ experiment }) => experiment === 'insensitivity') },
  );
  // The mean and five seeds; a single seed has no interval.
  assert.equal(found.worlds, 108);
  assert.equal(found.verdicts['insensitivity']!.inconclusive, 90);
});

test('constants: tolerances are scaled, bounds that say which is larger are not', () => {
  const near = (found: object, wanted: Record<string, number>) => {
    for (const [name, value] of Object.entries(wanted))
      assert.ok(
        Math.abs((found as Record<string, number>)[name]! - value) < 1e-9,
        `${name} of ${JSON.stringify(found)}`,
      );
  };
  near(scaledExpectation({ value: 1, uncertainty: 0.05 }, 2), { value: 1, uncertainty: 0.1 });
  near(scaledExpectation({ low: 0.8, high: 1.2, share: 0.9 }, 0.5), { low: 0.9, high: 1.1, share: 0.95 });
  near(scaledExpectation({ low: 0.5, high: 2 }, 2), { low: 0.25, high: 4 });
  near(scaledExpectation({ low: 0.95, share: 1 }, 2), { low: 0.9, share: 1 });
  near(scaledExpectation({ below: 1, share: 0.75 }, 2), { below: 1, share: 0.5 });
  near(scaledExpectation({ above: 0 }, 2), { above: 0 });
  near(scaledExpectation({ high: 0.25 }, 0.5), { high: 0.125 });
});

test('the figure has a bar for each claim that some world judges, as long as its share of the worlds', () => {
  const svg = worldsFigure([
    { id: 'half', worlds: { ...all, reproduced: 5, 'not-reproduced': 5 } },
    { id: 'never', worlds: { ...all, 'not-run': 10 } },
  ]);
  assert.equal(svg.match(/<title>/g)!.length, 2);
  assert.match(svg, /width="200" [^>]*fill="#2a7f62"><title>half: reproduced in 5 of 10 worlds/);
  assert.doesNotMatch(svg, /never|not run/);
  const some = worldsFigure([{ id: 'some', worlds: { ...all, reproduced: 5, 'not-run': 5 } }]);
  assert.match(some, /fill="white" stroke="#666"\/>\n<text [^>]*>not run<\/text>/);
});
